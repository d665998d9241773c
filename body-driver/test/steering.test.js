// Which keys a planned way asks for, and when a body rests.
import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import { keysTo, reached } from '../src/steering.js'
import { standStill } from '../src/still.js'

const { Vec3 } = createRequire(import.meta.url)('vec3')

const body = (changes = {}) => ({
  position: { x: 0.5, y: 64, z: 0.5 },
  velocity: { x: 0, y: 0, z: 0 },
  onGround: true,
  inFluid: false,
  climbing: false,
  food: 20,
  ...changes
})
const way = (move) => [0, 1, 2, 3, 4].map((x) => ({ x, y: 64, z: 0, move: x === 0 ? 'walk' : move }))

test('a sneaked way is walked with the sneak key, and never sprinted', () => {
  const sneaked = keysTo(body(), way('sneak'), 1, 0)
  assert.deepEqual([sneaked.forward, sneaked.sneak, sneaked.sprint], [true, true, false])
  const walked = keysTo(body(), way('walk'), 1, 0)
  assert.deepEqual([walked.forward, walked.sneak, walked.sprint], [true, false, true])
})

test('a current keeps nobody from arriving', () => {
  const drifting = { position: { x: 1.5, y: 64, z: 0.5 }, velocity: { x: 0.03, y: 0, z: 0 } }
  const path = way('walk').slice(0, 2)
  assert.equal(reached(body({ ...drifting, inFluid: true, onGround: false }), path, 1), true)
  assert.equal(reached(body(drifting), path, 1), false)
})

function floating (velocityOf) {
  const bot = new EventEmitter()
  const position = new Vec3(0, 64, 0)
  Object.assign(bot, {
    entity: { position, velocity: new Vec3(0, 0, 0), onGround: false, isInWater: true, isInLava: false },
    isAlive: true,
    isSleeping: false,
    currentWindow: null,
    usingHeldItem: false,
    inventory: { slots: [] },
    clearControlStates () {},
    stopDigging () {},
    deactivateItem () {}
  })
  let ticks = 0
  const tick = () => {
    const { x, z } = velocityOf(ticks++)
    bot.entity.velocity = new Vec3(x, 0, z)
    bot.entity.position = bot.entity.position.offset(x, 0, z)
    bot.emit('physicsTick')
  }
  return { bot, tick, count: () => ticks }
}

test('whoever lets go in a current rests when only that carries it', async () => {
  const { bot, tick, count } = floating((k) => ({ x: 0.07 * (1 - 0.8 ** k), z: 0 }))
  const context = { signal: new AbortController().signal, watch: () => () => {} }
  let done = false
  const stopped = standStill(bot, context).then(() => { done = true })
  while (!done && count() < 200) {
    tick()
    await new Promise(setImmediate)
  }
  await stopped
  assert.ok(count() > 10 && count() < 60, `after ${count()} ticks`)
})
