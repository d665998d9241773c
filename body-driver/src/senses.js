// Reading the world: nothing here changes it.
import { Buffer } from 'node:buffer'
import { createRequire } from 'node:module'
import { Failure } from './errors.js'
import { wrap, yawForBrain } from './angles.js'

const require = createRequire(import.meta.url)
const { Vec3 } = require('vec3')

export const UNKNOWN = 0xffff
const MAX_SCAN_CELLS = 4_000_000
/** How long a scan may hold the loop before physics and packets get their turn. */
const SLICE_MS = 8

const ARMOUR = { head: 5, torso: 6, legs: 7, feet: 8 }
const OFF_HAND = 45

export const vec = ([x, y, z]) => new Vec3(x, y, z)
export const triple = ({ x, y, z }) => [x, y, z]

/** An item as the brain knows it: name, count, wear. */
export function stackOf (item) {
  if (item === null || item === undefined) return null
  return [item.name, item.count, item.maxDurability ? (item.durabilityUsed ?? 0) : 0]
}

/** The player window's slot (36-44 hotbar, 9-35 the rest) for a brain's slot (0-8 hotbar, 9-35 the rest). */
export const windowSlot = (slot) => slot < 9 ? slot + 36 : slot

/** What lies in a slot of the player's window. While another window is open that one shows the 36 slots. */
export function playerSlot (bot, slot) {
  const { currentWindow: window, inventory } = bot
  if (!window || slot < inventory.inventoryStart || slot >= inventory.inventoryEnd) return inventory.slots[slot]
  return window.slots[window.inventoryStart + slot - inventory.inventoryStart]
}

function inventoryOf (bot) {
  const { slots } = bot.inventory
  const worn = {}
  for (const [place, slot] of Object.entries(ARMOUR)) if (slots[slot]) worn[place] = stackOf(slots[slot])
  if (!bot.supportFeature('doesntHaveOffHandSlot') && slots[OFF_HAND]) worn['off-hand'] = stackOf(slots[OFF_HAND])
  return { slots: Array.from({ length: 36 }, (_, i) => stackOf(playerSlot(bot, windowSlot(i)))), worn }
}

/** The body's state; `moving` also tells of an action under way. */
export function observe (bot, busy, opened) {
  const { entity } = bot
  return {
    position: triple(entity.position),
    yaw: yawForBrain(entity.yaw),
    pitch: wrap(entity.pitch),
    velocity: triple(entity.velocity),
    onGround: entity.onGround,
    inWater: Boolean(entity.isInWater),
    inLava: Boolean(entity.isInLava),
    health: bot.health ?? 0,
    food: bot.food ?? 0,
    saturation: Number.isFinite(bot.foodSaturation) ? bot.foodSaturation : 0,
    air: airOf(bot),
    alive: bot.isAlive,
    gameMode: bot.game.gameMode,
    dimension: bot.game.dimension,
    selected: bot.quickBarSlot ?? 0,
    inventory: inventoryOf(bot),
    timeOfDay: bot.time.timeOfDay ?? 0,
    age: bot.time.age ?? 0,
    raining: bot.isRaining,
    moving: busy || Object.values(bot.controlState).some(Boolean),
    sleeping: Boolean(bot.isSleeping),
    window: opened
  }
}

/** Ticks of air left: mineflayer counts in 20ths; nothing heard yet means full lungs. */
function airOf (bot) {
  return bot.oxygenLevel === undefined || bot.oxygenLevel === null ? 300 : Math.max(0, Math.min(300, bot.oxygenLevel * 15))
}

