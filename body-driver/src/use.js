// The right mouse button: eating, using blocks, using items, the shield.
import { createRequire } from 'node:module'
import { FACES, reachTo, REACH } from './blocks.js'
import { heard } from './clicks.js'
import { isContainer } from './containers.js'
import { Failure } from './errors.js'
import { gaze } from './gaze.js'
import { unlessInterrupted } from './interrupt.js'
import { stackOf, vec } from './senses.js'

const { Vec3 } = createRequire(import.meta.url)('vec3')

const HOTBAR = 36
const OFF_HAND = 45
/** Food takes 1.6 s (Minecraft Wiki, "Food"), and slow servers more. */
const EAT_MS = 4000
const EFFECT_MS = 2000
/** After the server has answered a click the block may still change a moment later. */
const AFTERMATH_MS = 300
const RAISE_MS = 1500
const TICK_MS = 50
const SPAWN_DISTANCE = 4
const EYES = 1.62

const DRINKS = new Set(['potion', 'milk_bucket', 'honey_bottle', 'ominous_bottle'])
/** Eaten and drunk also with a full food bar (Minecraft Wiki, "Food"). */
const ALWAYS = new Set(['golden_apple', 'enchanted_golden_apple', 'appleEnchanted', 'chorus_fruit', 'suspicious_stew', ...DRINKS])
/** Used along the line of sight, not on the block that is clicked. */
const ALONG_SIGHT = /^(bucket|\w+_bucket|glass_bottle|lily_pad|waterlily)$/

/** Items of another name than the block they put down. */
const PLANTED = /_seeds$|^(carrot|potato|cocoa_beans|sweet_berries|glow_berries|nether_wart|string|redstone|sugar_cane|reeds)$/

/** Blocks that answer to a click; iron doors and trapdoors do not. */
const ANSWERS = /(^(?!iron_)\w*door$|^(?!iron_)\w*trapdoor$|fence_gate|lever|button|repeater|comparator|cake|note_?block|jukebox|composter|cauldron|daylight_detector|candle|flower_pot|sweet_berry_bush|cave_vines|bell|lectern|respawn_anchor|dragon_egg|redstone_ore|chiseled_bookshelf|decorated_pot|beehive|bee_nest|campfire)/
/** What `openContainer`, `craft` and `sleep` are for. */
const OTHER_CALL = /(^|_)(crafting_table|workbench|bed)$/

const held = (bot) => bot.inventory.slots[HOTBAR + bot.quickBarSlot] ?? null
const seen = (item) => JSON.stringify(item === null ? null : [stackOf(item), item.metadata, item.nbt ?? null])

/** Bots whose shield is raised, and with which hand. */
const raised = new WeakSet()

export async function consume (bot, _args, context) {
  const item = held(bot)
  if (item === null) throw new Failure('inventory.missing', 'the hand is empty')
  const food = bot.registry.foodsByName?.[item.name] !== undefined
  if (!food && !DRINKS.has(item.name)) {
    throw new Failure('use.notFood', `${item.name} cannot be eaten or drunk`)
  }
  if (bot.food >= 20 && bot.game.gameMode !== 'creative' && !ALWAYS.has(item.name)) throw new Failure('use.notHungry', 'the food bar is full')
  const slot = HOTBAR + bot.quickBarSlot
  const gone = heard(bot.inventory, `updateSlot:${slot}`, EAT_MS, new Failure('use.timeout', `${item.name} was not eaten in ${EAT_MS / 1000} s`), (_old, now) => {
    return now === null || now === undefined || now.type !== item.type || now.count < item.count
  })
  const whole = item.count
  let eaten = false
  bot.activateItem()
  try {
    await unlessInterrupted(context, gone)
    eaten = true
  } finally {
    if (!eaten) letGoOfItem(bot)
    bot.usingHeldItem = false
  }
  return { result: { left: Math.max(0, whole - 1) } }
}

