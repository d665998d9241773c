// What the registry says, in words. No imports and no page: plain functions, tested on their own.

/** 'opt.torch_corridor@1.0.0' as {name: 'torch corridor', version: '1.0.0'}. */
export function named(id) {
  const [name, version = ''] = String(id).split('@');
  return { name: name.replace(/^opt\./, '').replaceAll('_', ' '), version };
}

/** A share of one as a percentage. */
export const percent = (share) => (share === undefined || share === null ? '–' : `${Math.round(share * 100)} %`);

/** Seconds as people say them: '840 ms', '12.4 s', '3:05 min'. */
export function lasting(s) {
  if (s === undefined || s === null) return '–';
  if (s < 1) return `${Math.round(s * 1000)} ms`;
  if (s < 100) return `${s.toFixed(1)} s`;
  const whole = Math.round(s);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')} min`;
}

/** How long ago that was, from a date or seconds since 1970. */
export function ago(when, now = Date.now()) {
  const s = Math.max(0, (now - (typeof when === 'number' ? when * 1000 : Date.parse(when))) / 1000);
  if (!Number.isFinite(s)) return '';
  if (s < 5) return 'just now';
  for (const [unit, size] of [['day', 86400], ['hour', 3600], ['minute', 60], ['second', 1]]) {
    const n = Math.floor(s / size);
    if (n >= 1) return `${n} ${unit}${n === 1 ? '' : 's'} ago`;
  }
  return 'just now';
}

/** A moment in the reader's own time. */
export const moment = (when) => new Date(typeof when === 'number' ? when * 1000 : when).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

/** 'proposer:reflexion' as 'reflexion (proposer)'; what is no principal stays. */
export function who(by) {
  const found = /^(signer|operator|proposer|viewer):(.+)$/.exec(by);
  if (found) return `${found[2]} (${found[1]})`;
  return by === 'gate' ? 'the gate, by evidence' : by;
}

/** A judged predicate as {what, expected, observed, ok}. */
export function judged({ name, ok, observed }) {
  const found = /^(.*?)\s*(>=|<=|==|!=|>|<)\s*(.*)$/.exec(name);
  const sign = { '>=': '≥ ', '<=': '≤ ', '==': '', '!=': 'not ', '>': '> ', '<': '< ' };
  const shown = observed === undefined || observed === null ? 'could not be read' : typeof observed === 'number' ? String(Math.round(observed * 1000) / 1000) : String(observed);
  return { what: found ? found[1] : name, expected: found ? sign[found[2]] + found[3] : 'true', observed: shown, ok };
}

export const TIERS = { 0: 'human leaf', 1: 'composed option', 2: 'proposed leaf' };

export const ACTS = { register: 'Registered', promote: 'Promoted', revert: 'Taken back', retire: 'Retired', revoke: 'Revoked' };

/** What may be done to a capability in this status. The service has the last word. */
export const STEPS = { shadow: ['promote', 'retire', 'revoke'], active: ['retire', 'revoke'], retired: ['revoke'], revoked: [] };

/** Ticks as bars: every run of a leaf with when it began and ended, relative to `zero`, and how. */
export function leafBars(ticks, leaves, zero) {
  const open = new Map(), bars = [];
  for (const tick of ticks) {
    if (!leaves.has(tick.node)) continue;
    const at = tick.at - zero;
    if (tick.status === 'running' && !open.has(tick.node)) open.set(tick.node, at);
    else if (tick.status === 'success' || tick.status === 'failure') {
      bars.push({ node: tick.node, from: open.get(tick.node) ?? at, to: at, status: tick.status, label: tick.label });
      open.delete(tick.node);
    }
  }
  for (const [node, from] of open) bars.push({ node, from, to: Math.max(from, (ticks.at(-1)?.at ?? zero) - zero), status: 'running', label: leaves.get(node) });
  return bars;
}

/** How every node stands after the first `count` ticks: a map from node to {status, times, error}. */
export function standing(ticks, count, nodes) {
  const state = new Map();
  for (let i = 0; i < count; i++) {
    const { node, status, error, guard } = ticks[i];
    const was = state.get(node);
    const begins = status === 'running' && was?.status !== 'suspended' && was?.status !== 'running';
    if (begins && was) for (const below of descendants(nodes, node)) {
      const old = state.get(below);
      if (old) state.set(below, { ...old, status: 'idle', error: undefined }); // another pass begins
    }
    state.set(node, { status, error, guard, times: (was?.times ?? 0) + (begins ? 1 : 0) });
  }
  return state;
}

function* descendants(nodes, node) {
  for (let i = node + 1; i < nodes.length; i++) {
    let up = nodes[i].parent;
    while (up !== undefined && up !== node) up = nodes[up].parent;
    if (up !== node) return; // nodes stand in document order: what is below a node follows it
    yield i;
  }
}
