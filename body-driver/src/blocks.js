// Breaking and placing: each answers when the server has shown the change, never on a prediction.
import { createRequire } from 'node:module'
import { Failure } from './errors.js'
import { gaze } from './gaze.js'
import { unlessInterrupted } from './interrupt.js'
import { triple, vec, windowSlot } from './senses.js'

const { Vec3 } = createRequire(import.meta.url)('vec3')

export const REACH = 4.5
const SERVER_ANSWER_MS = 3000
const JUMP_MS = 1000 // a jump is above one block after a fifth of this
/** Both halves of a door or bed come with one tick of the server, or nearly so. */
const HALF_MS = 1500
/** The item leaves the hand with the same tick; a server that takes nothing is not waited for longer. */
const SPENT_MS = 1000
export const FACES = { up: [0, 1, 0], down: [0, -1, 0], north: [0, 0, -1], south: [0, 0, 1], east: [1, 0, 0], west: [-1, 0, 0] }
/** Whole blocks up to 1.12, plants and layers since. */
const WHOLE_ONCE = new Set(['grass', 'snow'])
const REPLACEABLE = new Set(['air', 'cave_air', 'void_air', 'water', 'flowing_water', 'lava', 'flowing_lava', 'grass', 'short_grass', 'tall_grass', 'tallgrass', 'fern', 'large_fern', 'dead_bush', 'deadbush', 'seagrass', 'tall_seagrass', 'fire', 'soul_fire', 'vine', 'snow', 'snow_layer', 'bubble_column', 'double_plant', 'glow_lichen', 'crimson_roots', 'warped_roots', 'nether_sprouts', 'hanging_roots', 'light', 'structure_void'])
const OPENS = /(chest|barrel|furnace|smoker|crafting_table|anvil|hopper|dropper|dispenser|shulker_box|_bed$|^bed$|door|trapdoor|fence_gate|lever|button|brewing_stand|enchanting_table|enchant|beacon|loom|grindstone|stonecutter|cartography_table|smithing_table|note_?block|jukebox|repeater|comparator|lectern|composter|crafter|bell|respawn_anchor)/

const eyes = (bot) => bot.entity.position.offset(0, bot.entity.eyeHeight || 1.62, 0)

/** From the eyes to the nearest point of a block's cell. */
export function reachTo (bot, [x, y, z]) {
  const from = eyes(bot)
  const gap = (low, at) => Math.max(low - at, at - (low + 1), 0)
  return Math.hypot(gap(x, from.x), gap(y, from.y), gap(z, from.z))
}

/** mineflayer shows a broken block as air before the server has spoken; here only the server's word counts. */
export function withoutPrediction (bot) {
  bot.once('inject_allowed', () => { bot._updateBlockState = () => {} })
}

export async function dig (bot, { pos }, { signal, watch }) {
  const block = bot.blockAt(vec(pos), false)
  const where = pos.join(' ')
  if (block === null) throw new Failure('dig.outOfReach', `${where} is not loaded`)
  const reach = reachTo(bot, pos)
  if (reach > REACH) throw new Failure('dig.outOfReach', `${where} is ${reach.toFixed(1)} blocks away`)
  if (!block.diggable || block.type === 0 || block.hardness === null || block.hardness < 0) {
    throw new Failure('dig.blockChanged', `${block.name} at ${where} cannot be broken`)
  }
  const before = block.stateId
  const ms = bot.digTime(block)
  const started = performance.now()
  await new Promise((resolve, reject) => {
    const name = `blockUpdate:${block.position}`
    const finish = (settle) => {
      clearTimeout(timer)
      unwatch()
      signal.removeEventListener('abort', aborted)
      bot.removeListener(name, changed)
      settle()
    }
    const aborted = () => finish(() => { giveUp(bot, name); reject(signal.reason) })
    const unwatch = watch((failure) => finish(() => { giveUp(bot, name); reject(failure) }))
    const timer = setTimeout(() => finish(() => {
      giveUp(bot, name)
      reject(new Failure('dig.timeout', `${block.name} at ${where} did not break in ${Math.round(ms)} ms and ${SERVER_ANSWER_MS} more`))
    }), ms + SERVER_ANSWER_MS)
    let sent = false // whether the server has been told that the block is through
    const changed = (_old, now) => {
      if (now === null) return // the chunk went; the time limit ends it
      if (now.stateId === before) {
        // A server may repeat the block when digging starts; after the end it means that it refuses.
        if (sent) finish(() => { giveUp(bot, name); reject(new Failure('dig.timeout', `the server put ${now.name} at ${where} back`)) })
        return
      }
      if (now.type === 0 || isFluid(now)) finish(() => { giveUp(bot, name); resolve() })
      else finish(() => { giveUp(bot, name); reject(new Failure('dig.blockChanged', `${now.name} is at ${where} now`)) })
    }
    signal.addEventListener('abort', aborted)
    bot.prependListener(name, changed)
    setTimeout(() => { sent = true }, ms)
    bot.dig(block, true, faceTowards(bot, block.position)).catch((error) => finish(() => { giveUp(bot, name); reject(error) }))
    if (signal.aborted) aborted()
  })
  return { result: { ms: performance.now() - started, expectedMs: ms } }
}

const isFluid = (block) => block.name.includes('water') || block.name.includes('lava')

/** End mineflayer's own digging and drop the listener it would leave behind. */
function giveUp (bot, name) {
  bot.stopDigging()
  bot.removeAllListeners(name)
}

