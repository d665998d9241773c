// A run playing over its tree: the ticks as they were recorded, step by step or in time.

import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { html } from '../html.js';
import { fitting, Tree } from './tree.js';
import { lasting, leafBars, standing } from './words.js';

const RATES = [1, 4, 16];

/** `ticks` are TickRecords of one run; `nodes` the tree's nodes, in document order. */
export function Player({ nodes, ticks, label }) {
  const frame = useRef(null);
  const [room, setRoom] = useState(700);
  const zero = ticks[0]?.at ?? 0;
  const whole = ticks.length ? ticks.at(-1).at - zero : 0;
  const [step, setStep] = useState(ticks.length); // how many ticks have been played
  const [time, setTime] = useState(whole);
  const [playing, play] = useState(false);
  const [form, setForm] = useState(null); // picture or outline; null: whichever fits
  const [rate, setRate] = useState(whole <= 15 ? 1 : whole <= 60 ? 4 : 16);

  useEffect(() => {
    // Another run: its end is shown until somebody plays it.
    setStep(ticks.length);
    setTime(whole);
    play(false);
    setRate(whole <= 15 ? 1 : whole <= 60 ? 4 : 16);
  }, [ticks]);

  useEffect(() => {
    const watch = new ResizeObserver(([entry]) => setRoom(Math.floor(entry.contentRect.width)));
    watch.observe(frame.current);
    return () => watch.disconnect();
  }, []);

  const upTo = (at) => {
    let n = 0;
    while (n < ticks.length && ticks[n].at - zero <= at + 1e-9) n++;
    return n;
  };
  const seek = (at) => {
    const to = Math.max(0, Math.min(whole, at));
    setTime(to);
    setStep(upTo(to));
  };
  const toStep = (n) => {
    const to = Math.max(0, Math.min(ticks.length, n));
    play(false);
    setStep(to);
    setTime(to === 0 ? 0 : ticks[to - 1].at - zero);
  };

  useEffect(() => {
    if (!playing) return undefined;
    // Counted here: a frame may come before what the last one set is drawn.
    const begun = performance.now(), from = time;
    let handle = 0;
    const go = (now) => {
      const at = from + (Math.max(0, now - begun) / 1000) * rate;
      seek(at);
      if (at >= whole) play(false);
      else handle = requestAnimationFrame(go);
    };
    handle = requestAnimationFrame(go);
    return () => cancelAnimationFrame(handle);
  }, [playing, rate, ticks]);

  const toggle = () => {
    if (!playing && time >= whole - 1e-6) seek(0);
    play(!playing);
  };
  const keys = (event) => {
    if (event.target.closest('select, .scrub') && event.key !== ' ') return;
    const act = { ' ': toggle, ArrowRight: () => toStep(step + 1), ArrowLeft: () => toStep(step - 1), Home: () => toStep(0), End: () => toStep(ticks.length) }[event.key];
    if (!act || (event.key === ' ' && event.target.closest('button'))) return;
    event.preventDefault();
    act();
  };

  const state = useMemo(() => (ticks.length ? standing(ticks, step, nodes) : null), [ticks, step, nodes]);
  const leaves = useMemo(() => new Map(nodes.flatMap((n, i) => (n.kind === 'leaf' ? [[i, n.label]] : []))), [nodes]);
  const bars = useMemo(() => leafBars(ticks, leaves, zero), [ticks, leaves]);
  const now = step > 0 ? ticks[step - 1] : null;

  // In a tree that is longer than its frame, what runs is kept in sight.
  useEffect(() => {
    const box = frame.current, running = [...box.querySelectorAll('.node.running, .node.halting')].at(-1);
    if (!playing || !running || box.scrollHeight <= box.clientHeight) return;
    const a = running.getBoundingClientRect(), b = box.getBoundingClientRect();
    if (a.top < b.top + 20 || a.bottom > b.bottom - 20) box.scrollTop += a.top - b.top - b.height / 2;
  }, [step]);

  return html`
    <div class="player" onKeyDown=${keys}>
      <div class="segments forms" role="group" aria-label="How the tree is drawn">${['picture', 'outline'].map((one) => html`<button key=${one} aria-pressed=${(form ?? fitting(nodes, room)) === one} onClick=${() => setForm(one)}>${one}</button>`)}</div>
      <div class="frame" ref=${frame} tabindex="0" aria-label="The tree. Space plays, the arrow keys go from tick to tick.">
        <${Tree} nodes=${nodes} room=${room} state=${state} form=${form} />
      </div>
      ${ticks.length === 0 ? html`<p class="dim quiet">No run of it has been recorded yet, so the tree is at rest.</p>` : html`
        <div class="transport" role="group" aria-label=${`Play ${label}`}>
          <div class="keys">
            <button class="icon" onClick=${() => toStep(0)} title="To the beginning (Home)" aria-label="To the beginning"><svg viewBox="0 0 16 16"><path d="M4 3v10M13 3.500v9L6 8z" /></svg></button>
            <button class="icon" onClick=${() => toStep(step - 1)} title="One tick back (←)" aria-label="One tick back"><svg viewBox="0 0 16 16"><path d="M10.500 3 5.500 8l5 5" class="line" /></svg></button>
            <button class="icon main" onClick=${toggle} title="Play or pause (space)" aria-label=${playing ? 'Pause' : 'Play'}><svg viewBox="0 0 16 16"><path d=${playing ? 'M4 3h3v10H4zM9 3h3v10H9z' : 'M4.500 2.500v11L13.500 8z'} /></svg></button>
            <button class="icon" onClick=${() => toStep(step + 1)} title="One tick on (→)" aria-label="One tick on"><svg viewBox="0 0 16 16"><path d="M5.500 3 10.500 8l-5 5" class="line" /></svg></button>
          </div>
          <div class="scrub">
            <svg class="lane" viewBox="0 0 1000 18" preserveAspectRatio="none" aria-hidden="true">
              ${bars.map((bar, i) => html`<rect key=${i} class=${bar.status} x=${whole ? (1000 * bar.from) / whole : 0} width=${Math.max(2, whole ? (1000 * (bar.to - bar.from)) / whole - 1 : 1000)} y="0" height="18"><title>${bar.label}: ${lasting(bar.to - bar.from)}</title></rect>`)}
            </svg>
            <input type="range" min="0" max=${whole} step="any" value=${time} aria-label="Moment of the run" aria-valuetext=${`${lasting(time)} of ${lasting(whole)}`} onInput=${(e) => { play(false); seek(Number(e.currentTarget.value)); }} />
          </div>
          <span class="time">${time.toFixed(1)} / ${whole.toFixed(1)} s</span>
          <select aria-label="Speed" value=${rate} onChange=${(e) => setRate(Number(e.currentTarget.value))}>${RATES.map((r) => html`<option key=${r} value=${r}>${r}×</option>`)}</select>
        </div>
        <p class="caption ${now?.status ?? ''}" aria-live="off">
          <span class="dim">tick ${step} of ${ticks.length}</span>
          ${now && html`<b>${now.label}</b> <span class="word">${now.status}${now.guard ? ' by its guard' : ''}</span>${now.lasted !== undefined ? html` <span class="dim">after ${lasting(now.lasted)}</span>` : ''}${now.error ? html` <span class="why">${now.error.detail ?? ''} <code>${now.error.code}</code></span>` : ''}`}
        </p>`}
    </div>`;
}
