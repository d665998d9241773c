// The hands' own things: taking into the hand, putting away, throwing, crafting. What a click did is read
// back from the server, not from this side's guess.
import { createRequire } from 'node:module'
import { Failure } from './errors.js'
import { gaze } from './gaze.js'
import { unlessInterrupted } from './interrupt.js'
import { reachTo, REACH } from './blocks.js'
import { ANSWER_MS, carried, clicked, countOf, heard, LEFT, putDown, RIGHT, sync } from './clicks.js'
import { stackOf, vec, windowSlot } from './senses.js'

const { Vec3 } = createRequire(import.meta.url)('vec3')

const PLACES = { head: 5, torso: 6, legs: 7, feet: 8, 'off-hand': 45 }
/** Where armour is worn; servers take nothing else there. */
const WORN = {
  head: /_helmet$|(^|_)(skull|head)$|^(carved_)?pumpkin$/,
  torso: /_chestplate$|^elytra$/,
  legs: /_leggings$/,
  feet: /_boots$/
}
const HOTBAR = 36
const EYES = 1.62
const FLIES = 3 // blocks
const WINDOW_MS = 4000
const SLOT_MS = 1000

/** Clicks go into the window that is open; these want the player's own. */
function ownWindow (bot) {
  if (bot.currentWindow) bot.closeWindow(bot.currentWindow)
}

export async function equip (bot, { item: name, where }, context) {
  ownWindow(bot)
  const choices = carried(bot, name)
  if (where === 'hand') {
    const least = choices[0]
    if (least === undefined) throw new Failure('inventory.missing', `no ${name} to take in the hand`)
    const held = bot.heldItem
    if (held?.name === name && stackOf(held)[2] === least.wear) return
    if (least.slot < 9) {
      bot.setQuickBarSlot(least.slot)
      return
    }
    const free = Array.from({ length: 9 }, (_, i) => i).find((i) => !bot.inventory.slots[HOTBAR + i]) ?? bot.quickBarSlot
    bot.setQuickBarSlot(free)
    await unlessInterrupted(context, bot.moveSlotItem(windowSlot(least.slot), HOTBAR + free))
    await unlessInterrupted(context, sync(bot))
    if (bot.heldItem?.name !== name) throw new Failure('sense.apiError', `the server left ${bot.heldItem?.name ?? 'nothing'} in the hand`)
    return
  }
  const place = PLACES[where]
  const own = Object.entries(WORN).find(([, is]) => is.test(name))?.[0]
  if (where !== 'off-hand' && own !== where) throw new Failure('step.badArgs', `${name} is not worn on ${where}`)
  if (place === undefined || (where === 'off-hand' && bot.supportFeature('doesntHaveOffHandSlot'))) {
    throw new Failure('step.badArgs', `there is no place called ${where} in ${bot.version}`)
  }
  if (bot.inventory.slots[place]?.name === name) return
  if (choices.length === 0) throw new Failure('inventory.missing', `no ${name} to put on`)
  await unlessInterrupted(context, bot.moveSlotItem(windowSlot(choices[0].slot), place))
  await unlessInterrupted(context, sync(bot))
  if (bot.inventory.slots[place]?.name !== name) throw new Failure('sense.apiError', `the server did not put ${name} on ${where}`)
}

export async function unequip (bot, _args, context) {
  ownWindow(bot)
  if (!bot.heldItem) return
  for (let slot = 0; slot < 9; slot++) {
    if (!bot.inventory.slots[HOTBAR + slot]) {
      bot.setQuickBarSlot(slot)
      return
    }
  }
  const free = Array.from({ length: 27 }, (_, i) => i + 9).find((slot) => !bot.inventory.slots[slot])
  if (free === undefined) throw new Failure('inventory.full', 'no slot is free to empty the hand into')
  await unlessInterrupted(context, bot.moveSlotItem(HOTBAR + bot.quickBarSlot, free))
  await unlessInterrupted(context, sync(bot))
  if (bot.heldItem) throw new Failure('sense.apiError', `the server left ${bot.heldItem.name} in the hand`)
}

