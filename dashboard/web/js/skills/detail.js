// One capability: what it is, how it does, its tree with a run, its life, and the evidence.

import { useMemo, useState } from 'preact/hooks';
import { html } from '../html.js';
import { MoveDialog, SandboxDialog } from './dialogs.js';
import { Interval } from './page.js';
import { Player } from './player.js';
import { Conditions, Mark, SandboxTests } from './tests.js';
import { KINDS } from './tree.js';
import { ACTS, ago, lasting, moment, named, STEPS, TIERS, who } from './words.js';

const VERB = { promote: 'Promote', retire: 'Retire', revoke: 'Revoke' };

export function Detail({ store }) {
  const { detail, chosen } = store;
  if (!chosen) return store.list === null ? html`<p class="loading" role="status">Reading the registry …</p>` : html`<div class="empty"><h2>Nothing is chosen</h2><p>As soon as a skill is registered it is shown here: its tree, its runs, and its life so far.</p></div>`;
  if (!detail || detail.id !== chosen) return html`<p class="loading" role="status">Reading ${chosen} …</p>`;
  if (detail.error) return html`<div class="empty" role="alert"><h2>${chosen} cannot be shown</h2><p>${detail.error.message}</p><p class="dim">${detail.error.remedy ?? ''} <code>${detail.error.code}</code></p></div>`;
  return html`<${Shown} store=${store} detail=${detail} />`;
}

function Shown({ store, detail }) {
  const [dialog, open] = useState(null);
  const [extra, setExtra] = useState(null); // a test that was played from a fresh sandbox run
  const { id, view, health, runs, tree } = detail;
  const { record } = view;
  const { name, version } = named(id);
  const sources = useMemo(() => playable(detail, extra), [detail, extra]);
  const [picked, pick] = useState(null);
  const source = sources.find((one) => one.key === picked) ?? sources[0];
  const play = (test) => {
    setExtra(test);
    pick('again');
    document.querySelector('.player')?.scrollIntoView({ block: 'center' });
  };
  const registered = view.history[0]?.evidence?.sandbox;
  const steps = store.may('change status') ? STEPS[record.status] : [];
  const tested = record.spec?.tests?.length > 0;
  return html`
    <article>
      <header class="title">
        <div>
          <h1>${name} <span class="version">${version}</span> <span class="status ${record.status}">${record.status}</span></h1>
          ${record.spec?.description && html`<p>${record.spec.description}</p>`}
          <p class="dim">Tier ${record.tier}, ${record.kind === 'leaf' ? 'a leaf' : TIERS[record.tier]} written by ${record.provenance.authoredBy === 'llm' ? 'a model' : 'a human'}${record.provenance.parent ? html`, from <a href="#${encodeURIComponent(record.provenance.parent)}">${record.provenance.parent}</a>` : ''}. Registered by ${who(record.provenance.registeredBy)} <time title=${moment(record.provenance.createdAt)}>${ago(record.provenance.createdAt)}</time>.</p>
        </div>
        <div class="actions">
          ${tested && store.may('register option') && html`<button onClick=${() => open('sandbox')}>Sandbox again</button>`}
          ${steps.map((act) => html`<button key=${act} class=${act === 'promote' ? 'primary' : 'danger'} onClick=${() => open(act)}>${VERB[act]}</button>`)}
          ${!store.may('change status') && STEPS[record.status].length > 0 && html`<span class="dim note">${store.me ? `A ${store.me.role} may not change its status.` : ''}</span>`}
        </div>
      </header>

      <dl class="figures">
        <div class="rate"><dt>Win-rate</dt><dd><${Interval} of=${health} large /></dd><dd class="dim">${health.runs ? `${health.wins} of ${health.runs} runs from ${health.distinctStarts} starts` : 'It has not run in shadow or live.'}</dd></div>
        <div><dt>Duration</dt><dd>${lasting(health.meanS)}</dd><dd class="dim">95 % within ${lasting(health.p95S)}</dd></div>
        <div><dt>Live, last day</dt><dd>${health.reused24H}</dd><dd class="dim">${health.contributionPoints === undefined ? 'no task to compare yet' : `${health.contributionPoints >= 0 ? '+' : ''}${health.contributionPoints.toFixed(1)} points of success`}</dd></div>
        <div><dt>Unsafe acts</dt><dd class=${health.violations ? 'bad' : ''}>${health.violations}</dd><dd class="dim">one retires it</dd></div>
        ${record.kind === 'leaf' ? html`<div class="gate"><dt>Vouched for</dt><dd class="good">signed</dd><dd class="dim">by the key ${record.provenance.signedBy}, verified at each load</dd></div>` : html`<div class="gate"><dt>The gate says</dt><dd class=${{ promote: 'good', retire: 'bad' }[view.verdict] ?? ''}>${view.verdict}</dd><dd class="dim">${view.gate === 'runs' && health.runs > 0 ? 'no runs since its last change of status' : `${view.gate}: ${view.figure}`}</dd></div>`}
      </dl>

      ${tree && html`
        <section class="block">
          <div class="head2">
            <h2>Behaviour tree</h2>
            ${sources.length > 0 && html`<label class="source"><span class="dim">playing</span><select value=${source.key} onChange=${(e) => pick(e.currentTarget.value)}>${sources.map((one) => html`<option key=${one.key} value=${one.key}>${one.label}</option>`)}</select></label>`}
          </div>
          <${Player} nodes=${tree} ticks=${source?.ticks ?? NONE} label=${source?.label ?? ''} />
          <${Legend} nodes=${tree} />
          ${source && html`<div class="outcome ${source.ok ? 'good' : 'bad'}">
            <p><${Mark} ok=${source.ok} /> <b>${source.ok ? 'It succeeded' : 'It failed'}</b> <span class="dim">${source.told}</span></p>
            ${source.error && html`<p class="why">${source.error.detail ?? ''} <code>${source.error.code}</code></p>`}
            <${Conditions} pre=${source.pre} post=${source.post} />
          </div>`}
        </section>`}

      <div class="pair">
        <section class="block"><h2>Life so far</h2><${History} history=${view.history} /></section>
        <section class="block"><h2>Runs</h2><${Runs} runs=${runs} failures=${health.lastFailures ?? []} /></section>
      </div>

      ${registered && html`<section class="block"><h2>Sandbox, at its registration</h2><${SandboxTests} report=${registered} spec=${record.spec} onPlay=${tree && ((test) => { pick(`test ${test.name}`); document.querySelector('.player')?.scrollIntoView({ block: 'center' }); })} /></section>`}

      <section class="block"><h2>Contract</h2><${Contract} record=${record} /></section>
      ${dialog === 'sandbox' && html`<${SandboxDialog} store=${store} id=${id} nodes=${tree} spec=${record.spec} onPlay=${play} onClose=${() => open(null)} />`}
      ${dialog && dialog !== 'sandbox' && html`<${MoveDialog} store=${store} id=${id} act=${dialog} view=${view} onClose=${() => open(null)} />`}
    </article>`;
}

