// The panels beside the view.

import { useEffect, useRef, useState } from 'preact/hooks';
import { html } from './html.js';
import { ItemIcon } from './icons.js';
import { clockText, eventText, plain, stepTitle } from './words.js';

export function Vitals({ status }) {
  const body = status?.body;
  if (!body) return html`<section class="panel vitals"><p class="dim">The bot has not entered the world yet.</p></section>`;
  return html`
    <section class="panel vitals" aria-label="Health, food and air">
      <${Bar} name="Health" value=${body.health} max="20" kind="health" />
      <${Bar} name="Food" value=${body.food} max="20" kind="food" />
      ${body.air < 300 && html`<${Bar} name="Air" value=${body.air / 15} max="20" kind="air" />`}
      ${!body.alive && html`<p class="dead">The bot is dead. It comes back by itself.</p>`}
    </section>`;
}

function Bar({ name, value, max, kind }) {
  const shown = Math.round(value * 10) / 10;
  return html`
    <div class="bar ${kind}">
      <span class="name">${name}</span>
      <span class="pips" role="meter" aria-label=${name} aria-valuenow=${shown} aria-valuemin="0" aria-valuemax=${max}>
        ${Array.from({ length: 10 }, (_, i) => html`<i key=${i} style=${{ '--fill': Math.max(0, Math.min(1, value / 2 - i)) }}></i>`)}
      </span>
      <span class="value">${shown}</span>
    </div>`;
}

const MARK = {
  pending: html`<circle cx="8" cy="8" r="4.500" fill="none" stroke="currentColor" stroke-width="1.500" />`,
  running: html`<circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" stroke-width="2" stroke-dasharray="24 14" />`,
  done: html`<path d="M3 8.500 L6.500 12 L13 4.500" fill="none" stroke="currentColor" stroke-width="2.200" stroke-linecap="round" stroke-linejoin="round" />`,
  failed: html`<path d="M4 4 L12 12 M12 4 L4 12" fill="none" stroke="currentColor" stroke-width="2.200" stroke-linecap="round" />`,
  skipped: html`<path d="M3.500 8 H12.500" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" />`,
};
const STATUS_WORD = { pending: 'to do', running: 'under way', done: 'done', failed: 'failed', skipped: 'skipped' };

export function Plan({ status }) {
  const plan = status?.plan;
  const box = useRef(null);
  const current = plan?.steps.findIndex((s) => s.status === 'running') ?? -1;
  useEffect(() => {
    const list = box.current;
    const row = list?.children[current];
    if (row) list.scrollTop = Math.max(0, row.offsetTop - 40);
  }, [current, plan?.planId]);
  if (!plan) return html`<section class="panel"><h3>Plan</h3><p class="dim">No plan yet.</p></section>`;
  const done = plan.steps.filter((s) => s.status === 'done' || s.status === 'skipped').length;
  return html`
    <section class="panel plan">
      <h3>Plan <span class="count">${done} of ${plan.steps.length}</span></h3>
      <div class="progress" aria-hidden="true"><i style=${{ width: `${plan.steps.length ? (100 * done) / plan.steps.length : 0}%` }}></i></div>
      <p class="why" title=${plan.rationale}>${plan.rationale}</p>
      <ol ref=${box}>${plan.steps.map((step) => html`<${Step} key=${step.stepId} step=${step} clock=${status.clock ?? 0} />`)}</ol>
    </section>`;
}

function Step({ step, clock }) {
  const time = step.startedAt === undefined ? '' : clockText((step.endedAt ?? clock) - step.startedAt);
  return html`
    <li class="step ${step.status}">
      <svg viewBox="0 0 16 16" role="img" aria-label=${STATUS_WORD[step.status]}>${MARK[step.status]}</svg>
      <div>
        <div class="title">${stepTitle(step)}</div>
        ${step.rationale && html`<div class="why">${step.rationale}</div>`}
        ${step.error && html`<div class="error">${step.error.detail ?? step.error.code} <code>${step.error.code}</code></div>`}
      </div>
      <span class="time">${step.attempts > 1 ? `${step.attempts} tries · ` : ''}${time}</span>
    </li>`;
}

const row = (start) => Array.from({ length: 9 }, (_, i) => start + i);

