// A leaf that somebody proposes: its source as text, what a look at its syntax shows, and a signer's answer.

import { useState } from 'preact/hooks';
import { html } from '../html.js';
import { Refusal, useWork } from './dialogs.js';
import { ago, moment, who } from './words.js';

export function Review({ store, proposal }) {
  const { spec, files, checks, status } = proposal;
  const id = `${spec.name}@${spec.version}`;
  const toLine = (file, line) => document.getElementById(`${file}:${line}`)?.scrollIntoView({ block: 'center' });
  return html`
    <article>
      <header class="title"><div>
        <h1>${spec.name.replaceAll('_', ' ')} <span class="version">${spec.version}</span> <span class="status ${status}">${status === 'pending' ? 'to be read' : status}</span></h1>
        <p>${spec.description}</p>
        <p class="dim">Tier 2, a leaf proposed by ${who(proposal.proposedBy)} <time title=${moment(proposal.proposedAt)}>${ago(proposal.proposedAt)}</time>. It is text: nothing of it has run, and nothing will before a human has signed exactly this.</p>
        ${proposal.decidedBy && html`<p>${status} by ${who(proposal.decidedBy)}${proposal.reason ? `: ${proposal.reason}` : ''}.</p>`}
      </div></header>
      <section class="block">
        <h2>To look at <span class="dim">what its syntax tree shows; it decides nothing</span></h2>
        ${checks.length === 0 ? html`<p class="dim">Nothing stands out.</p>` : html`<ul class="checks">${checks.map((one) => html`<li><button onClick=${() => toLine(one.file, one.line)}><code>${one.file}:${one.line}</code> ${one.what}</button></li>`)}</ul>`}
        <dl class="facts contract">
          <div><dt>may</dt><dd>${spec.permissions.map((one) => html`<code>${one}</code> `)}</dd></div>
          <div><dt>at the longest</dt><dd>${spec.timeoutMs} ms, ${spec.retries} ${spec.retries === 1 ? 'retry' : 'retries'}</dd></div>
          <div><dt>takes</dt><dd><code>${JSON.stringify(spec.inputSchema)}</code></dd></div>
        </dl>
      </section>
      ${Object.entries(files).map(([name, text]) => html`<${Source} key=${name} name=${name} text=${text} checks=${checks.filter((one) => one.file === name)} />`)}
      ${status === 'pending' && html`<${Answer} store=${store} id=${id} proposal=${proposal} />`}
    </article>`;
}

function Source({ name, text, checks }) {
  const marked = new Map();
  for (const one of checks) marked.set(one.line, [...(marked.get(one.line) ?? []), one.what]);
  return html`
    <section class="block">
      <h2><code>${name}</code></h2>
      <div class="code" role="region" aria-label=${`Source of ${name}`} tabindex="0"><table>${text.replace(/\n$/, '').split('\n').map((line, i) => html`
        <tr id=${`${name}:${i + 1}`} class=${marked.has(i + 1) ? 'marked' : ''} title=${marked.get(i + 1)?.join('; ')}><td>${i + 1}</td><td>${line || ' '}</td></tr>`)}</table></div>
    </section>`;
}

function Answer({ store, id, proposal }) {
  const [envelope, setEnvelope] = useState('');
  const [reason, setReason] = useState('');
  const [busy, error, run] = useWork();
  if (!store.may('register leaf')) return html`<section class="block"><h2>The answer</h2><p class="dim">Only a signer may answer. You are ${store.me?.name ?? 'nobody yet'} (${store.me?.role ?? ''}); use a signer’s token for it.</p></section>`;
  const at = `/capabilities/leaf/${encodeURIComponent(id)}`;
  const accept = (event) => {
    event.preventDefault();
    run(async () => {
      let signed;
      try {
        signed = JSON.parse(envelope);
      } catch (wrong) {
        throw Object.assign(new Error(`The envelope is no JSON: ${wrong.message}`), { code: 'page', remedy: 'Paste what the command printed.' });
      }
      await store.ask('POST', `${at}/accept`, { envelope: signed });
      await store.load();
    });
  };
  const reject = (event) => {
    event.preventDefault();
    run(async () => {
      await store.ask('POST', `${at}/reject`, { reason: reason.trim() });
      await store.load();
    });
  };
  const save = (name, text) => {
    const link = Object.assign(document.createElement('a'), { href: URL.createObjectURL(new Blob([text])), download: name });
    link.click();
    URL.revokeObjectURL(link.href);
  };
  return html`
    <section class="block answer">
      <h2>Your answer</h2>
      <div class="pair">
        <form onSubmit=${accept}>
          <h3>Sign it</h3>
          <p>Save the contract and the files, read them, and sign them with your key. The key never comes near this page.</p>
          <p class="buttons"><button type="button" class="small" onClick=${() => save(`${proposal.spec.name}.json`, JSON.stringify(proposal.spec, null, 2))}>Save the contract</button>
            ${Object.entries(proposal.files).map(([name, text]) => html`<button type="button" class="small" onClick=${() => save(name, text)}>Save ${name}</button>`)}</p>
          <pre>conscious-bot capabilities sign ${proposal.spec.name}.json FOLDER --key YOUR_KEY</pre>
          <label>The envelope it printed<textarea class="code" rows="4" spellcheck="false" value=${envelope} onInput=${(e) => setEnvelope(e.currentTarget.value)}></textarea></label>
          <footer><button class="primary" disabled=${busy || !envelope.trim()}>Accept</button></footer>
        </form>
        <form onSubmit=${reject}>
          <h3>Turn it down</h3>
          <label>Why<textarea rows="3" maxlength="500" value=${reason} placeholder="Its author will read this" onInput=${(e) => setReason(e.currentTarget.value)}></textarea></label>
          <footer><button class="danger" disabled=${busy || !reason.trim()}>Reject</button></footer>
        </form>
      </div>
      ${error && html`<${Refusal} error=${error} />`}
    </section>`;
}