const NONE = [];

/** Every recorded run that can be played, the latest first. */
function playable({ reports, view }, extra) {
  const found = reports.filter((one) => one.ticks.length > 0).map((one, i) => ({
    key: `report ${one.run.ok} ${one.run.at}`, ok: one.run.ok, error: one.run.error, pre: one.pre, post: one.post, ticks: one.ticks,
    label: `${i === 0 ? 'the last run' : one.run.ok ? 'the last success' : 'the last failure'}, ${one.run.mode}: ${one.run.start}`,
    told: `in ${one.run.mode === 'live' ? 'the world' : one.run.mode} from “${one.run.start}”, ${lasting(one.run.seconds)}, ${ago(one.run.at)}${one.run.violation ? `; ${one.run.violation}` : ''}`,
  }));
  const test = (one, key, where) => ({ key, ok: one.passed, error: one.error, pre: one.pre, post: one.post, ticks: one.ticks, label: `${where}: ${one.name}`, told: `${where}, “${one.name}”, ${lasting(one.seconds)}` });
  if (extra) found.unshift(test(extra, 'again', 'sandbox again'));
  for (const one of view.history[0]?.evidence?.sandbox?.tests ?? []) if (one.ticks?.length > 0) found.push(test(one, `test ${one.name}`, 'sandbox'));
  return found;
}

function Legend({ nodes }) {
  const kinds = [...new Set(nodes.map((node) => node.kind))];
  return html`<p class="legend" aria-hidden="true">${['running', 'success', 'failure', 'halting'].map((s) => html`<span key=${s} class="swatch ${s}"><i></i>${s}</span>`)}<span class="sep"></span>${kinds.filter((k) => k !== 'leaf').map((k) => html`<span key=${k} class="kindof ${k}" title=${KINDS[k]}><i></i>${KINDS[k].split(/[:,]/)[0].toLowerCase()}</span>`)}</p>`;
}