export async function useBlock (bot, { pos, face }, context) {
  const direction = FACES[face]
  if (direction === undefined) throw new Failure('step.badArgs', `no face is called ${face}`)
  const where = pos.join(' ')
  const block = bot.blockAt(vec(pos), false)
  if (block === null) throw new Failure('use.outOfReach', `${where} is not loaded`)
  const reach = reachTo(bot, pos)
  if (reach > REACH) throw new Failure('use.outOfReach', `${where} is ${reach.toFixed(1)} blocks away`)
  if (isContainer(block.name) || OTHER_CALL.test(block.name)) throw new Failure('use.noEffect', `${block.name} has a call of its own`)
  if (block.name.endsWith('air')) throw new Failure('use.noEffect', `there is nothing but air at ${where}`)
  const item = held(bot)
  const answers = ANSWERS.test(block.name)
  if (item !== null && !answers && (bot.registry.blocksByName[item.name] !== undefined || PLANTED.test(item.name)) && !ALONG_SIGHT.test(item.name)) {
    throw new Failure('use.noEffect', `${block.name} does not answer, and ${item.name} is put down by place`)
  }
  const towards = new Vec3(...direction)
  const point = new Vec3(0.5 + towards.x / 2, 0.5 + towards.y / 2, 0.5 + towards.z / 2)
  const byLook = !answers && item !== null && ALONG_SIGHT.test(item.name)
  const fluid = byLook && block.boundingBox === 'empty'
  await gaze(bot, fluid ? inSight(bot, block.position) : block.position.plus(point), context)
  const effect = effectOf(bot, block, towards, item)
  if (byLook) bot.activateItem()
  else bot.activateBlock(block, towards, point).catch(effect.fail)
  try {
    await unlessInterrupted(context, effect.seen)
  } finally {
    effect.end()
    bot.usingHeldItem = false
    // A door that a click opened may have opened a window too (a claim's menu, a lectern): none stays open.
    if (bot.currentWindow) bot.closeWindow(bot.currentWindow)
  }
  const now = bot.blockAt(vec(pos), false)
  return { result: { name: now?.name ?? null, state: now?.stateId ?? null } }
}

/** A point in a cell that no edge before it hides from the eyes; its middle if all are hidden. */
function inSight (bot, cell) {
  const eyes = bot.entity.position.offset(0, EYES, 0)
  const points = [0.5, 0.85, 0.15].flatMap((y) => [[0.5, 0.5], [0.2, 0.5], [0.8, 0.5], [0.5, 0.2], [0.5, 0.8]].map(([x, z]) => cell.offset(x, y, z)))
  const open = (point) => {
    const way = point.minus(eyes)
    return bot.world.raycast(eyes, way.normalize(), eyes.distanceTo(point)) === null
  }
  return points.find(open) ?? points[0]
}

/** A change of the block, of its other half, of the cell before its face, or of what the hand holds. */
function effectOf (bot, block, towards, item) {
  const cells = [block.position, block.position.offset(0, 1, 0), block.position.offset(0, -1, 0), block.position.plus(towards)]
  const names = [...new Set(cells.map((cell) => `blockUpdate:${cell}`))]
  const before = seen(item)
  const slot = `updateSlot:${HOTBAR + bot.quickBarSlot}`
  const client = bot._client
  let finish
  let aftermath = null
  const failNoEffect = () => finish((_resolve, reject) => reject(new Failure('use.noEffect', `${block.name} at ${block.position} did not change`)))
  const seenPromise = new Promise((resolve, reject) => {
    let over = false
    // Servers of before 1.19 may answer only to what does something; an empty hand does nothing to most blocks.
    const silence = item === null && !ANSWERS.test(block.name)
      ? new Failure('use.noEffect', `${block.name} at ${block.position} did not answer`)
      : new Failure('use.timeout', `the server did not answer a click on ${block.name}`)
    const limit = setTimeout(() => finish(() => reject(silence)), EFFECT_MS)
    const changed = (old, now) => { if (old !== null && now !== null && old.stateId !== now.stateId) finish(resolve) }
    const inHand = () => { if (seen(held(bot)) !== before) finish(resolve) }
    // The server answered without a change: what it has to tell of an effect comes with this or never.
    const answered = () => { aftermath ??= setTimeout(failNoEffect, AFTERMATH_MS) }
    const told = ({ location }) => { if (cells.some((cell) => cell.x === location.x && cell.y === location.y && cell.z === location.z)) answered() }
    finish = (settle) => {
      if (over) return
      over = true
      clearTimeout(limit)
      clearTimeout(aftermath)
      for (const name of names) bot.removeListener(name, changed)
      bot.inventory.removeListener(slot, inHand)
      client.removeListener('block_change', told)
      client.removeListener('acknowledge_player_digging', answered)
      settle(resolve, reject)
    }
    for (const name of names) bot.on(name, changed)
    bot.inventory.on(slot, inHand)
    client.on('block_change', told)
    client.on('acknowledge_player_digging', answered)
  })
  return {
    seen: seenPromise,
    fail: (error) => finish((_resolve, reject) => reject(error)),
    end: () => finish(() => {})
  }
}