export async function toss (bot, { item: name, count }, context) {
  ownWindow(bot)
  await unlessInterrupted(context, sync(bot))
  const before = countOf(bot, name)
  if (before < count) throw new Failure('inventory.missing', `${before} ${name} carried, ${count} asked for`)
  let left = count
  await throwingAway(bot, context)
  for (const { slot, item } of carried(bot, name)) {
    if (left === 0) break
    const at = windowSlot(slot)
    const take = Math.min(left, item.count)
    const whole = take === item.count
    await unlessInterrupted(context, bot.clickWindow(at, LEFT, 0))
    if (whole) await unlessInterrupted(context, bot.clickWindow(-999, LEFT, 0))
    else {
      for (let i = 0; i < take; i++) await unlessInterrupted(context, bot.clickWindow(-999, RIGHT, 0))
      await unlessInterrupted(context, bot.clickWindow(at, LEFT, 0)) // the rest goes back
    }
    left -= take
  }
  await unlessInterrupted(context, sync(bot))
  const after = countOf(bot, name)
  if (after !== before - count) throw new Failure('sense.apiError', `${before - after} of ${count} ${name} left the inventory`)
}

/**
 * Look level to where there is most room, as far as thrown things fly: what is thrown at one's own feet or a wall
 * is picked up again.
 */
async function throwingAway (bot, context) {
  const eyes = bot.entity.position.offset(0, EYES, 0)
  let best = { room: -1 }
  for (let turn = 0; turn < 8 && best.room < FLIES; turn++) {
    const yaw = bot.entity.yaw + turn * Math.PI / 4
    const ahead = (way) => eyes.offset(-Math.sin(yaw) * way, 0, -Math.cos(yaw) * way)
    let room = 0
    while (room < FLIES && bot.blockAt(ahead(room + 1), false)?.boundingBox === 'empty') room++
    if (room > best.room) best = { room, towards: ahead(FLIES) }
  }
  await gaze(bot, best.towards, context)
}

/**
 * Apply a recipe `times` times, cell by cell. The result is taken only after the server has shown it, and
 * counted only after the server has shown the inventory.
 */
export async function craft (bot, { result, count, shape, shapeless, times, table }, context) {
  ownWindow(bot)
  await unlessInterrupted(context, sync(bot))
  const need = new Map()
  for (const name of shape.flat()) if (name !== null) need.set(name, (need.get(name) ?? 0) + times)
  for (const [name, amount] of need) {
    const have = countOf(bot, name)
    if (have < amount) throw new Failure('craft.missingInput', `${have} ${name} carried, ${amount} needed`)
  }
  const cells = shapeless ? fold(shape.flat(), table === null ? 2 : 3) : shape
  const width = table === null ? 2 : 3
  if (cells.length > width || cells.some((row) => row.length > width)) {
    throw new Failure('craft.noWorkstation', `${result} does not fit the ${width} by ${width} grid`)
  }
  const before = countOf(bot, result)
  const window = table === null ? bot.inventory : await openTable(bot, table, context)
  let failed = null
  try {
    for (let round = 0; round < times; round++) {
      await craftOnce(bot, window, cells, width, result, context)
      context.event('progress', { action: 'craft', request: context.id, done: round + 1, total: times })
    }
    await unlessInterrupted(context, sync(bot, window))
  } catch (error) {
    failed = error
    throw error
  } finally {
    await putBack(bot, window, width, failed)
  }
  const gained = countOf(bot, result) - before
  const spent = need.get(result) ?? 0
  if (gained !== count * times - spent) {
    throw new Failure('craft.uiTimeout', `${gained + spent} ${result} came of ${times} times ${count}`)
  }
}

/** A shapeless recipe's items as rows of the grid. */
function fold (names, width) {
  const rows = []
  for (let i = 0; i < names.length; i += width) rows.push(names.slice(i, i + width))
  return rows
}

