// Names and events in words. No imports and no page: these are plain functions, tested on their own.

/** 'stone_pickaxe' as 'stone pickaxe'. */
export const plain = (name) => String(name).replace(/^minecraft:/, '').replaceAll('_', ' ');

// Only what is counted by the piece has a plural: 3 oak logs, but 3 cobblestone and 3 coal.
const PIECE = /(log|stick|torch|table|furnace|chest|pickaxe|axe|sword|shovel|hoe|ingot|nugget|door|bed|boat|ladder|bucket|bow|arrow|shield|apple|sapling|bone|block|helmet|boot|bottle|campfire|slab|fence|gate|trapdoor|bowl|lantern)$/;

/** A number of things: 'an oak log', '3 oak logs', '3 cobblestone'. */
export function counted(count, item) {
  const name = plain(item);
  if (!PIECE.test(name)) return `${count} ${name}`;
  if (count === 1) return `${/^[aeiou]/.test(name) ? 'an' : 'a'} ${name}`;
  return `${count} ${name}${/(ch|sh|s|x)$/.test(name) ? 'es' : 's'}`;
}

/** A number of steps, tries ...: '1 step', '3 steps', '2 tries'. */
const times = (n, word) => `${n} ${n === 1 ? word : word.endsWith('y') ? `${word.slice(0, -1)}ies` : `${word}s`}`;

/** A goal of the grammar as a sentence: 'get 16 oak_log' as 'Get 16 oak logs'. */
export function goalText(text) {
  const get = /^get (\d+) (\w+)$/.exec(text);
  if (get) return `Get ${counted(Number(get[1]), get[2])}`;
  const go = /^go (-?\d+ -?\d+ -?\d+)$/.exec(text);
  if (go) return `Go to ${go[1]}`;
  return capital(String(text));
}

const TITLES = {
  acquire_material: (a) => `Gather ${counted(a.count ?? 1, a.item)}`,
  collect_items: (a) => `Pick up ${a.item ? plain(a.item) : 'what lies around'}`,
  craft_recipe: (a) => `Craft ${counted(a.qty ?? a.count ?? 1, a.recipe)}`,
  place_workstation: (a) => `Set up ${counted(1, a.kind)}`,
  place_block: (a) => `Place ${counted(1, a.item)}${at(a.pos)}`,
  dig_block: (a) => `Dig ${typeof a.expect === 'string' ? plain(a.expect) : 'the block'}${at(a.pos)}`,
  move_to: (a) => `Walk to ${placeText(a.pos)}`,
  sterling_navigate: (a) => `Walk to ${placeText(a.goal)}`,
  equip_tool: (a) => `Take ${a.item ? counted(1, a.item) : `${a.minTier ? `${plain(a.minTier)} or better ` : 'a '}${plain(a.kind ?? 'tool')}`} in hand`,
  find_resource: (a) => `Look for ${(a.names ?? [a.resource]).slice(0, 3).map(plain).join(', ')}`,
  get_block_at: (a) => `Look at the block${at(a.pos)}`,
  chat: (a) => `Say “${a.message}”`,
  wait: (a) => `Wait ${seconds(a.ms / 1000)}`,
  respawn: () => 'Come back to life',
  explore: () => 'Explore',
};
// What a step is called when its arguments are not known, as after a reload of the page.
const BARE = { acquire_material: 'Gathering', craft_recipe: 'Crafting', place_workstation: 'Setting up a workstation', sterling_navigate: 'Walking', move_to: 'Walking', dig_block: 'Digging', place_block: 'Placing' };

/** What a step does, in words. */
export function stepTitle({ type, args }) {
  const verb = String(type ?? 'a step').replace(/@[\d.]+$/, '');
  const title = TITLES[verb];
  if (title && args && (Object.keys(args).length > 0 || title.length === 0)) return clip(title(args), 90);
  if (title && title.length === 0) return title();
  return clip(`${BARE[verb] ?? capital(plain(verb))} ${argsText(args)}`.trim(), 90);
}

