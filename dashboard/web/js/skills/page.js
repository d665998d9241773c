// The registry's page: what the bot can do, how far each skill is believed, and why.

import { useEffect, useRef, useState } from 'preact/hooks';
import { html } from '../html.js';
import { Detail } from './detail.js';
import { RegisterDialog, TokenDialog } from './dialogs.js';
import { Review } from './review.js';
import { ago, named, percent, TIERS, who } from './words.js';

const FILTERS = { all: 'All', active: 'Active', shadow: 'In shadow', ended: 'Ended' };
const ORDER = ['active', 'shadow', 'retired', 'revoked'];

export function Page({ store }) {
  const [, redraw] = useState(0);
  useEffect(() => store.subscribe(() => redraw((n) => n + 1)), [store]);
  const [dialog, open] = useState(null);
  const close = () => open(null);
  const detail = useRef(null);
  useEffect(() => {
    detail.current.scrollTop = 0;
    // Where both stand one below the other, what was chosen comes into sight.
    if (store.picked && matchMedia('(max-width: 820px)').matches) detail.current.scrollIntoView();
  }, [store.chosen, store.detail?.id]);
  const leaf = store.chosen?.startsWith('leaf:') ? store.proposals?.find((one) => `leaf:${one.spec.name}@${one.spec.version}` === store.chosen) : null;
  return html`
    <div class="skills">
      <${Top} store=${store} onToken=${() => open('token')} onRegister=${() => open('register')} />
      ${store.link === 'lost' && html`<p class="banner" role="alert">The page has lost the bot. It connects again by itself as soon as the bot runs.</p>`}
      ${store.error && store.link !== 'lost' && html`<p class="banner" role="alert">${store.error.message} ${store.error.remedy ?? ''}</p>`}
      <main class="columns">
        <${List} store=${store} />
        <section class="detail" ref=${detail} aria-label="The chosen skill">
          ${leaf ? html`<${Review} key=${store.chosen} store=${store} proposal=${leaf} />` : html`<${Detail} key=${store.chosen ?? ''} store=${store} />`}
        </section>
      </main>
      <div class="news" role="status" aria-live="polite">${store.news.map((one) => html`<a key=${one.key} class="card ${one.tone}" href="#${encodeURIComponent(one.id)}">${one.text}</a>`)}</div>
      ${dialog === 'token' && html`<${TokenDialog} store=${store} onClose=${close} />`}
      ${dialog === 'register' && html`<${RegisterDialog} store=${store} onClose=${close} />`}
    </div>`;
}

function Top({ store, onToken, onRegister }) {
  const state = { live: ['good', 'live'], lost: ['bad', 'disconnected'], connecting: ['warn', 'connecting'] }[store.link];
  return html`
    <header class="top">
      <nav aria-label="Pages"><a href="./">Bot</a><a href="skills.html" aria-current="page">Skills</a></nav>
      <span class="pill ${state[0]}" data-link=${store.link}><i></i>${state[1]}</span>
      <span class="space"></span>
      ${store.me && html`<button class="me" onClick=${onToken} title="Who you are to the bot; use a token for another role"><b>${store.me.name}</b> <span class="dim">${store.me.role}</span></button>`}
      ${store.may('register option') && html`<button class="primary" onClick=${onRegister}>Register<span class="long"> an option</span></button>`}
    </header>`;
}

