// Chests and furnaces: opening, looking, putting in, taking out. A window that is open is known with its block;
// whatever closes it, the brain hears of it unless it asked for it.
import { createRequire } from 'node:module'
import { clicked, LEFT, putDown, RIGHT, sameKind, sync } from './clicks.js'
import { Failure } from './errors.js'
import { unlessInterrupted } from './interrupt.js'
import { faceTowards, reachTo, REACH } from './blocks.js'
import { stackOf, vec } from './senses.js'
import { textOf } from './text.js'

const { Vec3 } = createRequire(import.meta.url)('vec3')

const OPEN_MS = 3000
const CHEST = /^(chest|trapped_chest|barrel|(\w+_)?shulker_box)$/
const FURNACE = /^(lit_)?(furnace|smoker|blast_furnace)$/
const CHEST_WINDOW = /generic_9x|chest|container|shulker_box|barrel/
const FURNACE_WINDOW = /furnace|smoker/
const PARTS = { input: 0, fuel: 1, output: 2 }
/** Numbers of a furnace's window (protocol, "Set Container Property"). */
const PROPERTIES = ['burning', 'burnTotal', 'progress', 'progressTotal']
const COOK_TICKS = { furnace: 200, smoker: 100, blast_furnace: 100 } // Minecraft Wiki, "Smelting"

/** bot -> {window, kind, pos, numbers}: the open window and the block it belongs to. */
const open = new WeakMap()

/** Which block's window is open, or null. */
export const openedKind = (bot) => open.get(bot)?.kind ?? null

/** Whether a block is one that `openContainer` opens. */
export const isContainer = (name) => CHEST.test(name) || FURNACE.test(name)

/** Tell of windows that close by themselves. */
export function watchWindows (bot, say) {
  bot.on('windowClose', () => forget(bot, say))
  bot.on('death', () => { if (bot.currentWindow) bot.closeWindow(bot.currentWindow) })
}

function forget (bot, say) {
  const was = open.get(bot)
  if (was === undefined) return
  open.delete(bot)
  bot._client.removeListener('craft_progress_bar', was.heard)
  say('window_closed', { kind: was.kind, pos: was.pos })
}

/** Close whatever window is open; the brain asked for it, so it is not told. */
export function shut (bot) {
  const was = open.get(bot)
  open.delete(bot)
  if (was !== undefined) bot._client.removeListener('craft_progress_bar', was.heard)
  if (bot.currentWindow) bot.closeWindow(bot.currentWindow)
}

export async function openContainer (bot, { pos }, context) {
  const block = bot.blockAt(vec(pos), false)
  const where = pos.join(' ')
  if (block === null || !isContainer(block.name)) throw new Failure('container.none', `${block?.name ?? 'nothing loaded'} is at ${where}`)
  const reach = reachTo(bot, pos)
  if (reach > REACH) throw new Failure('container.outOfReach', `${where} is ${reach.toFixed(1)} blocks away`)
  shut(bot)
  await unlessInterrupted(context, bot.lookAt(block.position.offset(0.5, 0.5, 0.5), true))

  const kind = block.name.replace(/^lit_/, '') // up to 1.12 a burning furnace is a block of its own
  const numbers = new Map() // window id -> what the server told of it, which may come before the window
  const told = ({ windowId, property, value }) => {
    const name = PROPERTIES[property]
    if (name !== undefined) numbers.set(windowId, { ...numbers.get(windowId), [name]: value })
  }
  bot._client.on('craft_progress_bar', told)
  let window
  try {
    window = await unlessInterrupted(context, answerOf(bot, block, where))
  } catch (error) {
    bot._client.removeListener('craft_progress_bar', told)
    if (bot.currentWindow) bot.closeWindow(bot.currentWindow)
    else closeWhatComes(bot)
    throw error
  }
  const fits = (FURNACE.test(block.name) ? FURNACE_WINDOW : CHEST_WINDOW).test(String(window.type))
  if (!fits) {
    bot._client.removeListener('craft_progress_bar', told)
    bot.closeWindow(window)
    throw new Failure('container.none', `a window of type ${window.type} opened at ${where}`)
  }
  open.set(bot, { window, kind, pos, heard: told, numbers: () => numbers.get(window.id) ?? {} })
  return { result: view(bot) }
}

