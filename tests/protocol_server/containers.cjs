// Chests and furnaces: what lies inside stays with the block. Whoever looks into a furnace sees it work.
'use strict'

const KINDS = { chest: 'minecraft:generic_9x3', barrel: 'minecraft:generic_9x3', furnace: 'minecraft:furnace' }
const OLD_KINDS = { chest: ['minecraft:chest', 27], furnace: ['minecraft:furnace', 3] } // up to 1.13

module.exports = (player, serv, load) => {
  const { registry } = serv
  const Item = load('prismarine-item')(registry)
  const windows = load('prismarine-windows')(registry)
  const client = player._client
  const containers = { window: null, open, clicked, close, show }
  let nextId = 20
  let key = null
  let shown = []

  function open (block) {
    const modern = registry.version['>=']('1.14')
    const [type, slotCount] = modern ? [KINDS[block.name]] : OLD_KINDS[block.name] ?? []
    if (type === undefined || windows.windows[type] === undefined) return false
    const { x, y, z } = block.position
    if (serv.locked.has(block.position.toString())) {
      client.write('system_chat', { content: serv.translated('container.isLocked', registry), isActionBar: true })
      return true
    }
    if (block.name === 'chest' && serv.cells.kindAt(x, y + 1, z)?.transparent === false) return true // its lid is stuck
    key = block.position.toString()
    const window = containers.window = windows.createWindow(nextId, type, block.name, slotCount)
    nextId = nextId === 100 ? 20 : nextId + 1
    if (!serv.insides.has(key)) serv.insides.set(key, Array(window.inventoryStart).fill(null))
    const inside = serv.insides.get(key)
    for (let slot = 0; slot < window.inventoryStart; slot++) window.slots[slot] = copy(inside[slot], slot)
    for (let i = 0; i < 36; i++) window.slots[window.inventoryStart + i] = copy(player.inventory.slots[9 + i], window.inventoryStart + i)
    client.write('open_window', {
      windowId: window.id,
      inventoryType: modern ? windows.windows[type].type : type,
      slotCount,
      windowTitle: serv._createNetworkEncodedChatComponent(block.name)
    })
    client.write('window_items', { windowId: window.id, stateId: 1, items: window.slots.map((item) => Item.toNotch(item)), carriedItem: Item.toNotch(null) })
    shown = []
    show()
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
    const inside = serv.insides.get(key)
    for (let slot = 0; slot < window.inventoryStart; slot++) inside[slot] = copy(window.slots[slot], slot)
    for (let i = 0; i < 36; i++) player.inventory.slots[9 + i] = copy(window.slots[window.inventoryStart + i], 9 + i)
  }

  /** What the furnace did since the last look. */
  function show () {
    const { window } = containers
    if (window === null || window.inventoryStart !== 3) return
    serv.insides.get(key).forEach((item, slot) => {
      const there = window.slots[slot]
      if ((item?.type ?? null) === (there?.type ?? null) && (item?.count ?? 0) === (there?.count ?? 0)) return
      window.slots[slot] = copy(item, slot)
      client.write('set_slot', { windowId: window.id, stateId: 1, slot, item: Item.toNotch(window.slots[slot]) })
    })
    serv.furnaces.numbers(key).forEach((value, property) => {
      if (shown[property] === value) return
      shown[property] = value
      client.write('craft_progress_bar', { windowId: window.id, property, value })
    })
  }

  function close () {
    if (containers.window !== null) player.dropHeld(containers.window)
    containers.window = null
  }

  return containers
}