export async function useItem (bot, { ticks }, context) {
  const item = held(bot)
  if (item === null) throw new Failure('inventory.missing', 'the hand is empty')
  const before = seen(item)
  let finish
  const effect = new Promise((resolve) => {
    const slot = `updateSlot:${HOTBAR + bot.quickBarSlot}`
    const inHand = () => { if (seen(held(bot)) !== before) finish() }
    const flew = (entity) => { if (entity.type !== 'player' && entity.position.distanceTo(bot.entity.position) < SPAWN_DISTANCE) finish() }
    finish = () => {
      bot.inventory.removeListener(slot, inHand)
      bot.removeListener('entitySpawn', flew)
      resolve()
    }
    bot.inventory.on(slot, inHand)
    bot.on('entitySpawn', flew)
  })
  let pressed = true
  let timer
  bot.activateItem()
  try {
    if (ticks > 0) await unlessInterrupted(context, new Promise((resolve) => setTimeout(resolve, ticks * TICK_MS)))
    if (ticks > 0) bot.deactivateItem()
    pressed = false
    const late = new Promise((_resolve, reject) => {
      timer = setTimeout(() => reject(new Failure('use.noEffect', `using ${item.name} showed no effect`)), EFFECT_MS)
    })
    await unlessInterrupted(context, Promise.race([effect, late]))
  } finally {
    clearTimeout(timer)
    finish()
    if (pressed) letGoOfItem(bot)
    bot.usingHeldItem = false
  }
}

/**
 * Stop using what the hand holds without its effect: letting go would loose the arrow of a drawn bow, taking
 * another slot does not.
 */
function letGoOfItem (bot) {
  const slot = bot.quickBarSlot
  bot.setQuickBarSlot((slot + 1) % 9)
  bot.setQuickBarSlot(slot)
  bot.usingHeldItem = false
}

export async function raiseShield (bot, { up }, context) {
  const off = bot.supportFeature('doesntHaveOffHandSlot') ? null : bot.inventory.slots[OFF_HAND]
  const inOff = off?.name === 'shield'
  if (!up) {
    if (!raised.has(bot) && !handActive(bot)) return
    await flagged(bot, false, context, () => bot.deactivateItem())
    raised.delete(bot)
    return
  }
  if (!inOff && held(bot)?.name !== 'shield') throw new Failure('inventory.missing', 'no shield in either hand')
  if (handActive(bot)) return
  await flagged(bot, true, context, () => bot.activateItem(inOff))
  raised.add(bot)
}

/** Lower the shield without waiting for the server's word, as part of a stop. */
export function lowerShield (bot) {
  if (!raised.has(bot)) return
  raised.delete(bot)
  bot.deactivateItem()
}

/** Whether the server's picture of the body has a hand in use. */
function handActive (bot) {
  return (Number(bot.entity.metadata?.[handFlagsIndex(bot)] ?? 0) & 1) === 1
}

/** Where the hand's state stands among an entity's data (protocol, "Entity metadata", Living Entity). */
function handFlagsIndex (bot) {
  const named = bot.registry.entitiesByName.player?.metadataKeys?.indexOf('living_entity_flags') ?? -1
  if (named >= 0) return named
  const { version } = bot.registry
  if (version['>=']('1.17')) return 8
  if (version['>=']('1.14')) return 7
  return version['>=']('1.10') ? 6 : 5
}

async function flagged (bot, on, context, act) {
  const failure = new Failure('use.timeout', `the server did not show the shield ${on ? 'raised' : 'lowered'}`)
  const shown = heard(bot, 'entityUpdate', RAISE_MS, failure, (entity) => entity === bot.entity && handActive(bot) === on)
  act()
  let done = false
  try {
    await unlessInterrupted(context, shown)
    done = true
  } finally {
    if (!done && on) bot.deactivateItem()
  }
}