/** The window that opens, or why none does. */
function answerOf (bot, block, where) {
  return new Promise((resolve, reject) => {
    const finish = (settle) => {
      clearTimeout(timer)
      bot.removeListener('windowOpen', opened)
      bot.removeListener('message', said)
      settle()
    }
    const opened = (window) => finish(() => resolve(window))
    const said = (message) => {
      const { keys, plain } = textOf(message.json ?? message)
      if (keys.includes('container.isLocked')) finish(() => reject(new Failure('craft.containerBusy', plain)))
    }
    const timer = setTimeout(() => finish(() => {
      const lid = /chest$/.test(block.name) ? bot.blockAt(block.position.offset(0, 1, 0), false) : null
      if (lid !== null && isWholeCube(lid)) reject(new Failure('container.blocked', `${lid.name} stands on the ${block.name} at ${where}`))
      else reject(new Failure('container.timeout', `the ${block.name} at ${where} did not open`))
    }), OPEN_MS)
    bot.on('windowOpen', opened)
    bot.on('message', said)
    bot.activateBlock(block, faceTowards(bot, block.position), new Vec3(0.5, 0.5, 0.5)).catch((error) => finish(() => reject(error)))
  })
}

function isWholeCube ({ shapes }) {
  return shapes.length === 1 && shapes[0].every((edge, axis) => edge === (axis < 3 ? 0 : 1))
}

/** A window that opens after nobody waits for it any more is closed again. */
function closeWhatComes (bot) {
  const late = (window) => { clearTimeout(timer); bot.closeWindow(window) }
  const timer = setTimeout(() => bot.removeListener('windowOpen', late), OPEN_MS)
  bot.once('windowOpen', late)
}

export function look (bot) {
  present(bot)
  return { result: view(bot) }
}

export function close (bot) {
  shut(bot)
}

function present (bot) {
  const opened = open.get(bot)
  if (opened === undefined || bot.currentWindow !== opened.window) throw new Failure('container.notOpen', 'no container is open')
  return opened
}

function view (bot) {
  const { window, kind, pos, numbers } = open.get(bot)
  const slots = window.slots.slice(0, window.inventoryStart).map(stackOf)
  if (!FURNACE.test(kind)) return { kind, pos, slots }
  const { burning = 0, burnTotal = 0, progress = 0, progressTotal = COOK_TICKS[kind] } = numbers()
  return { kind, pos, input: slots[0], fuel: slots[1], output: slots[2], burning, burnTotal, progress, progressTotal }
}

export async function put (bot, { item, count, part }, context) {
  const opened = present(bot)
  const { window } = opened
  const inside = partOf(bot, opened, part, item, null)
  await move(bot, opened, context, {
    item,
    count,
    from: [window.inventoryStart, window.inventoryEnd],
    to: inside,
    order: (a, b) => b - a, // most worn first
    missing: (have) => new Failure('inventory.missing', `${have} ${item} carried, ${count} asked for`),
    full: (room) => new Failure('container.full', `room for ${room} ${item}, not for ${count}`)
  })
  return { result: view(bot) }
}

export async function take (bot, { item, count, part }, context) {
  const opened = present(bot)
  const { window } = opened
  const inside = partOf(bot, opened, part, null, 'output')
  await move(bot, opened, context, {
    item,
    count,
    from: inside,
    to: [window.inventoryStart, window.inventoryEnd],
    order: (a, b) => a - b,
    missing: (have) => new Failure('container.missing', `${have} ${item} inside, ${count} asked for`),
    full: (room) => new Failure('inventory.full', `room for ${room} ${item}, not for ${count}`)
  })
  return { result: view(bot) }
}

