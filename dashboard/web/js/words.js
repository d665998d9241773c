// Names and events in words.

/** 'stone_pickaxe' as 'stone pickaxe'. */
export const plain = (name) => String(name).replace(/^minecraft:/, '').replaceAll('_', ' ');

/** A step's arguments, short enough for a line. */
export function argsText(args) {
  if (!args) return '';
  const parts = [];
  for (const [key, value] of Object.entries(args)) {
    if (value === null || value === undefined || value === false) continue;
    if (isPlace(value)) parts.push(value.map((v) => Math.round(v)).join(' '));
    else if (isPlace(value.pos)) parts.push(value.pos.join(' '));
    else if (typeof value === 'object') parts.push(`${plain(key)} ${JSON.stringify(value)}`);
    else if (['item', 'block', 'name', 'names', 'text', 'tool', 'recipe', 'kind', 'workstation'].includes(key)) parts.push(plain(value));
    else if (['count', 'qty', 'quantity', 'amount', 'times'].includes(key)) parts.push(`× ${value}`);
    else if (value === true) parts.push(plain(key));
    else parts.push(`${spaced(key)} ${plain(value)}`);
  }
  const text = parts.join(', ').replaceAll(', ×', ' ×');
  return text.length > 90 ? `${text.slice(0, 88)}…` : text;
}

const VERBS = {
  move_to: 'Walk to', sterling_navigate: 'Walk to', dig_block: 'Dig', acquire_material: 'Gather', collect_items: 'Pick up', place_block: 'Place',
  place_workstation: 'Set up', craft_recipe: 'Craft', equip_tool: 'Take in hand', find_resource: 'Look for', chat: 'Say', wait: 'Wait', explore: 'Explore',
};

/** What a step does, in words. */
export const stepTitle = (step) => `${VERBS[step.type] ?? capital(plain(step.type))} ${argsText(step.args)}`.trim();

/** Seconds of the run's clock as 1:02:03 or 2:03. */
export function clockText(seconds) {
  const s = Math.max(0, Math.floor(seconds));
  const two = (n) => String(n).padStart(2, '0');
  const [h, m] = [Math.floor(s / 3600), Math.floor(s / 60) % 60];
  return h > 0 ? `${h}:${two(m)}:${two(s % 60)}` : `${m}:${two(s % 60)}`;
}

/** Game ticks as a time of day: 0 is 06:00. */
export function dayText(ticks) {
  const minutes = Math.floor(((ticks / 1000 + 6) % 24) * 60);
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
}

/** An event as {text, tone, minor}: tone is good, bad, warn, talk or none; minor ones are shown on demand. */
export function eventText({ type, data = {}, provenance = {} }) {
  const because = data.reason ?? data.rationale;
  const why = because ? ` — ${because}` : '';
  const goal = data.goal ?? data.text ?? 'something';
  switch (type) {
    case 'run.started': return say('The run begins.', 'good');
    case 'run.resumed': return say('The run goes on where it stopped.', 'good');
    case 'run.ended': return say(`The run ends${why}.`);
    case 'goal.selected': return say(`New goal: ${goal}${why}`, 'warn');
    case 'goal.ended': {
      const done = data.ok ?? ['done', 'reached', 'achieved', 'completed', 'satisfied'].includes(data.status ?? data.outcome);
      return done ? say(`Reached the goal: ${goal}.`, 'good') : say(`Gave up the goal: ${goal}${errorText(data)}${why}`, 'bad');
    }
    case 'intent': return say(`Wants: ${goal}${why}`, undefined, true);
    case 'signal': return say(`Noticed: ${plain(data.name ?? data.kind ?? data.text ?? 'a signal')}${why}`, undefined, true);
    case 'plan.generated': {
      const count = Array.isArray(data.steps) ? data.steps.length : data.steps ?? data.stepCount;
      const planner = data.planner ? ` by ${plain(data.planner)}` : '';
      return say(`Planned ${count ?? 'some'} step${count === 1 ? '' : 's'}${planner}${why}`);
    }
    case 'plan.failed': return say(`Found no plan${data.goal ? ` for ${data.goal}` : ''}${errorText(data)}${why}`, 'bad');
    case 'step.started': return say(`${stepOf(data, provenance)} …${why}`);
    case 'step.ended': return (data.ok ?? data.result?.ok) === false || data.error
      ? say(`${stepOf(data, provenance)} failed${errorText(data)}`, 'bad') : say(`${stepOf(data, provenance)}: done.`, 'good');
    case 'action.started': return say(`${stepOf(data, provenance)} begins.`, undefined, true);
    case 'action.ended': return say(`${stepOf(data, provenance)} ended${errorText(data)}.`, data.ok === false || data.error ? 'bad' : undefined, true);
    case 'tree.tick': return say(`The tree ticked${data.status ? `: ${data.status}` : ''}.`, undefined, true);
    case 'body': return bodyText(data);
    default: return say(`${plain(type)}${why}`, undefined, true);
  }
}

function bodyText(data) {
  const where = isPlace(data.position) ? ` at ${data.position.map((v) => Math.round(v)).join(' ')}` : '';
  switch (data.kind) {
    case 'spawned': return say(`Entered the world${where}.`, 'good');
    case 'died': return say(`Died${where}${data.cause ? `: ${data.cause}` : ''}.`, 'bad');
    case 'respawned': return say('Came back to life.', 'good');
    case 'hurt': return say(`Was hurt${data.cause ? ` by ${plain(data.cause)}` : ''}.`, 'bad');
    case 'health': return say(`Health ${Math.round(data.health)}, food ${data.food}.`, undefined, true);
    case 'chat': return say(`${data.sender ?? 'Server'}: ${data.text}`, 'talk');
    case 'kicked': return say(`Was kicked: ${data.reason}`, 'bad');
    case 'disconnected': return say(`Lost the connection${data.reason ? `: ${data.reason}` : ''}.`, 'bad');
    case 'reconnected': return say('Is connected again.', 'good');
    case 'block': return say(`A block changed${isPlace(data.pos) ? ` at ${data.pos.join(' ')}` : ''}.`, undefined, true);
    case 'inventory': return say('The inventory changed.', undefined, true);
    case 'progress': return say(`${plain(data.action ?? 'work')}: ${data.done ?? '?'} of ${data.total ?? '?'}.`, undefined, true);
    default: return say(plain(data.kind ?? 'body'), undefined, true);
  }
}

const say = (text, tone, minor = false) => ({ text, tone, minor });
const capital = (s) => s.charAt(0).toUpperCase() + s.slice(1);
const spaced = (s) => s.replace(/([A-Z])/g, ' $1').toLowerCase().replaceAll('_', ' ');
const isPlace = (v) => Array.isArray(v) && v.length === 3 && v.every((n) => typeof n === 'number');
const stepOf = (data, provenance) => stepTitle({ type: String(data.type ?? data.leaf ?? provenance.capability ?? 'a step').replace(/@[\d.]+$/, ''), args: data.args });

function errorText(data) {
  const error = data.error ?? data.result?.error;
  if (!error) return '';
  if (typeof error === 'string') return `: ${error}`;
  return `: ${error.detail ?? error.code}`;
}
