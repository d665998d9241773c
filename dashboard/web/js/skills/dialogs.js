// What changes something: each asks first, and shows the service's own words when it refuses.

import { useEffect, useRef, useState } from 'preact/hooks';
import { html } from '../html.js';
import { SandboxTests } from './tests.js';
import { named } from './words.js';

function Dialog({ title, onClose, wide, children }) {
  const box = useRef(null);
  useEffect(() => {
    box.current.showModal();
  }, []);
  return html`
    <dialog ref=${box} class=${wide ? 'wide' : ''} aria-label=${title} onClose=${onClose} onClick=${(e) => e.target === box.current && box.current.close()}>
      <div class="inside">
        <header><h2>${title}</h2><button type="button" class="icon" aria-label="Close" onClick=${() => box.current.close()}><svg viewBox="0 0 16 16"><path d="M4 4l8 8M12 4l-8 8" class="line" /></svg></button></header>
        ${children}
      </div>
    </dialog>`;
}

/** A refusal with everything the service said. */
export function Refusal({ error, nodes }) {
  const report = error.evidence?.report;
  return html`
    <div class="refusal" role="alert">
      <p><b>Refused</b> <code>${error.code}</code></p>
      <p>${error.message}</p>
      ${error.remedy && html`<p class="dim">${error.remedy}</p>`}
      ${error.findings?.length > 0 && html`<ul class="findings">${error.findings.map((f) => html`
        <li class=${f.severity}><code>${f.pointer || '/'}</code> <b>${f.reason}</b><span class="dim">${f.remedy}</span></li>`)}</ul>`}
      ${report && html`<${SandboxTests} report=${report} nodes=${nodes} />`}
    </div>`;
}

/** Run `work` with its errors kept: [busy, error, run]. */
export function useWork() {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState(null);
  const run = async (work) => {
    setBusy(true);
    setError(null);
    try {
      await work();
      return true;
    } catch (refusal) {
      setError(refusal);
      return false;
    } finally {
      setBusy(false);
    }
  };
  return [busy, error, run];
}

const ASK = {
  promote: ['Promote', 'The bot may choose it from now on. The gate lets it pass only if its evidence is enough.'],
  retire: ['Retire', 'Its life ends: it is not chosen any more. Its record and history stay.'],
  revoke: ['Revoke', 'It is forbidden for good, and may not run again.'],
};

export function MoveDialog({ store, id, act, view, onClose }) {
  const [verb, meaning] = ASK[act];
  const { name, version } = named(id);
  const [reason, setReason] = useState('');
  const [busy, error, run] = useWork();
  const needed = act !== 'promote';
  const send = async (event) => {
    event.preventDefault();
    const done = await run(() => store.ask('POST', `/capabilities/${encodeURIComponent(id)}/${act}`, needed ? { reason: reason.trim() } : undefined));
    if (!done) return;
    await store.load();
    onClose();
  };
  return html`
    <${Dialog} title="${verb} ${name} ${version}?" onClose=${onClose}>
      <form onSubmit=${send}>
        <p>${meaning}</p>
        ${act === 'promote' && html`<p class="gate">The gate says now: <b>${view.verdict}</b> <span class="dim">${view.gate}: ${view.figure}</span></p>`}
        ${needed && html`<label>Why<textarea required minlength="1" maxlength="500" rows="2" value=${reason} placeholder="It stays in the history with your name" onInput=${(e) => setReason(e.currentTarget.value)}></textarea></label>`}
        ${error && html`<${Refusal} error=${error} />`}
        <footer><button type="submit" class=${act === 'promote' ? 'primary' : 'danger'} disabled=${busy || (needed && !reason.trim())}>${busy ? 'Asking …' : verb}</button></footer>
      </form>
    <//>`;
}