/** The side of a block that looks at the eyes most. */
export function faceTowards (bot, position) {
  const delta = eyes(bot).minus(position.offset(0.5, 0.5, 0.5))
  const axis = ['y', 'x', 'z'].reduce((most, name) => Math.abs(delta[name]) > Math.abs(delta[most]) ? name : most)
  const face = new Vec3(0, 0, 0)
  face[axis] = Math.sign(delta[axis]) || 1
  return face
}

export async function place (bot, { against, face }, context) {
  const direction = FACES[face]
  if (direction === undefined) throw new Failure('step.badArgs', `no face is called ${face}`)
  const item = bot.heldItem
  if (!item) throw new Failure('inventory.missing', 'the hand is empty')
  const slot = windowSlot(bot.quickBarSlot)
  const held = item.count
  const reference = bot.blockAt(vec(against), false)
  const dest = vec(against).plus(vec(direction))
  const where = triple(dest).join(' ')
  const target = bot.blockAt(dest, false)
  if (reference === null || target === null) throw new Failure('place.outOfReach', `${where} is not loaded`)
  const reach = reachTo(bot, against)
  if (reach > REACH) throw new Failure('place.outOfReach', `${against.join(' ')} is ${reach.toFixed(1)} blocks away`)
  if (reference.boundingBox === 'empty' || reference.shapes.length === 0) {
    throw new Failure('place.invalidFace', `${reference.name} at ${against.join(' ')} is nothing to place against`)
  }
  if (!REPLACEABLE.has(target.name) || target.boundingBox === 'block' && WHOLE_ONCE.has(target.name)) throw new Failure('place.occupied', `${target.name} is at ${where}`)
  const solid = bot.registry.blocksByName[item.name]?.boundingBox === 'block'
  const pillars = solid && bot.entity.onGround && bot.entity.position.floored().equals(dest)
  if (solid && !pillars && standsIn(bot.entity, dest)) throw new Failure('place.occupied', `the bot itself stands at ${where}`)

  const sneaks = OPENS.test(reference.name)
  if (sneaks) {
    bot.setControlState('sneak', true)
    await bot.waitForTicks(2) // the server has to know before the click
  }
  const before = target.stateId
  try {
    await gaze(bot, reference.position.plus(new Vec3(...direction.map((step) => 0.5 + step / 2))), context)
    const click = () => bot._placeBlockWithOptions(reference, vec(direction), { swingArm: 'right', forceLook: 'ignore' })
    if (pillars) await fromAbove(bot, dest, click, context)
    else await unlessInterrupted(context, click())
  } catch (error) {
    if (error instanceof Failure) throw error
    if (/Server refused to place/.test(error.message)) {
      const taken = Object.values(bot.entities).find((entity) => entity !== bot.entity && entity.type !== 'object' && standsIn(entity, dest))
      if (taken) throw new Failure('place.occupied', `a ${taken.name ?? taken.type} stands at ${where}`)
    }
    throw error
  } finally {
    if (sneaks) bot.setControlState('sneak', false)
    if (pillars) bot.setControlState('jump', false)
  }
  const now = bot.blockAt(dest, false)
  if (now === null || now.stateId === before) throw new Failure('place.timeout', `${where} did not change`)
  await otherHalf(bot, now, context)
  await spent(bot, slot, item, held, context)
  return { result: { state: now.stateId, name: now.name } }
}

/** Wait for the server to take the item: it may show the block first, and counts made in between would be old. */
async function spent (bot, slot, item, held, context) {
  if (bot.game.gameMode === 'creative') return
  const until = performance.now() + SPENT_MS
  for (;;) {
    const now = bot.inventory.slots[slot]
    if (now?.name !== item.name || now.count < held || performance.now() > until) return
    await unlessInterrupted(context, bot.waitForTicks(1))
  }
}

/**
 * Jump, and click while the feet are above the cell: in the very tick, since a process that lags makes up for several
 * at once, and in the second one above, since the server hears of a position when its tick is over.
 */
async function fromAbove (bot, { x, y, z }, click, context) {
  let tick
  let limit
  const clicked = new Promise((resolve, reject) => {
    let above = 0
    tick = () => {
      above = bot.entity.position.y >= y + 1 ? above + 1 : 0
      if (above !== 2) return
      bot.setControlState('jump', false)
      resolve(click())
    }
    limit = setTimeout(() => reject(new Failure('place.occupied', `the bot stands at ${x} ${y} ${z} and cannot jump`)), JUMP_MS)
  })
  bot.on('physicsTick', tick)
  bot.setControlState('jump', true)
  try {
    await unlessInterrupted(context, clicked)
  } finally {
    clearTimeout(limit)
    bot.removeListener('physicsTick', tick)
    bot.setControlState('jump', false)
  }
}

/** Doors, beds and tall plants are there once both halves are. */
async function otherHalf (bot, block, context) {
  if (!bot.supportFeature('theFlattening')) return
  const { half, part, facing } = block.getProperties()
  const step = half === 'lower' ? FACES.up : part === 'foot' ? FACES[facing] : null
  if (step === null) return
  const cell = block.position.plus(vec(step))
  const there = () => bot.blockAt(cell, false)?.name === block.name
  const deadline = performance.now() + HALF_MS
  while (!there()) {
    if (performance.now() > deadline) throw new Failure('place.timeout', `only half of the ${block.name} at ${triple(block.position).join(' ')} appeared`)
    await unlessInterrupted(context, bot.waitForTicks(1))
  }
}

function standsIn (entity, { x, y, z }) {
  const half = (entity.width ?? 0.6) / 2 - 1e-3
  const { position } = entity
  return position.x + half > x && position.x - half < x + 1 && position.z + half > z && position.z - half < z + 1 &&
    position.y + (entity.height ?? 1.8) > y + 1e-3 && position.y < y + 1 - 1e-3
}