function History({ history }) {
  return html`
    <ol class="history">${[...history].reverse().map((one) => {
      const { runs, afterMs, gate } = one.evidence ?? {};
      return html`
        <li class=${one.after}>
          <p><b>${ACTS[one.act]}</b> ${one.before ? html`<span class="status ${one.before}">${one.before}</span> →` : ''} <span class="status ${one.after}">${one.after}</span></p>
          ${one.act !== 'register' && html`<p>${one.reason}</p>`}
          <p class="dim">by ${who(one.by)}, <time title=${moment(one.at)}>${ago(one.at)}</time>${gate && runs !== undefined ? `, on ${runs} runs` : ''}${afterMs !== undefined ? `, ${lasting(afterMs / 1000)} after the run that decided it` : ''}</p>
        </li>`;
    })}</ol>`;
}

function Runs({ runs, failures }) {
  if (runs.length === 0) return html`<p class="dim">None yet. In shadow it runs in forks of a world; nothing hangs on those runs but its future.</p>`;
  const paired = runs.filter((run) => run.incumbent);
  const beside = paired[0]?.incumbent;
  return html`
    <div class="runs" role="img" aria-label="${runs.filter((r) => r.ok).length} of the last ${runs.length} runs succeeded">
      ${[...runs].reverse().map((run, i) => html`<i key=${i} class="${run.ok ? 'good' : 'bad'} ${run.mode}" title=${`${run.mode}, ${run.start}: ${run.ok ? 'succeeded' : `${run.error?.detail ?? 'failed'} (${run.error?.code ?? 'no code'})`}, ${lasting(run.seconds)}${run.incumbent ? `\nbeside it ${run.incumbent} ${run.incumbentOk ? 'succeeded' : 'failed'}` : ''}`}></i>`)}
    </div>
    <p class="dim">From the first on the left to the latest. ${beside ? `In ${paired.length} pairs with ${beside}: both succeeded ${paired.filter((r) => r.ok && r.incumbentOk).length} times, only it ${paired.filter((r) => r.ok && !r.incumbentOk).length}, only the other ${paired.filter((r) => !r.ok && r.incumbentOk).length}; its metric was better in ${paired.filter((r) => r.better > 0).length}, worse in ${paired.filter((r) => r.better < 0).length}.` : ''}</p>
    ${failures.length > 0 && html`<h3>Why it failed of late</h3><ul class="failures">${grouped(failures).map(([text, code, n]) => html`<li><span>${text}</span> <code>${code}</code>${n > 1 && html` <b>×${n}</b>`}</li>`)}</ul>`}`;
}

function grouped(failures) {
  const found = new Map();
  for (const { code, detail } of failures) {
    const key = `${code}\n${detail ?? ''}`;
    found.set(key, [detail ?? '', code, (found.get(key)?.[2] ?? 0) + 1]);
  }
  return [...found.values()];
}

function Contract({ record }) {
  const { spec, bounds, uses } = record;
  const list = (items) => (items?.length ? items.map((one) => html`<code>${one}</code> `) : html`<span class="dim">nothing</span>`);
  return html`
    <dl class="facts contract">
      <div><dt>may</dt><dd>${list(bounds.permissions ?? spec?.permissions)}</dd></div>
      ${spec?.pre && html`<div><dt>before</dt><dd>${list(spec.pre)}</dd></div>`}
      ${spec?.post && html`<div><dt>afterwards</dt><dd>${list(spec.post)}</dd></div>`}
      ${uses.length > 0 && html`<div><dt>uses</dt><dd>${list(uses)}</dd></div>`}
      ${bounds.wholeS !== undefined && html`<div><dt>at the longest</dt><dd>${lasting(bounds.wholeS)}</dd></div>`}
      ${record.provenance.signedBy && html`<div><dt>signed by key</dt><dd><code>${record.provenance.signedBy}</code></dd></div>`}
      <div><dt>document’s hash</dt><dd><code class="hash">${record.documentHash}</code></dd></div>
      ${record.treeHash && html`<div><dt>tree’s hash</dt><dd><code class="hash">${record.treeHash}</code></dd></div>`}
    </dl>
    ${spec ? html`<details class="source"><summary>The document as it was registered</summary><pre tabindex="0">${JSON.stringify(spec, null, 2)}</pre></details>` : html`<p class="dim">Its document was given up with age; record, hashes and history stay.</p>`}`;
}