export function Inventory({ status }) {
  const inventory = status?.inventory;
  if (!inventory) return null;
  const bySlot = new Map(inventory.slots.map((s) => [s.slot, s]));
  const worn = inventory.slots.filter((s) => typeof s.slot === 'string');
  // Empty rows are left out; the hotbar is always there.
  const order = [...[9, 18, 27].map(row).filter((r) => r.some((i) => bySlot.has(i))).flat(), ...row(0)];
  const kinds = Object.keys(inventory.counts).length;
  return html`
    <section class="panel inventory">
      <h3>Inventory <span class="count">${kinds === 0 ? 'empty' : inventory.held ? html`in hand: <b>${plain(inventory.held)}</b>` : 'bare hands'}</span></h3>
      <div class="grid">${order.map((i) => html`<${Slot} key=${i} slot=${bySlot.get(i)} selected=${i === inventory.selected} hotbar=${i < 9} />`)}</div>
      ${worn.length > 0 && html`<div class="grid worn">${worn.map((s) => html`<${Slot} key=${s.slot} slot=${s} />`)}</div>`}
    </section>`;
}

function Slot({ slot, selected, hotbar }) {
  const left = slot?.durability === undefined ? null : 1 - (slot.wear ?? 0) / slot.durability;
  return html`
    <div class="slot ${selected ? 'selected' : ''} ${hotbar ? 'hotbar' : ''}" title=${slot ? `${plain(slot.item)} × ${slot.count}` : ''} data-item=${slot?.item}>
      ${slot && html`<${ItemIcon} item=${slot.item} />`}
      ${slot && slot.count > 1 && html`<span>${slot.count}</span>`}
      ${left !== null && left < 1 && html`<i class="wear"><b style=${{ width: `${left * 100}%`, background: left > 0.5 ? 'var(--good)' : left > 0.2 ? 'var(--warn)' : 'var(--bad)' }}></b></i>`}
    </div>`;
}

export function Needs({ status }) {
  const needs = status?.needs ?? [];
  if (needs.length === 0) return null;
  return html`
    <section class="panel needs">
      <h3>Needs</h3>
      ${needs.map((n) => html`
        <div class="need" key=${n.name}>
          <span class="name">${plain(n.name)}</span>
          <span class="track" role="meter" aria-label=${n.name} aria-valuenow=${n.level} aria-valuemin="0" aria-valuemax="1">
            <i style=${{ width: `${n.level * 100}%` }} class=${n.level > 0.75 ? 'bad' : n.level > 0.4 ? 'warn' : 'good'}></i>
          </span>
          <span class="why" title=${n.reason}>${n.reason}</span>
        </div>`)}
    </section>`;
}

export function Log({ log }) {
  const [all, setAll] = useState(false);
  const box = useRef(null);
  const atEnd = useRef(true);
  const lines = [];
  for (const entry of log) {
    const line = entry.note ? { text: entry.note, minor: false } : { ...eventText(entry.event), at: entry.event.at };
    if (line.minor && !all) continue;
    const last = lines.at(-1);
    if (last && last.text === line.text) last.times = (last.times ?? 1) + 1;
    else lines.push({ ...line, key: entry.seq ?? `n${lines.length}` });
  }
  const shown = lines.slice(-150);
  useEffect(() => {
    if (atEnd.current && box.current) box.current.scrollTop = box.current.scrollHeight;
  });
  const scrolled = () => { atEnd.current = box.current.scrollHeight - box.current.scrollTop - box.current.clientHeight < 40; };
  return html`
    <section class="panel log">
      <h3>What happened <label class="count"><input type="checkbox" checked=${all} onChange=${(e) => setAll(e.currentTarget.checked)} /> details</label></h3>
      <ul ref=${box} onScroll=${scrolled} tabindex="0" aria-label="Event log">
        ${shown.map((l) => html`<li key=${l.key} class=${l.tone ?? ''}><time>${l.at === undefined ? '' : clockText(l.at)}</time><span>${l.text}${l.times ? html` <em>× ${l.times}</em>` : ''}</span></li>`)}
        ${shown.length === 0 && html`<li class="dim"><time></time><span>Nothing yet.</span></li>`}
      </ul>
    </section>`;
}