/** State ids of a box as uint16 LE, index [x][y][z]; with `light` the block and the sky layer follow, a byte a cell. */
export async function scan (bot, { low, high, light = false }, { signal }) {
  const [sx, sy, sz] = high.map((top, axis) => top - low[axis] + 1)
  const cells = sx * sy * sz
  if (!(sx > 0 && sy > 0 && sz > 0) || cells > MAX_SCAN_CELLS) throw new Failure('step.badArgs', `a box of ${sx} by ${sy} by ${sz} cells`)
  const blocks = new Uint16Array(cells).fill(UNKNOWN)
  const lit = light && givesLight(bot)
  const blockLight = lit ? new Uint8Array(cells) : null
  const skyLight = lit ? new Uint8Array(cells) : null
  const bottom = bot.game.minY
  const top = bottom + bot.game.height
  const pos = new Vec3(0, 0, 0)
  let since = performance.now()
  for (let x = low[0]; x <= high[0]; x++) {
    for (let z = low[2]; z <= high[2]; z++) {
      const column = bot.world.getColumn(x >> 4, z >> 4)
      if (!column) continue
      pos.x = x & 15
      pos.z = z & 15
      let at = (x - low[0]) * sy * sz + (z - low[2])
      for (let y = low[1]; y <= high[1]; y++, at += sz) {
        pos.y = y
        const inside = y >= bottom && y < top
        blocks[at] = inside ? column.getBlockStateId(pos) : 0 // above and below the world is air
        if (lit) {
          blockLight[at] = inside ? column.getBlockLight(pos) : 0
          skyLight[at] = skyLightAt(bot, column, pos, y < bottom ? 0 : 15, inside)
        }
      }
    }
    if (performance.now() - since > SLICE_MS) {
      await new Promise((resolve) => setImmediate(resolve))
      signal.throwIfAborted()
      since = performance.now()
    }
  }
  const layers = [blocks, blockLight, skyLight].filter((layer) => layer !== null)
  const bytes = Buffer.concat(layers.map((layer) => Buffer.from(layer.buffer)))
  return { result: { size: [sx, sy, sz], light: lit }, bytes }
}

/**
 * The sky light of a cell. Up to 1.13 sections without blocks are not sent; the game's own client then takes
 * 15 under the open sky and 0 elsewhere (no light falls into a dimension without a sky).
 */
function skyLightAt (bot, column, pos, outside, inside) {
  if (!inside) return outside
  if (bot.supportFeature('lightSentSeparately') || bot.supportFeature('newLightingDataFormat') || bot.supportFeature('tallWorld')) {
    return column.getSkyLight(pos)
  }
  if (column.sections[pos.y >> 4]) return column.getSkyLight(pos)
  if (bot.game.dimension !== 'overworld') return 0
  const above = pos.clone()
  for (above.y = ((pos.y >> 4) + 1) << 4; above.y < bot.game.height; above.y++) {
    if (!column.sections[above.y >> 4]) above.y |= 15
    else if (column.getBlock(above).filterLight > 0) return 0
  }
  return 15
}

/** 1.14 to 1.17 send light in packets of their own, which some servers leave out. */
function givesLight (bot) {
  const column = bot.world.getColumnAt(bot.entity.position)
  if (!column) return false
  if (typeof column.skyLightMask === 'number') return column.skyLightMask !== 0 || column.blockLightMask !== 0
  const sections = column.skyLightSections
  if (Array.isArray(sections)) return sections.some((section) => section !== null && section !== undefined)
  return true
}

/** Loaded blocks of these names within `radius` (feet to the block's middle), nearest first, ties by (y, x, z). */
export async function findBlocks (bot, { names, radius, limit }, { signal }) {
  const wanted = new Set()
  for (const name of names) {
    const block = bot.registry.blocksByName[name]
    if (block === undefined) throw new Failure('step.badArgs', `version ${bot.version} has no block called ${name}`)
    const [from, to] = statesOf(bot, block)
    for (let state = from; state <= to; state++) wanted.add(state)
  }
  const { x: cx, y: cy, z: cz } = bot.entity.position
  const found = []
  const columns = columnsWithin(bot, cx, cz, radius)
  let worst = Infinity
  let since = performance.now()
  for (const { column, x0, z0, nearest } of columns) {
    if (nearest > worst) break // every further column is farther than what was found
    const sections = column.sections ?? []
    for (let index = 0; index < bot.game.height >> 4; index++) {
      const y0 = bot.game.minY + index * 16
      const dy = Math.max(y0 + 0.5 - cy, cy - (y0 + 15.5), 0)
      if (dy > radius || dy > worst || !mayHold(sections[index], wanted)) continue
      searchSection(column, x0, y0, z0, bot.game.minY)
    }
    if (found.length >= limit) {
      found.sort(nearer)
      found.length = limit
      worst = found[limit - 1].distance
    }
    if (performance.now() - since > SLICE_MS) {
      await new Promise((resolve) => setImmediate(resolve))
      signal.throwIfAborted()
      since = performance.now()
    }
  }
  found.sort(nearer)
  return { result: found.slice(0, limit).map(({ pos }) => pos) }

  function searchSection (column, x0, y0, z0) {
    const pos = new Vec3(0, 0, 0)
    for (pos.y = y0; pos.y < y0 + 16; pos.y++) {
      for (pos.x = 0; pos.x < 16; pos.x++) {
        for (pos.z = 0; pos.z < 16; pos.z++) {
          if (!wanted.has(column.getBlockStateId(pos))) continue
          const distance = Math.hypot(x0 + pos.x + 0.5 - cx, pos.y + 0.5 - cy, z0 + pos.z + 0.5 - cz)
          if (distance <= radius) found.push({ distance, pos: [x0 + pos.x, pos.y, z0 + pos.z] })
        }
      }
    }
  }
}

