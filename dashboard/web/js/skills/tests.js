// What the sandbox and the shadow runs saw: which condition was to hold, and what was read.

import { html } from '../html.js';
import { judged, lasting } from './words.js';

const MARK = {
  true: html`<svg class="mark good" viewBox="0 0 16 16" role="img" aria-label="holds"><path d="M3 8.500 L6.500 12 L13 4.500" class="line" /></svg>`,
  false: html`<svg class="mark bad" viewBox="0 0 16 16" role="img" aria-label="does not hold"><path d="M4 4 L12 12 M12 4 L4 12" class="line" /></svg>`,
};
export const Mark = ({ ok }) => MARK[Boolean(ok)];

/** Predicates with what was expected and what was observed. */
export function Conditions({ pre = [], post = [] }) {
  if (pre.length + post.length === 0) return html`<p class="dim">It was not judged by any condition.</p>`;
  const rows = (list, when) => list.map((one) => {
    const { what, expected, observed, ok } = judged(one);
    return html`<tr class=${ok ? '' : 'failed'}><td><${Mark} ok=${ok} /></td><td><code>${what}</code></td><td>${expected}</td><td class="seen">${observed}</td><td class="dim">${when}</td></tr>`;
  });
  return html`
    <div class="scroll"><table class="conditions">
      <thead><tr><th><span class="hidden">holds</span></th><th>condition</th><th>expected</th><th>observed</th><th></th></tr></thead>
      <tbody>${rows(pre, 'before')}${rows(post, 'after')}</tbody>
    </table></div>`;
}

const fixture = (spec, name) => {
  const world = spec?.tests?.find((test) => test.name === name)?.world;
  if (typeof world === 'string') return world.replace(/^fixtures\//, '').replace(/\.json$/, '');
  return world ? world.name ?? 'a world of its own' : null;
};

/** A sandbox report, test by test; what failed is open. */
export function SandboxTests({ report, spec, onPlay }) {
  if (report.problem) return html`<p class="refusal" role="alert">${report.problem}</p>`;
  const tests = report.tests ?? [];
  const passed = tests.filter((test) => test.passed).length;
  return html`
    <div class="tests">
      <p class="verdict ${report.passed ? 'good' : 'bad'}">${report.passed ? (tests.length === 1 ? 'Its test passed' : `All ${tests.length} tests passed`) : `${tests.length - passed} of ${tests.length} tests failed`}</p>
      ${tests.map((test) => html`
        <details key=${test.name} open=${!test.passed}>
          <summary><${Mark} ok=${test.passed} /><span class="title">${test.name}</span><span class="dim">${lasting(test.seconds)} of ${lasting(test.timeoutS)}${test.attempts > 1 ? `, ${test.attempts} tries` : ''}</span></summary>
          <div class="body">
            ${test.error && html`<p class="bad">${test.error.detail ?? ''} <code>${test.error.code}</code></p>`}
            <${Conditions} pre=${test.pre} post=${test.post} />
            <dl class="facts">
              ${fixture(spec, test.name) && html`<div><dt>fixture</dt><dd>${fixture(spec, test.name)}</dd></div>`}
              <div><dt>in time</dt><dd>${test.withinTimeout ? 'yes' : 'no'}</dd></div>
              ${test.cancellation && html`<div><dt>stood still after a cancel</dt><dd>${test.cancellation.still ? `yes, after ${lasting(test.cancellation.lasted)}` : 'no'}</dd></div>
              <div><dt>ran alike twice</dt><dd>${test.cancellation.deterministic ? 'yes' : 'no'}</dd></div>`}
              <div><dt>leaves</dt><dd>${Object.entries(test.leaves ?? {}).map(([name, n]) => `${name} ×${n}`).join(', ') || 'none ran'}</dd></div>
            </dl>
            ${onPlay && test.ticks?.length > 0 && html`<button type="button" class="small" onClick=${() => onPlay(test)}>Play it over the tree</button>`}
          </div>
        </details>`)}
    </div>`;
}
