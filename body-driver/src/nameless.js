// Servers that lose the name of what is worn: from 1.13 on some send a used tool as so much air, which no slot can
// hold. What lay in the slot before is what lies there still, and what is in the hand was used once more.
import { createRequire } from 'node:module'
import { log } from './log.js'

const require = createRequire(import.meta.url)
const CURSOR = -1
const PLAYER_SLOTS = 36
const HOTBAR = 36

/** Whether a slot is said to hold something that has no name. */
export const isNameless = (slot) => Boolean(slot) && (slot.itemId ?? slot.blockId) === 0 && slot.itemCount > 0

/** Give things without a name the name of what lay there before, in the server's words before anybody else reads them. */
export function nameNameless (bot) {
  bot.once('inject_allowed', () => {
    if (!bot.supportFeature('theFlattening')) return
    const Item = require('prismarine-item')(bot.registry)
    const client = bot._client
    let told = false

    const before = (windowId, slot, inventoryStart) => {
      if (slot === CURSOR) return (bot.currentWindow ?? bot.inventory).selectedItem
      const window = windowId === 0 ? bot.inventory : bot.currentWindow?.id === windowId ? bot.currentWindow : null
      return window?.slots[slot] ?? (slot >= inventoryStart ? bot.inventory.slots[slot - inventoryStart + bot.inventory.inventoryStart] : null)
    }
    const named = (raw, known, used = false) => {
      if (!known?.maxDurability) return raw
      if (!told) log.info('this server does not name worn things; what lay in the slot is taken for it')
      told = true
      const item = new Item(known.type, raw.itemCount, known.metadata, known.nbt)
      item.durabilityUsed = Math.min((known.durabilityUsed ?? 0) + (used ? 1 : 0), known.maxDurability - 1)
      return Item.toNotch(item)
    }

    client.prependListener('set_slot', (packet) => {
      if (!isNameless(packet.item)) return
      const start = (packet.windowId === 0 ? bot.inventory : bot.currentWindow)?.inventoryStart ?? Infinity
      const inHand = packet.windowId === 0 && packet.slot === HOTBAR + bot.quickBarSlot // it is told anew when it was used
      packet.item = named(packet.item, before(packet.windowId, packet.slot, start), inHand)
    })
    client.prependListener('window_items', (packet) => {
      const start = packet.windowId === 0 ? bot.inventory.inventoryStart : packet.items.length - PLAYER_SLOTS
      packet.items = packet.items.map((raw, slot) => isNameless(raw) ? named(raw, before(packet.windowId, slot, start)) : raw)
    })
  })
}
