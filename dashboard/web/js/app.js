// The page.

import { useEffect, useRef, useState } from 'preact/hooks';
import { html } from './html.js';
import { Inventory, Log, Needs, Plan, Vitals } from './panels.js';
import { suggest } from './store.js';
import { MapView } from './view/map.js';
import { clockText, dayText, goalText, plain } from './words.js';

export function App({ store }) {
  const [, redraw] = useState(0);
  useEffect(() => store.subscribe(() => redraw((n) => n + 1)), [store]);
  const { status } = store;
  const troubles = store.troubles();
  return html`
    <main class="page">
      <section class="stage" aria-label="Live view">
        <${View} store=${store} />
        <${Header} store=${store} status=${status} troubles=${troubles} />
        ${troubles.length > 0 && html`<div class="trouble" role="alert">${troubles.map((t) => html`<p>${t}</p>`)}</div>`}
        <div class="foot">
          <${Goal} status=${status} />
          <${Suggest} />
        </div>
      </section>
      <aside class="side" aria-label="The bot">
        <${Vitals} status=${status} />
        <${Plan} status=${status} />
        <${Inventory} status=${status} />
        <${Needs} status=${status} />
        <${Log} log=${store.log} />
        <${Footer} status=${status} />
      </aside>
    </main>`;
}

function View({ store }) {
  const canvas = useRef(null), map = useRef(null), labels = useRef(null);
  const [failure, fail] = useState(null);
  const [drawn, setDrawn] = useState(false);
  useEffect(() => {
    let live = true;
    const flat = new MapView(map.current);
    store.attach(flat);
    window.consciousBot = { store, view: flat };
    import('./view/scene.js').then(({ WorldView }) => {
      if (!live) return;
      const view = new WorldView(canvas.current, labels.current);
      view.onReady = () => {
        store.detach(flat);
        flat.dispose();
        setDrawn(true);
      };
      window.consciousBot.view = view;
      store.attach(view);
    }).catch((error) => fail(error.message));
    return () => { live = false; };
  }, [store]);
  return html`
    <div class="view">
      <canvas ref=${canvas} tabindex="0" aria-label="The bot's surroundings. Drag to turn, scroll to zoom, or use the arrow keys."></canvas>
      <canvas ref=${map} class="map ${drawn ? 'gone' : ''}" aria-hidden="true"></canvas>
      <div class="labels" ref=${labels} aria-hidden="true"></div>
      ${failure && html`<p class="card nogl" title=${failure}>This browser shows no 3D (WebGL), so you see a plain map. Everything else works.</p>`}
    </div>`;
}

function Header({ store, status, troubles }) {
  const world = status?.world;
  const where = !world ? '' : world.kind === 'sim' ? `Built-in world${world.seed === undefined ? '' : `, seed ${world.seed}`}` : world.address;
  const body = status?.body;
  const state = store.link === 'live' ? (troubles.length ? ['warn', 'trouble'] : ['good', 'live']) : store.link === 'lost' ? ['bad', 'disconnected'] : ['warn', 'connecting'];
  return html`
    <header class="head">
      <div class="card who">
        <h1>${status?.bot ?? 'Conscious Bot'}</h1>
        <span class="pill ${state[0]}" data-link=${store.link}><i></i>${state[1]}</span>
        <p>${[where, world?.version].filter(Boolean).join(' · ')}</p>
      </div>
      <div class="right">
      <nav class="card pages" aria-label="Pages"><a href="./" aria-current="page">Bot</a><a href="skills.html">Skills</a></nav>
      ${body && html`<div class="card place">
        <span title="Position: east, up, south"><b>${body.position.map((v) => Math.floor(v + 1e-6)).join('  ')}</b></span>
        <span class="sep"></span>
        <span title="Time of day in the world"><${SunMoon} time=${body.timeOfDay} /> ${dayText(body.timeOfDay)}</span>
      </div>`}
      </div>
    </header>`;
}

function SunMoon({ time }) {
  const night = time > 12900 && time < 23200;
  return html`<svg class="sun" viewBox="0 0 16 16" aria-hidden="true">
    ${night ? html`<path d="M11.500 10.500 A5.500 5.500 0 1 1 6.500 2.500 A4.500 4.500 0 0 0 11.500 10.500 Z" fill="#b9c9ee" />` : html`<circle cx="8" cy="8" r="4.500" fill="#f6c65b" />`}
  </svg>`;
}

function Goal({ status }) {
  const goal = status?.goal;
  if (!goal) return html`<div class="card goal idle"><h2>${status ? 'No goal at the moment' : 'Waiting for the bot'}</h2>${status?.activity && html`<p>${plain(status.activity)}</p>`}</div>`;
  const age = Math.max(0, (status.clock ?? 0) - goal.since);
  return html`
    <div class="card goal">
      <div class="kicker">Goal <span class="dim">· from ${{ user: 'you', system: 'its own needs', memory: 'memory' }[goal.source] ?? goal.source} · for ${clockText(age)}</span></div>
      <h2 title=${goal.text}>${goalText(goal.text)}</h2>
      <p>${goal.reason}</p>
      ${status.activity && html`<p class="now"><i></i>${plain(status.activity)}</p>`}
    </div>`;
}

function Suggest() {
  const [text, setText] = useState('');
  const [reply, setReply] = useState(null);
  const [busy, setBusy] = useState(false);
  const [token, setToken] = useState(() => sessionStorage.getItem('token') ?? '');
  const [asksToken, askToken] = useState(false);
  const send = async (event) => {
    event.preventDefault();
    const wish = text.trim();
    if (!wish || busy) return;
    setBusy(true);
    const answer = await suggest(wish, token);
    setBusy(false);
    setReply({ ...answer, wish });
    if (answer.needsToken) askToken(true);
    else if (token) sessionStorage.setItem('token', token);
    if (answer.ok) setText('');
  };
  return html`
    <form class="card suggest" onSubmit=${send}>
      <div class="row">
        <input name="suggestion" aria-label="Suggest something to the bot" placeholder="Suggest something: get 1 stone_pickaxe" maxlength="500" autocomplete="off"
          value=${text} onInput=${(e) => setText(e.currentTarget.value)} />
        <button disabled=${busy || !text.trim()}>${busy ? 'Asking …' : 'Suggest'}</button>
      </div>
      ${asksToken && html`<input type="password" class="token" aria-label="Token" placeholder="Token of this service" value=${token} onInput=${(e) => setToken(e.currentTarget.value)} />`}
      ${reply && html`<p class="reply ${reply.ok ? 'good' : 'bad'}" role="status"><b>${reply.ok ? 'Accepted' : 'Refused'}</b> ${reply.text}</p>`}
    </form>`;
}

function Footer({ status }) {
  const m = status?.metrics;
  if (!m) return null;
  const ms = (v) => (v === undefined ? '–' : v < 10 ? `${v.toFixed(1)} ms` : `${Math.round(v)} ms`);
  return html`
    <dl class="metrics">
      <div><dt>running</dt><dd>${clockText(status.clock ?? 0)}</dd></div>
      <div><dt>speed</dt><dd>${status.speed === undefined ? 'max' : `${status.speed}×`}</dd></div>
      <div><dt>steps</dt><dd>${m.stepsCompleted}</dd></div>
      <div><dt>failed</dt><dd>${m.stepsFailed}</dd></div>
      <div><dt>deaths</dt><dd>${m.deaths}</dd></div>
      <div title="Time to first action: half of the goals start faster than the first, 95 % faster than the second"><dt>first action</dt><dd>${ms(m.ttfaP50Ms)} / ${ms(m.ttfaP95Ms)}</dd></div>
    </dl>`;
}
