// Clicks into windows: sent one after another, read back from the server, never left with something on the cursor.
import { Failure } from './errors.js'
import { playerSlot, stackOf, windowSlot } from './senses.js'

export const LEFT = 0
export const RIGHT = 1
export const ANSWER_MS = 3000
const CLICK_MS = 4000

/** Resolves with `event`'s arguments, or fails with `failure` after `ms`. */
export function heard (emitter, event, ms, failure, holds = () => true) {
  return new Promise((resolve, reject) => {
    const listener = (...args) => { if (holds(...args)) finish(() => resolve(args)) }
    const timer = setTimeout(() => finish(() => reject(failure)), ms)
    const finish = (settle) => {
      clearTimeout(timer)
      emitter.removeListener(event, listener)
      settle()
    }
    emitter.on(event, listener)
  })
}

/**
 * Make this side's picture of a window the server's. From 1.17.1 on servers correct only what they find
 * stale, so a click that cannot be right is sent and the full answer awaited. Before, every click of ours
 * was confirmed one by one.
 */
export async function sync (bot, window = bot.currentWindow ?? bot.inventory) {
  if (!bot.supportFeature('stateIdUsed')) return
  const answer = heard(bot, `setWindowItems:${window.id}`, ANSWER_MS, new Failure('sense.apiError', 'the server did not show the inventory after a click'))
  bot._syncWindow(window).catch(() => {}) // it waits for the same event, for longer
  await answer
}

/** Items of this name in the 36 slots, least worn first, ties by the brain's slot order. */
export function carried (bot, name) {
  const found = []
  for (let slot = 0; slot < 36; slot++) {
    const item = playerSlot(bot, windowSlot(slot))
    if (item?.name === name) found.push({ item, slot, wear: stackOf(item)[2] })
  }
  return found.sort((a, b) => a.wear - b.wear || a.slot - b.slot)
}

export const countOf = (bot, name) => carried(bot, name).reduce((sum, { item }) => sum + item.count, 0)

/** Whether two stacks can be one: before 1.13 kinds of one name differ in their metadata. */
export function sameKind (a, b) {
  return a.type === b.type && a.metadata === b.metadata && JSON.stringify(a.nbt ?? null) === JSON.stringify(b.nbt ?? null)
}

/** One click, with the limits of this file instead of mineflayer's; `code` says what it means if it goes unanswered. */
export async function clicked (bot, slot, button, code = 'craft.uiTimeout') {
  let timer
  const late = new Promise((_resolve, reject) => {
    timer = setTimeout(() => reject(new Failure(code, `slot ${slot} did not answer`)), CLICK_MS)
  })
  const click = bot.clickWindow(slot, button, 0)
  click.catch(() => {})
  try {
    await Promise.race([click, late])
  } finally {
    clearTimeout(timer)
  }
}

/** Put what the cursor holds on a stack of its kind among the player's slots, else on a free one. */
export async function putDown (bot, window, click, [start, end] = [window.inventoryStart, window.inventoryEnd]) {
  while (window.selectedItem) {
    const { name, count } = window.selectedItem
    const range = window.slots.slice(start, end)
    const joined = range.findIndex((item) => item && sameKind(item, window.selectedItem) && item.count < item.stackSize)
    const at = joined >= 0 ? joined : range.findIndex((item) => !item)
    if (at < 0) throw new Failure('inventory.full', `no room for ${count} ${name}`)
    await click(start + at, LEFT)
  }
}
