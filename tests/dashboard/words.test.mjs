// What the page says of events: run by `node --test`, and from pytest by test_words.py.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { counted, eventText, goalText, stepTitle } from '../../dashboard/web/js/words.js';
import { ago, judged, lasting, leafBars, named, standing, who } from '../../dashboard/web/js/skills/words.js';

const ended = (result, more = {}) => eventText({ type: 'step.ended', data: { type: 'acquire_material', args: { item: 'oak_log', count: 3 }, attempts: 1, result, ...more } });
const difference = (d) => ({ observables: { commands: 2, difference: d } });

test('a step that succeeded says what was gained', () => {
  const line = ended({ ok: true, changed: true, ...difference({ inventory: { oak_log: 3 }, position: { before: [0, 0, 0], after: [3, 69, -2] } }) });
  assert.deepEqual([line.text, line.tone], ['Gather 3 oak logs: +3 oak log.', 'good']);
});

test('a step that failed is never told as done, and says why with code and detail', () => {
  const line = ended({ ok: false, changed: false, error: { code: 'sense.notFound', detail: 'no oak log within 48 blocks', retryable: false } });
  assert.deepEqual([line.text, line.tone], ['Gather 3 oak logs failed: no oak log within 48 blocks (sense.notFound).', 'bad']);
  assert.equal(ended({ ok: false, error: { code: 'dig.timeout' } }, { attempts: 3 }).text, 'Gather 3 oak logs failed after 3 tries: dig.timeout.');
});

test('what a failed step gained all the same is told', () => {
  const line = ended({ ok: false, changed: true, error: { code: 'step.timeout', detail: 'late' }, ...difference({ inventory: { oak_log: 2 } }) });
  assert.equal(line.text, 'Gather 3 oak logs failed: late (step.timeout). It kept +2 oak log.');
});

test('a step that was preempted was broken off, which is neither good nor bad', () => {
  const line = ended({ ok: false, error: { code: 'step.cancelled', detail: 'preempted by something more urgent' } });
  assert.equal(line.text, 'Gather 3 oak logs was broken off: preempted by something more urgent (step.cancelled).');
  assert.equal(line.tone, 'warn');
});

test('a step that a crash cut off claims nothing', () => {
  const line = eventText({ type: 'step.ended', data: { interrupted: true, verdict: 'inconclusive' }, provenance: { capability: 'dig_block@1.0.0' } });
  assert.match(line.text, /^Digging was cut off by the last stop/);
  assert.equal(line.tone, 'warn');
});

test('an end that does not say how it ended claims no success', () => {
  assert.equal(eventText({ type: 'step.ended', data: { type: 'wait', args: { ms: 5 } } }).tone, 'warn');
});

test('a success that changed nothing says so', () => {
  const line = eventText({ type: 'step.ended', data: { type: 'place_workstation', args: { kind: 'crafting_table' }, attempts: 1, result: { ok: true, changed: false, observables: { heldBefore: true, commands: 0 } } } });
  assert.equal(line.text, 'Set up a crafting table: was so already.');
  assert.equal(line.tone, undefined);
});

test('a step without gain says where the bot stands, or which block is there', () => {
  const walk = { type: 'step.ended', data: { type: 'sterling_navigate', args: { goal: { x: 12, y: 64, z: 9 } }, result: { ok: true, changed: true, ...difference({ position: { before: [0, 64, 0], after: [12.5, 64, 9.5] } }) } } };
  assert.equal(eventText(walk).text, 'Walk to 12 64 9: now at 12 64 9.');
  const place = { type: 'step.ended', data: { type: 'place_workstation', args: { kind: 'furnace' }, result: { ok: true, changed: true, ...difference({ inventory: { furnace: -1 }, blocks: [{ pos: [1, 2, 3], before: 'air', after: 'furnace' }] }) } } };
  assert.equal(eventText(place).text, 'Set up a furnace: −1 furnace, furnace at 1 2 3.');
});

test('goals end reached, set aside or given up', () => {
  const end = (data) => eventText({ type: 'goal.ended', data: { goal: 'get 1 stone_axe', ...data } });
  assert.deepEqual([end({ outcome: 'reached' }).text, end({ outcome: 'reached' }).tone], ['Reached the goal: Get a stone axe.', 'good']);
  assert.deepEqual([end({ outcome: 'preempted' }).text, end({ outcome: 'preempted' }).tone], ['Set aside: Get a stone axe.', 'warn']);
  const failed = end({ outcome: 'failed', error: { code: 'path.unreachable', detail: 'no way' }, suppressedFor: 300 });
  assert.deepEqual([failed.text, failed.tone], ['Gave up: Get a stone axe: no way (path.unreachable). It is left alone for 5 minutes.', 'bad']);
});

test('signals say who asked, and what was refused why', () => {
  assert.equal(eventText({ type: 'signal', data: { text: 'explore', source: 'dashboard', accepted: true } }).text, 'Asked for “explore” (from dashboard).');
  assert.equal(eventText({ type: 'signal', data: { text: 'fly', source: 'x', accepted: false, reason: 'unknown' } }).text, 'Refused “fly” (from x): unknown');
});

test('plans name their steps, and a missing plan its reason', () => {
  const steps = [{ type: 'craft_recipe', args: { recipe: 'stick', qty: 4 } }];
  assert.equal(eventText({ type: 'plan.generated', data: { steps } }).text, 'Plan of 1 step: Craft 4 sticks');
  assert.equal(eventText({ type: 'plan.failed', data: { goal: 'get 1 elytra', error: { code: 'sense.notFound', detail: 'no source' } } }).text, 'Found no plan for “Get 1 elytra”: no source (sense.notFound)');
});

