// Chests and furnaces: what lies inside stays with the block. A furnace takes and gives things and tells of a fire
// that has burnt for a while; it does not smelt.
'use strict'

const KINDS = { chest: 'minecraft:generic_9x3', furnace: 'minecraft:furnace' }
const FIRE = [800, 1600, 50, 200] // burning, burn total, progress, progress total

module.exports = (player, serv, load) => {
  const { registry } = serv
  const Item = load('prismarine-item')(registry)
  const windows = load('prismarine-windows')(registry)
  const client = player._client
  const containers = { window: null, open, clicked, close }
  let nextId = 20
  let key = null

  function open (block) {
    const type = KINDS[block.name]
    if (type === undefined) return false
    key = block.position.toString()
    const window = containers.window = windows.createWindow(nextId++, type, block.name)
    const inside = serv.insides.get(key) ?? []
    for (let slot = 0; slot < window.inventoryStart; slot++) window.slots[slot] = copy(inside[slot], slot)
    for (let i = 0; i < 36; i++) window.slots[window.inventoryStart + i] = copy(player.inventory.slots[9 + i], window.inventoryStart + i)
    client.write('open_window', {
      windowId: window.id,
      inventoryType: windows.windows[type].type,
      windowTitle: serv._createNetworkEncodedChatComponent(block.name)
    })
    client.write('window_items', { windowId: window.id, stateId: 1, items: window.slots.map((item) => Item.toNotch(item)), carriedItem: Item.toNotch(null) })
    if (block.name === 'furnace') FIRE.forEach((value, property) => client.write('craft_progress_bar', { windowId: window.id, property, value }))
    return true
  }

  function copy (item, slot) {
    if (!item) return null
    const made = new Item(item.type, item.count, item.metadata, item.nbt)
    made.slot = slot
    return made
  }

  /** The window's slots are the block's and the player's. */
  function clicked () {
    const { window } = containers
    serv.insides.set(key, window.slots.slice(0, window.inventoryStart))
    for (let i = 0; i < 36; i++) player.inventory.slots[9 + i] = copy(window.slots[window.inventoryStart + i], 9 + i)
  }

  function close () {
    containers.window = null
  }

  return containers
}