function argsText(args) {
  const parts = [];
  for (const [key, value] of Object.entries(args ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (cell(value)) parts.push(`${spaced(key)} ${placeText(value)}`);
    else if (value === true) parts.push(spaced(key));
    else if (Array.isArray(value)) parts.push(`${spaced(key)} ${value.filter((v) => typeof v !== 'object').map(plain).join(', ')}`);
    else if (typeof value !== 'object') parts.push(`${spaced(key)} ${plain(value)}`);
  }
  return parts.join(', ');
}

/** Seconds of the run's clock as 1:02:03 or 2:03. */
export function clockText(total) {
  const s = Math.max(0, Math.floor(total));
  const two = (n) => String(n).padStart(2, '0');
  const [h, m] = [Math.floor(s / 3600), Math.floor(s / 60) % 60];
  return h > 0 ? `${h}:${two(m)}:${two(s % 60)}` : `${m}:${two(s % 60)}`;
}

/** Game ticks as a time of day: 0 is 06:00. */
export function dayText(ticks) {
  const minutes = Math.floor(((ticks / 1000 + 6) % 24) * 60);
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
}

/** What of the world was different after an action: '+3 oak log', 'now at 3 69 -2', ...; '' if nothing was. */
export function gained(result) {
  const d = result?.observables?.difference ?? {};
  const parts = Object.entries(d.inventory ?? {}).sort((a, b) => b[1] - a[1]).map(([item, n]) => `${n > 0 ? '+' : '−'}${Math.abs(n)} ${plain(item)}`);
  // Where things were gained or a block was set, what became of which block goes without saying.
  if (!parts.some((p) => p.startsWith('+'))) {
    for (const { pos, before, after } of (d.blocks ?? []).slice(0, 2)) parts.push(isAir(after) ? `${plain(before)}${at(pos)} is gone` : `${plain(after)}${at(pos)}`);
  }
  if (d.position && parts.length === 0) parts.push(`now at ${d.position.after.map((v) => Math.floor(v + 1e-6)).join(' ')}`);
  if (d.revived) parts.push('alive again');
  if (parts.length === 0 && d.held) parts.push(d.held.after ? `${plain(d.held.after)} in hand` : 'empty hand');
  return parts.join(', ');
}

/** Why something failed: 'no oak log within 48 blocks (sense.notFound)'. */
export function failureText(error) {
  if (!error) return 'no reason was told';
  if (typeof error === 'string') return error;
  return error.detail ? `${error.detail} (${error.code})` : error.code;
}

/** An event as {text, tone, minor}: tone is good, bad, warn, talk or none; minor ones are shown on demand. */
export function eventText({ type, data = {}, provenance = {} }) {
  const goal = goalText(data.goal ?? data.text ?? 'something');
  switch (type) {
    case 'run.started': return say('The run begins.', 'good');
    case 'run.resumed': return say('The run goes on where it stopped.', 'good');
    case 'run.ended': return say('The run ends.');
    case 'signal': return signalText(data);
    case 'goal.selected': return say(`New goal: ${goal}${because(data.reason)}`, 'warn');
    case 'goal.ended': return goalEnded(goal, data);
    case 'intent': return say(`Intends: ${goal}${because(data.context?.reason)}`, undefined, true);
    case 'plan.generated': return say(`Plan of ${times(data.steps?.length ?? 0, 'step')}: ${(data.steps ?? []).map(stepTitle).join(', ') || 'nothing to do'}`);
    case 'plan.failed': return say(`Found no plan for “${goal}”: ${failureText(data.error)}`, 'bad');
    case 'step.started': return say(`${stepTitle(data)} …${because(data.rationale)}`, undefined, true);
    case 'step.ended': return ended(stepOf(data, provenance), data, data.result, data.attempts, false);
    case 'action.started': return say(`${stepOf(data, provenance)}: the action begins.`, undefined, true);
    case 'action.ended': return ended(`${stepOf(data, provenance)}, action`, data, data, data.observables?.attempts, true);
    case 'tree.tick': return say(`The behaviour tree ticked${data.status ? `: ${plain(data.status)}` : ''}.`, undefined, true);
    case 'capability.changed': return skillText(data);
    case 'body': return bodyText(data);
    default: return say(`${capital(plain(String(type).replaceAll('.', ' ')))}.`, undefined, true);
  }
}

function ended(title, data, result, attempts, minor) {
  if (data.interrupted) return say(`${title} was cut off by the last stop; what came of it is looked at anew.`, 'warn', minor);
  if (!result || typeof result.ok !== 'boolean') return say(`${title} ended; how is not known.`, 'warn', minor);
  const found = gained(result);
  const tries = attempts > 1 ? ` after ${times(attempts, 'try')}` : '';
  if (!result.ok) {
    const kept = found && found.includes('+') ? ` It kept ${found}.` : '';
    const why = failureText(result.error);
    if (result.error?.code === 'step.cancelled') return say(`${title} was broken off: ${why}.${kept}`, 'warn', minor);
    return say(`${title} failed${tries}: ${why}.${kept}`, 'bad', minor);
  }
  if (found) return say(`${title}${tries}: ${found}.`, 'good', minor);
  if (result.changed) return say(`${title}${tries}: done.`, 'good', minor);
  const sensed = result.observables?.commands === undefined || result.observables.commands > 0;
  return say(`${title}: ${result.observables?.heldBefore || !sensed ? 'was so already' : 'nothing changed'}.`, undefined, minor);
}

function goalEnded(goal, data) {
  if (data.outcome === 'reached') return say(`Reached the goal: ${goal}.`, 'good');
  if (data.outcome === 'preempted') return say(`Set aside: ${goal}.`, 'warn');
  const pause = data.suppressedFor ? ` It is left alone for ${seconds(data.suppressedFor)}.` : '';
  return say(`Gave up: ${goal}: ${failureText(data.error)}.${pause}`, 'bad');
}

function signalText(data) {
  const from = data.source ? ` (from ${plain(data.source)})` : '';
  if (data.accepted === false) return say(`Refused “${data.text}”${from}: ${data.reason ?? 'no reason was told'}`, 'warn');
  return say(`Asked for “${data.text}”${from}.`, 'talk');
}

function skillText({ id, act, after, reason }) {
  const skill = plain(String(id).replace(/^opt\./, '').replace('@', ' '));
  switch (act) {
    case 'register': return say(`New skill: ${skill}. It begins in ${after}.`, 'talk');
    case 'promote': return say(`The skill ${skill} may be used now${because(reason)}.`, 'good');
    case 'revert': return say(`The skill ${skill} is taken back to shadow${because(reason)}.`, 'warn');
    default: return say(`The skill ${skill} is ${plain(after)}${because(reason)}.`, 'bad');
  }
}

function bodyText(data) {
  const where = cell(data.position) ? at(data.position) : '';
  switch (data.kind) {
    case 'spawned': return say(`Entered the world${where}.`, 'good');
    case 'died': return say(`Died${where}${data.cause ? `: ${plain(data.cause)}` : ''}.`, 'bad');
    case 'respawned': return say('Came back to life.', 'good');
    case 'hurt': return say(`Was hurt${data.cause ? ` by ${plain(data.cause)}` : ''}.`, 'bad');
    case 'health': return say(`Health ${Math.round(data.health)}, food ${data.food}.`, undefined, true);
    case 'chat': return say(`${data.sender ?? 'Server'}: ${data.text}`, 'talk');
    case 'kicked': return say(`Was kicked: ${data.reason}`, 'bad');
    case 'disconnected': return say(`Lost the connection${data.reason ? `: ${data.reason}` : ''}.`, 'bad');
    case 'reconnected': return say('Is connected again.', 'good');
    case 'block': return say(`A block changed${cell(data.pos) ? at(data.pos) : ''}.`, undefined, true);
    case 'inventory': return say('The inventory changed.', undefined, true);
    case 'progress': return say(`${capital(plain(data.action ?? 'work'))}: ${data.done ?? '?'} of ${data.total ?? '?'}.`, undefined, true);
    default: return say(`${capital(plain(data.kind ?? 'body'))}.`, undefined, true);
  }
}

const say = (text, tone, minor = false) => ({ text, tone, minor });
const capital = (s) => s.charAt(0).toUpperCase() + s.slice(1);
const clip = (s, n) => (s.length > n ? `${s.slice(0, n - 2)}…` : s);
const spaced = (s) => s.replace(/([A-Z])/g, ' $1').toLowerCase().replaceAll('_', ' ');
const isAir = (name) => /(^|_)air$/.test(name);
const because = (reason) => (reason ? ` (${String(reason).replace(/\.$/, '')})` : '');
const seconds = (s) => (s >= 120 ? times(Math.round(s / 60), 'minute') : times(Math.round(s * 10) / 10, 'second'));
const stepOf = (data, provenance) => stepTitle({ type: data.type ?? data.leaf ?? data.observables?.leaf ?? provenance.capability, args: data.args });

/** A cell given as [x, y, z] or {x, y, z}, as three numbers; null for anything else. */
function cell(v) {
  if (Array.isArray(v)) return v.length === 3 && v.every((n) => typeof n === 'number') ? v : null;
  return v && typeof v === 'object' && ['x', 'y', 'z'].every((k) => typeof v[k] === 'number') ? [v.x, v.y, v.z] : null;
}
function placeText(v) {
  const c = cell(v);
  return c ? c.map((n) => Math.floor(n + 1e-6)).join(' ') : 'somewhere';
}
const at = (v) => (cell(v) ? ` at ${placeText(v)}` : '');