function nearer (a, b) {
  return a.distance - b.distance || a.pos[1] - b.pos[1] || a.pos[0] - b.pos[0] || a.pos[2] - b.pos[2]
}

function statesOf (bot, block) {
  if (bot.supportFeature('theFlattening')) return [block.minStateId, block.maxStateId]
  return [block.id << 4, (block.id << 4) + 15]
}

/** Whether a section can hold one of the states, by its palette if it has one. */
function mayHold (section, wanted) {
  if (!section) return false
  const palette = section.palette ?? section.data?.palette
  if (Array.isArray(palette)) return palette.some((state) => wanted.has(state))
  return section.data?.value === undefined || wanted.has(section.data.value)
}

function columnsWithin (bot, cx, cz, radius) {
  const columns = []
  for (let x = Math.floor((cx - radius) / 16); x <= Math.floor((cx + radius) / 16); x++) {
    for (let z = Math.floor((cz - radius) / 16); z <= Math.floor((cz + radius) / 16); z++) {
      const column = bot.world.getColumn(x, z)
      if (!column) continue
      const [x0, z0] = [x * 16, z * 16]
      const dx = Math.max(x0 + 0.5 - cx, cx - (x0 + 15.5), 0)
      const dz = Math.max(z0 + 0.5 - cz, cz - (z0 + 15.5), 0)
      columns.push({ column, x0, z0, nearest: Math.hypot(dx, dz) })
    }
  }
  return columns.sort((a, b) => a.nearest - b.nearest || a.x0 - b.x0 || a.z0 - b.z0)
}

/** Everything else that is alive or lies about, nearest first. */
export function entities (bot, { radius }) {
  const here = bot.entity.position
  const near = []
  for (const entity of Object.values(bot.entities)) {
    if (entity === bot.entity || !entity.isValid || !Number.isFinite(entity.position.x)) continue
    const distance = entity.position.distanceTo(here)
    if (distance > radius) continue
    near.push({ distance, view: viewOf(bot, entity) })
  }
  near.sort((a, b) => a.distance - b.distance || a.view.id - b.view.id)
  return { result: near.map(({ view }) => view) }
}

function viewOf (bot, entity) {
  const dropped = isDropped(entity)
  return {
    id: entity.id,
    kind: entity.type === 'player' ? 'player' : dropped ? 'item' : entity.name ?? 'unknown',
    position: triple(entity.position),
    velocity: triple(entity.velocity),
    health: Number.isFinite(entity.health) ? entity.health : null,
    stack: dropped ? droppedStack(bot, entity) : null,
    name: entity.type === 'player' ? entity.username ?? null : null,
    width: entity.width ?? 0.6,
    height: entity.height ?? 1.8
  }
}

/** For 1.8 minecraft-data names another place than the game uses (protocol 47, "Entity metadata", Item). */
const DROPPED_1_8 = 10

/** What lies there; null until the server has said so, which takes a packet of its own. */
function droppedStack (bot, entity) {
  const { registry } = bot
  const places = [registry.supportFeature('metadataIxOfItem'), ...(registry.version['<']('1.9') ? [DROPPED_1_8] : [])]
  const told = places.map((place) => entity.metadata?.[place]).find((value) => typeof value === 'object' && value !== null)
  return told === undefined ? null : stackOf(require('prismarine-item')(registry).fromNotch(told))
}

/** Dropped items are called item, Item or item_stack, by version. */
function isDropped (entity) {
  return ['item', 'item_stack'].includes(String(entity.name).toLowerCase())
}