async function openTable (bot, pos, context) {
  const block = bot.blockAt(vec(pos), false)
  if (block?.name !== 'crafting_table') throw new Failure('craft.noWorkstation', `${block?.name ?? 'nothing loaded'} is at ${pos.join(' ')}`)
  const reach = reachTo(bot, pos)
  if (reach > REACH) throw new Failure('craft.noWorkstation', `the table at ${pos.join(' ')} is ${reach.toFixed(1)} blocks away`)
  if (bot.currentWindow) bot.closeWindow(bot.currentWindow)
  const opened = heard(bot, 'windowOpen', WINDOW_MS, new Failure('craft.uiTimeout', 'the crafting table did not open'))
  await bot.lookAt(block.position.offset(0.5, 0.5, 0.5), true)
  bot.activateBlock(block, new Vec3(0, 1, 0)).catch(() => {}) // if it fails the window does not open, and that is told
  const [window] = await unlessInterrupted(context, opened)
  if (!/crafting/.test(String(window.type))) {
    bot.closeWindow(window)
    throw new Failure('craft.noWorkstation', `a window of type ${window.type} opened`)
  }
  return window
}

async function craftOnce (bot, window, cells, width, result, context) {
  const click = (slot, button) => unlessInterrupted(context, clicked(bot, slot, button))
  const wanted = new Map()
  cells.forEach((row, y) => row.forEach((name, x) => {
    if (name !== null) wanted.set(name, [...(wanted.get(name) ?? []), 1 + x + width * y])
  }))
  for (const [name, slots] of wanted) {
    for (const slot of slots) {
      if (window.selectedItem?.name !== name) {
        if (window.selectedItem) await putDown(bot, window, click)
        const source = window.slots.slice(window.inventoryStart, window.inventoryEnd).find((item) => item?.name === name)
        if (!source) throw new Failure('craft.missingInput', `no ${name} left`)
        await click(source.slot, LEFT)
      }
      await click(slot, RIGHT)
    }
  }
  if (window.selectedItem) await putDown(bot, window, click)
  await shown(bot, window, result, context)
  await click(0, LEFT)
  if (window.selectedItem) await putDown(bot, window, click)
  await unlessInterrupted(context, spent(bot, window, width))
  await emptyGrid(bot, window, width, click)
}

/** Wait until the server has taken the ingredients out of the grid. */
async function spent (bot, window, width) {
  if (bot.supportFeature('stateIdUsed')) {
    await sync(bot, window)
    return
  }
  // Older servers send each slot by itself, and some do not: then the rule stands in for their word, and the
  // count at the end decides.
  const full = () => gridSlots(width).filter((slot) => window.slots[slot])
  if (full().length > 0) await heard(window, 'updateSlot', SLOT_MS, null, () => full().length === 0).catch(() => {})
  for (const slot of full()) if (window.slots[slot].stackSize > 1) window.updateSlot(slot, null)
}

const gridSlots = (width) => Array.from({ length: width * width }, (_, i) => i + 1)

/** Put what is left in the grid (buckets, bottles, what a failure left) back into the inventory. */
async function emptyGrid (bot, window, width, click) {
  for (const slot of gridSlots(width)) {
    if (!window.slots[slot]) continue
    await click(slot, LEFT)
    await putDown(bot, window, click)
  }
}

/** Wait until the server shows the recipe's result in the result slot. */
async function shown (bot, window, result, context) {
  if (window.slots[0]?.name === result) return
  const failure = new Failure('craft.noRecipe', `the grid shows ${window.slots[0]?.name ?? 'nothing'} instead of ${result}`)
  await unlessInterrupted(context, heard(window, 'updateSlot', ANSWER_MS, failure, () => window.slots[0]?.name === result))
}

/** After a failure nothing may stay in the grid or on the cursor; a table's window is closed in any case. */
async function putBack (bot, window, width, failed) {
  if (failed !== null && (bot.currentWindow ?? bot.inventory) === window) {
    const click = (slot, button) => clicked(bot, slot, button)
    try {
      if (window.selectedItem) await putDown(bot, window, click)
      await emptyGrid(bot, window, width, click)
    } catch {
      // Closing the window below makes the server hand everything back or drop it at the feet.
    }
  }
  if (bot.currentWindow === window) bot.closeWindow(window)
  else if (failed !== null) bot._client.write('close_window', { windowId: 0 })
}