test('every verb has a title without JSON, whichever way a place is written', () => {
  assert.equal(stepTitle({ type: 'sterling_navigate@1.0.0', args: { goal: { x: 12, y: 64, z: 9 }, toleranceXZ: 1, toleranceY: 0 } }), 'Walk to 12 64 9');
  assert.equal(stepTitle({ type: 'move_to', args: { pos: [12, 64, 9] } }), 'Walk to 12 64 9');
  assert.equal(stepTitle({ type: 'dig_block', args: { pos: [1, 2, 3], expect: 'stone' } }), 'Dig stone at 1 2 3');
  assert.equal(stepTitle({ type: 'place_block', args: { item: 'torch', pos: { x: 1, y: 2, z: 3 } } }), 'Place a torch at 1 2 3');
  assert.equal(stepTitle({ type: 'equip_tool', args: { kind: 'pickaxe', minTier: 'stone' } }), 'Take stone or better pickaxe in hand');
  assert.equal(stepTitle({ type: 'chat', args: { message: 'hello' } }), 'Say “hello”');
  assert.equal(stepTitle({ type: 'wait', args: { ms: 1500 } }), 'Wait 1.5 seconds');
  assert.equal(stepTitle({ type: 'respawn', args: {} }), 'Come back to life');
  assert.equal(stepTitle({ type: 'new_verb', args: { target: { x: 1, y: 2, z: 3 }, deep: { a: 1 }, safe: true } }), 'New verb target 1 2 3, safe');
});

test('things are counted as people count them', () => {
  assert.deepEqual([counted(1, 'oak_log'), counted(16, 'oak_log'), counted(1, 'stone_axe'), counted(3, 'cobblestone'), counted(2, 'torch'), counted(12, 'oak_planks')],
    ['an oak log', '16 oak logs', 'a stone axe', '3 cobblestone', '2 torches', '12 oak planks']);
  assert.deepEqual([goalText('get 16 oak_log'), goalText('go 1 2 -3'), goalText('explore')], ['Get 16 oak logs', 'Go to 1 2 -3', 'Explore']);
});

test('what happens to the body is told', () => {
  assert.equal(eventText({ type: 'body', data: { kind: 'died', position: [1.5, 64, 2.5] } }).text, 'Died at 1 64 2.');
  assert.equal(eventText({ type: 'body', data: { kind: 'hurt', cause: 'zombie' } }).text, 'Was hurt by zombie.');
});

test('what becomes of a skill is told with its reason', () => {
  const told = (act, after) => eventText({ type: 'capability.changed', data: { id: 'opt.torch_corridor@1.0.0', act, after, reason: 'win-rate: enough' } });
  assert.equal(told('register', 'shadow').text, 'New skill: torch corridor 1.0.0. It begins in shadow.');
  assert.deepEqual([told('promote', 'active').text, told('promote', 'active').tone], ['The skill torch corridor 1.0.0 may be used now (win-rate: enough).', 'good']);
  assert.equal(told('revert', 'shadow').text, 'The skill torch corridor 1.0.0 is taken back to shadow (win-rate: enough).');
  assert.equal(told('retire', 'retired').tone, 'bad');
});

test('a judged condition shows what was expected and what was observed', () => {
  assert.deepEqual(judged({ name: 'corridor.light>=8', ok: false, observed: 0 }), { what: 'corridor.light', expected: '≥ 8', observed: '0', ok: false });
  assert.deepEqual(judged({ name: 'reached(end)==true', ok: true, observed: true }), { what: 'reached(end)', expected: 'true', observed: 'true', ok: true });
  assert.equal(judged({ name: 'hostiles_present', ok: false }).observed, 'could not be read');
});

test('a pass of a loop begins with its children at rest, and counts', () => {
  const nodes = [{ kind: 'repeat_until' }, { kind: 'sequence', parent: 0 }, { kind: 'leaf', parent: 1, label: 'step' }];
  const tick = (at, node, status) => ({ at, node, status });
  const ticks = [tick(0, 0, 'running'), tick(0, 1, 'running'), tick(0, 2, 'running'), tick(1, 2, 'success'), tick(1, 1, 'success'), tick(1, 1, 'running'), tick(1, 2, 'running')];
  assert.equal(standing(ticks, 4, nodes).get(2).status, 'success');
  assert.equal(standing(ticks, 6, nodes).get(2).status, 'idle');
  assert.deepEqual([standing(ticks, 7, nodes).get(2).status, standing(ticks, 7, nodes).get(2).times], ['running', 2]);
  assert.deepEqual(leafBars(ticks, new Map([[2, 'step']]), 0).map((b) => [b.from, b.to, b.status]), [[0, 1, 'success'], [1, 1, 'running']]);
});

test('times and names are said as people say them', () => {
  assert.deepEqual(named('opt.torch_corridor@1.2.0'), { name: 'torch corridor', version: '1.2.0' });
  assert.deepEqual([lasting(0.35), lasting(12.34), lasting(185), lasting(undefined)], ['350 ms', '12.3 s', '3:05 min', '–']);
  assert.deepEqual([ago(0, 1000), ago(0, 61_000), ago(0, 7_200_000)], ['just now', '1 minute ago', '2 hours ago']);
  assert.deepEqual([who('operator:sam'), who('gate')], ['sam (operator)', 'the gate, by evidence']);
});