export function RegisterDialog({ store, onClose }) {
  const [text, setText] = useState('');
  const [busy, error, run] = useWork();
  const [taken, setTaken] = useState(null);
  const [problem, setProblem] = useState(null);
  const read = async (file) => file && setText(await file.text());
  const send = async (event) => {
    event.preventDefault();
    setTaken(null);
    setProblem(null);
    try {
      JSON.parse(text);
    } catch (wrong) {
      setProblem(`This is no JSON: ${wrong.message}`);
      return;
    }
    await run(async () => {
      const answer = await store.ask('POST', '/capabilities/option/register', text);
      setTaken(answer);
      location.hash = encodeURIComponent(answer.id);
      await store.load();
    });
    if (!taken) store.load(); // a refusal leaves an entry, too
  };
  return html`
    <${Dialog} title="Register an option" wide onClose=${onClose}>
      <form onSubmit=${send}>
        <p class="dim">A document as JSON. It is checked, compiled and tried in the sandbox; if every test holds it begins in shadow.</p>
        <div class="drop" onDragOver=${(e) => e.preventDefault()} onDrop=${(e) => { e.preventDefault(); read(e.dataTransfer.files[0]); }}>
          <textarea class="code" rows="11" spellcheck="false" aria-label="The option's document" placeholder='{"id": "opt.…", "version": "1.0.0", "tree": …}   Paste it, drop a file here, or choose one.' value=${text} onInput=${(e) => setText(e.currentTarget.value)}></textarea>
        </div>
        ${problem && html`<p class="bad" role="alert">${problem}</p>`}
        ${error && html`<${Refusal} error=${error} />`}
        ${taken && html`<div class="taken" role="status"><p><b>Registered</b> ${taken.id} in ${taken.seconds.toFixed(2)} s. It is in shadow now.</p>
          ${taken.notes?.length > 0 && html`<ul class="findings">${taken.notes.map((f) => html`<li class="note"><code>${f.pointer || '/'}</code> <b>${f.reason}</b><span class="dim">${f.remedy}</span></li>`)}</ul>`}</div>`}
        <footer>
          <label class="file">Choose a file<input type="file" accept=".json,application/json" onChange=${(e) => read(e.currentTarget.files[0])} /></label>
          <button type="submit" class="primary" disabled=${busy || !text.trim()}>${busy ? 'Trying it in the sandbox …' : 'Register'}</button>
        </footer>
      </form>
    <//>`;
}

export function SandboxDialog({ store, id, nodes, spec, onPlay, onClose }) {
  const [busy, error, run] = useWork();
  const [report, setReport] = useState(null);
  useEffect(() => {
    run(async () => setReport(await store.ask('POST', `/capabilities/${encodeURIComponent(id)}/sandbox`)));
  }, []);
  const { name, version } = named(id);
  return html`
    <${Dialog} title="${name} ${version} in the sandbox" wide onClose=${onClose}>
      ${busy && html`<p class="loading" role="status">Running its tests in the simulated world …</p>`}
      ${error && html`<${Refusal} error=${error} />`}
      ${report && html`<${SandboxTests} report=${report} nodes=${nodes} spec=${spec} onPlay=${onPlay && ((test) => { onPlay(test); onClose(); })} />`}
    <//>`;
}

export function TokenDialog({ store, onClose }) {
  const [token, setToken] = useState(store.token);
  const [told, setTold] = useState(null);
  const send = async (event) => {
    event.preventDefault();
    await store.setToken(token.trim());
    if (store.me?.name === 'anybody' && token.trim()) setTold('This service knows no such token.');
    else onClose();
  };
  return html`
    <${Dialog} title="Who you are to the bot" onClose=${onClose}>
      <form onSubmit=${send}>
        <p>You are <b>${store.me?.name ?? '…'}</b>, ${store.me ? `${/^[aeiou]/.test(store.me.role) ? 'an' : 'a'} ${store.me.role}` : ''}. ${store.me && html`<span class="dim">You may ${store.me.rights.join(', ')}.</span>`}</p>
        <label>Token<input type="password" autocomplete="off" value=${token} placeholder="From tokens.toml of the data directory" onInput=${(e) => setToken(e.currentTarget.value)} /></label>
        <p class="dim">It is kept in this tab until you close it. Leave it empty to be who this machine makes you.</p>
        ${told && html`<p class="bad" role="alert">${told}</p>`}
        <footer><button type="submit" class="primary">Use it</button></footer>
      </form>
    <//>`;
}