/** The window's slots that `part` means, as [start, end). */
function partOf (bot, { window, kind }, part, item, otherwise) {
  if (!FURNACE.test(kind)) {
    if (part !== null) throw new Failure('step.badArgs', `a ${kind} has no part called ${part}`)
    return [0, window.inventoryStart]
  }
  const name = part ?? otherwise
  const slot = PARTS[name]
  if (slot === undefined || (item !== null && name === 'output')) throw new Failure('step.badArgs', `nothing is put into the part ${name} of a ${kind}`)
  return [slot, slot + 1]
}

/** Move `count` items between two ranges of slots: all of them or none. */
async function move (bot, opened, context, { item, count, from, to, order, missing, full }) {
  const { window } = opened
  if (!(Number.isInteger(count) && count > 0)) throw new Failure('step.badArgs', `a count of ${count}`)
  const sources = []
  for (let slot = from[0]; slot < from[1]; slot++) {
    const stack = window.slots[slot]
    if (stack?.name === item) sources.push({ slot, stack, wear: stackOf(stack)[2] })
  }
  sources.sort((a, b) => order(a.wear, b.wear) || a.slot - b.slot)
  const have = sources.reduce((sum, { stack }) => sum + stack.count, 0)
  if (have < count) throw missing(have)
  const room = roomFor(window, to, sources[0].stack)
  if (room < count) throw full(room)

  const amount = (range) => window.slots.slice(...range).reduce((sum, stack) => sum + (stack?.name === item ? stack.count : 0), 0)
  // In a furnace the fire changes the insides meanwhile; the player's own slots change by these clicks alone.
  const own = from[0] === window.inventoryStart ? from : to
  const before = amount(own)
  const click = (slot, button) => unlessInterrupted(context, clicked(bot, slot, button, 'container.timeout'))
  let done = false
  let source = null
  try {
    let left = count
    for (const { slot, stack } of sources) {
      if (left === 0) break
      source = slot
      context.event('progress', { action: 'move', request: context.id, done: count - left, total: count })
      left -= await moveFrom(bot, window, click, slot, Math.min(left, stack.count), stack.count, to)
    }
    await unlessInterrupted(context, sync(bot, window))
    const moved = Math.abs(amount(own) - before)
    if (moved !== count) throw new Failure('container.timeout', `${moved} of ${count} ${item} moved`)
    done = true
  } finally {
    if (!done) await giveUp(bot, window, source)
  }
}

function roomFor (window, [start, end], stack) {
  let room = 0
  for (let slot = start; slot < end; slot++) {
    const there = window.slots[slot]
    if (!there) room += stack.stackSize
    else if (sameKind(there, stack)) room += Math.max(0, stack.stackSize - there.count)
  }
  return room
}

async function moveFrom (bot, window, click, slot, amount, held, to) {
  await click(slot, LEFT)
  if (amount <= held / 2) {
    for (let left = amount; left > 0; left--) await click(landing(window, to), RIGHT)
    if (window.selectedItem) await click(slot, LEFT)
    return amount
  }
  for (let back = held - amount; back > 0; back--) await click(slot, RIGHT)
  while (window.selectedItem) await click(landing(window, to), LEFT)
  return amount
}

/** The next slot that takes what the cursor holds. */
function landing (window, [start, end]) {
  let free = -1
  for (let slot = start; slot < end; slot++) {
    const there = window.slots[slot]
    if (!there && free < 0) free = slot
    if (there && sameKind(there, window.selectedItem) && there.count < there.stackSize) return slot
  }
  if (free < 0) throw new Failure('container.full', `no slot takes ${window.selectedItem.name}`)
  return free
}

/** Nothing stays on the cursor, and the window is closed: what happened to it is not known. */
async function giveUp (bot, window, source) {
  try {
    const click = (slot, button) => clicked(bot, slot, button, 'container.timeout')
    if (bot.currentWindow === window && window.selectedItem) {
      const there = window.slots[source]
      if (source !== null && (!there || sameKind(there, window.selectedItem))) await click(source, LEFT)
      if (window.selectedItem) await putDown(bot, window, click)
    }
  } catch {
    // The server hands back or drops at the feet what is on the cursor when the window closes.
  }
  if (bot.currentWindow === window) shut(bot)
}

