// What servers that others wrote say otherwise than the libraries expect.
import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { createRequire } from 'node:module'
import test from 'node:test'
import { nameNameless } from '../src/nameless.js'
import { entities } from '../src/senses.js'

const require = createRequire(import.meta.url)
const { Vec3 } = require('vec3')

/** A bot with a registry, an inventory and a client to hear from, without a server. */
function botOf (version) {
  const registry = require('prismarine-registry')(version)
  const windows = require('prismarine-windows')(registry)
  const inventory = windows.createWindow(0, 'minecraft:inventory', 'Inventory')
  const bot = Object.assign(new EventEmitter(), {
    registry, inventory, currentWindow: null, quickBarSlot: 0, entities: {}, _client: new EventEmitter(),
    entity: { id: 1, position: new Vec3(0, 64, 0) },
    supportFeature: (feature) => registry.supportFeature(feature)
  })
  return { bot, registry, windows, Item: require('prismarine-item')(registry) }
}

for (const [version, place] of [['1.8.8', 10], ['1.9.4', 5], ['1.13.2', 6], ['1.20.4', 8]]) {
  test(`what lies about is known on ${version} from where the game tells it`, () => {
    const { bot, registry, Item } = botOf(version)
    const lying = Item.toNotch(new Item(registry.itemsByName.dirt.id, 3))
    bot.entities[2] = { id: 2, name: registry.version['<']('1.11') ? 'Item' : 'item', type: 'object', isValid: true, position: new Vec3(1, 64, 0), velocity: new Vec3(0, 0, 0), metadata: { [place]: lying } }
    const { result } = entities(bot, { radius: 8 })
    assert.deepEqual(result.map(({ kind, stack }) => [kind, stack]), [['item', ['dirt', 3, 0]]])
    bot.entities[2].metadata = {}
    assert.equal(entities(bot, { radius: 8 }).result[0].stack, null)
  })
}

test('a worn tool that the server sends as air is the tool that lay there, and what is in the hand was used', () => {
  const { bot, registry, windows, Item } = botOf('1.13.2')
  nameNameless(bot)
  bot.emit('inject_allowed')
  const pickaxe = new Item(registry.itemsByName.stone_pickaxe.id, 1)
  bot.inventory.updateSlot(36, pickaxe)
  const air = { present: true, itemId: 0, itemCount: 1 }
  const told = (name, packet) => { bot._client.emit(name, packet); return packet }
  const seen = (raw) => { const item = Item.fromNotch(raw); return [item.name, item.durabilityUsed] }

  assert.deepEqual(seen(told('set_slot', { windowId: 0, slot: 36, item: { ...air } }).item), ['stone_pickaxe', 1])
  // Nothing is made up where no tool lay, and what has a name keeps it.
  assert.equal(told('set_slot', { windowId: 0, slot: 37, item: { ...air } }).item.itemId, 0)
  const dirt = Item.toNotch(new Item(registry.itemsByName.dirt.id, 2))
  assert.deepEqual(told('set_slot', { windowId: 0, slot: 36, item: dirt }).item, dirt)
  assert.deepEqual(told('set_slot', { windowId: 0, slot: 36, item: { present: false } }).item, { present: false })

  // A chest that opens shows the same slots after its own.
  const items = Array.from({ length: 27 + 36 }, () => ({ present: false }))
  items[27 + 27] = { ...air }
  assert.deepEqual(seen(told('window_items', { windowId: 3, items }).items[27 + 27]), ['stone_pickaxe', 0])
  bot.currentWindow = windows.createWindow(3, 'minecraft:chest', 'Chest', 27)
  bot.currentWindow.selectedItem = pickaxe
  assert.deepEqual(seen(told('set_slot', { windowId: -1, slot: -1, item: { ...air } }).item), ['stone_pickaxe', 0])
})