function List({ store }) {
  const [filter, setFilter] = useState('all');
  const [text, setText] = useState('');
  const { list, proposals, refusals } = store;
  if (list === null) return html`<section class="list" aria-label="Skills"><p class="loading" role="status">${store.error ? 'The registry could not be read.' : 'Reading the registry …'}</p></section>`;
  const waiting = proposals.filter((one) => one.status === 'pending');
  const ended = (one) => ['retired', 'revoked'].includes(one.status);
  const fits = (one) => (filter === 'all' || (filter === 'ended' ? ended(one) : one.status === filter)) && one.id.replaceAll('_', ' ').includes(text.trim().toLowerCase().replaceAll('_', ' '));
  const shown = list.filter(fits).sort((a, b) => ORDER.indexOf(a.status) - ORDER.indexOf(b.status) || (a.id < b.id ? -1 : 1));
  const count = (key) => list.filter((one) => key === 'all' || (key === 'ended' ? ended(one) : one.status === key)).length;
  return html`
    <section class="list" aria-label="Skills">
      <div class="tools">
        <div class="segments" role="group" aria-label="Which skills">${Object.entries(FILTERS).map(([key, word]) => html`<button key=${key} aria-pressed=${filter === key} onClick=${() => setFilter(key)}>${word} <span>${count(key)}</span></button>`)}</div>
        ${list.length > 8 && html`<input type="search" aria-label="Search by name" placeholder="Search" value=${text} onInput=${(e) => setText(e.currentTarget.value)} />`}
      </div>
      ${list.length === 0 && proposals.length === 0 && html`<div class="empty"><h2>No skills yet</h2><p>The registry is empty. Take up those that are shipped with <code>conscious-bot capabilities register-shipped</code>, or register a document of your own here.</p></div>`}
      ${list.length > 0 && html`
        <table class="skillsTable">
          <thead><tr><th>Skill</th><th>Status</th><th title="Share of runs that succeeded, with its 95 % interval. The line marks the 70 % below which nothing is promoted.">Win-rate</th><th class="num">Runs</th></tr></thead>
          <tbody>${shown.map((one) => html`<${Row} key=${one.id} one=${one} chosen=${store.chosen === one.id} />`)}</tbody>
        </table>`}
      ${list.length > 0 && shown.length === 0 && html`<p class="dim quiet">None of the ${list.length} skills is like this.</p>`}
      ${proposals.length > 0 && html`
        <h2>Leaves for review <span class="dim">${waiting.length === 0 ? 'none waits' : waiting.length === 1 ? 'one waits to be read' : `${waiting.length} wait to be read`}</span></h2>
        <ul class="queue">${proposals.map((one) => html`<${Waiting} key=${one.spec.name + one.spec.version} one=${one} chosen=${store.chosen} />`)}</ul>`}
      ${refusals?.length > 0 && html`
        <h2>Refused of late</h2>
        <ul class="refused">${refusals.slice(0, 12).map((one) => html`
          <li><p><b>${one.subject}</b> <code>${one.error.code}</code> <span class="dim" title=${one.at}>${ago(one.at)}</span></p><p class="dim" title=${one.error.detail}>${one.act} by ${who(one.by)}: ${one.error.detail ?? ''}</p></li>`)}</ul>`}
    </section>`;
}

function Row({ one, chosen }) {
  const { name, version } = named(one.id);
  return html`
    <tr class=${chosen ? 'chosen' : ''} onClick=${() => { location.hash = encodeURIComponent(one.id); }}>
      <td><a href="#${encodeURIComponent(one.id)}" aria-current=${chosen ? 'true' : undefined}>${name}</a>
        <div class="sub" title=${`tier ${one.tier}: ${TIERS[one.tier]}`}>${version} · tier ${one.tier} · by a ${one.authoredBy === 'llm' ? 'model' : 'human'}</div></td>
      <td><span class="status ${one.status}">${one.status}</span></td>
      <td><${Interval} of=${one} /></td>
      <td class="num">${one.runs || '–'}${one.violations > 0 && html`<div class="sub bad">${one.violations} unsafe</div>`}</td>
    </tr>`;
}

/** A win-rate with its interval, on a scale from 0 to 100 %. */
export function Interval({ of, large }) {
  if (of.winRate === undefined) return html`<span class="dim">no runs yet</span>`;
  const text = `${percent(of.winRate)}, 95 % interval ${percent(of.winRateLow)} to ${percent(of.winRateHigh)}`;
  const tone = of.winRateLow >= 0.7 ? 'good' : of.winRateHigh < 0.7 ? 'bad' : 'warn';
  return html`
    <span class="interval ${tone} ${large ? 'large' : ''}" role="img" aria-label=${text} title=${text}>
      <b>${percent(of.winRate)}</b>
      <span class="scale"><i class="band" style=${{ left: `${of.winRateLow * 100}%`, width: `${(of.winRateHigh - of.winRateLow) * 100}%` }}></i><i class="floor"></i><i class="point" style=${{ left: `${of.winRate * 100}%` }}></i></span>
    </span>`;
}

function Waiting({ one, chosen }) {
  const id = `leaf:${one.spec.name}@${one.spec.version}`;
  return html`
    <li class=${chosen === id ? 'chosen' : ''}><a href="#${encodeURIComponent(id)}" aria-current=${chosen === id ? 'true' : undefined}>
      <span><b>${one.spec.name.replaceAll('_', ' ')}</b> <span class="version">${one.spec.version}</span></span>
      <span class="status ${one.status}">${one.status === 'pending' ? 'to be read' : one.status}</span>
      <span class="sub">tier 2, by ${who(one.proposedBy)}, ${ago(one.proposedAt)}${one.checks.length ? `, ${one.checks.length} ${one.checks.length === 1 ? 'thing' : 'things'} to look at` : ''}</span>
    </a></li>`;
}
