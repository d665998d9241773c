// Crafting in the player's grid and at a table: a grid that matches a recipe of the version's table shows its
// result, and taking the result takes one of each ingredient and leaves what remains (buckets).
'use strict'

const REMAINS = { milk_bucket: 'bucket', water_bucket: 'bucket', lava_bucket: 'bucket', honey_bottle: 'glass_bottle' }
const TABLE_WINDOW = 7

module.exports = (player, serv, load) => {
  const { registry } = serv
  const Item = load('prismarine-item')(registry)
  const windows = load('prismarine-windows')(registry)
  const client = player._client
  const crafting = { window: null, open, clicked }

  player.on('asap', () => {
    client.on('close_window', ({ windowId }) => {
      const window = windowId === 0 ? player.inventory : crafting.window
      if (window === null) return
      for (let slot = 1; slot <= gridOf(window).width ** 2; slot++) giveBack(window, slot)
      player.dropHeld(window)
      if (windowId !== 0) crafting.window = null
    })
  })

  /** What the cursor holds goes back into the slots, or to the ground. */
  player.dropHeld = (window) => {
    const item = window.selectedItem
    window.selectedItem = null
    if (item && !player.gain(item)) serv.lay(item, player.position.offset(0, 1, 0))
  }

  const gridOf = (window) => ({ width: window === player.inventory ? 2 : 3 })

  /** True if the block is a table. */
  function open ({ name }) {
    if (name !== 'crafting_table') return false
    const modern = registry.version['>=']('1.14')
    const type = modern ? 'minecraft:crafting' : 'minecraft:crafting_table'
    const window = crafting.window = windows.createWindow(TABLE_WINDOW, type, 'Crafting')
    for (let i = 0; i < 36; i++) window.slots[10 + i] = moved(player.inventory.slots[9 + i], 10 + i)
    client.write('open_window', {
      windowId: TABLE_WINDOW,
      inventoryType: modern ? windows.windows[type].type : type,
      slotCount: 0,
      windowTitle: serv._createNetworkEncodedChatComponent('Crafting')
    })
    client.write('window_items', { windowId: TABLE_WINDOW, stateId: 1, items: window.slots.map((item) => Item.toNotch(item)), carriedItem: Item.toNotch(null) })
    return true
  }

  function moved (item, slot) {
    if (!item) return null
    const copy = new Item(item.type, item.count, item.metadata, item.nbt)
    copy.slot = slot
    return copy
  }

  function giveBack (window, slot) {
    const item = window.slots[slot]
    if (!item) return
    window.updateSlot(slot, null)
    if (!player.gain(item)) serv.lay(item, player.position.offset(0, 1, 0))
  }

  function clicked (window, slot, taken) {
    const { width } = gridOf(window)
    if (taken) {
      for (let cell = 1; cell <= width ** 2; cell++) {
        const item = window.slots[cell]
        if (!item) continue
        const rest = REMAINS[item.name]
        if (item.count > 1) item.count -= 1
        else window.slots[cell] = rest === undefined ? null : moved(new Item(registry.itemsByName[rest].id, 1), cell)
        send(window, cell)
      }
    }
    if (slot >= 0 && slot <= width ** 2) {
      window.slots[0] = resultOf(window, width)
      send(window, 0)
    }
    if (window !== player.inventory) {
      // The table's window and the player's own show the same 36 slots.
      for (let i = 0; i < 36; i++) player.inventory.slots[9 + i] = moved(window.slots[10 + i], 9 + i)
    }
  }

  function send (window, slot) {
    client.write('set_slot', { windowId: window === player.inventory ? 0 : window.id, stateId: 1, slot, item: Item.toNotch(window.slots[slot]) })
  }

  function resultOf (window, width) {
    const rows = Array.from({ length: width }, (_, y) => Array.from({ length: width }, (_, x) => window.slots[1 + x + width * y]?.type ?? null))
    const shape = cropped(rows)
    const loose = rows.flat().filter((id) => id !== null).sort((a, b) => a - b)
    for (const recipes of Object.values(registry.recipes)) {
      for (const recipe of recipes) {
        const fits = recipe.inShape
          ? same(cropped(recipe.inShape.map((row) => row.map(idOf))), shape)
          : same(recipe.ingredients.map(idOf).sort((a, b) => a - b), loose)
        if (fits) {
          const made = new Item(idOf(recipe.result), recipe.result.count ?? 1)
          made.slot = 0
          return made
        }
      }
    }
    return null
  }

  const idOf = (part) => part === null ? null : typeof part === 'object' ? (part.id ?? null) : part === -1 ? null : part
  const same = (a, b) => JSON.stringify(a) === JSON.stringify(b)

  /** The rows without empty ones around, all of one length. */
  function cropped (rows) {
    const width = Math.max(...rows.map((row) => row.length))
    let made = rows.map((row) => [...row, ...Array(width - row.length).fill(null)])
    const empty = (row) => row.every((id) => id === null)
    while (made.length > 0 && empty(made[0])) made = made.slice(1)
    while (made.length > 0 && empty(made.at(-1))) made = made.slice(0, -1)
    while (made.length > 0 && made[0].length > 0 && made.every((row) => row[0] === null)) made = made.map((row) => row.slice(1))
    while (made.length > 0 && made[0].length > 0 && made.every((row) => row.at(-1) === null)) made = made.map((row) => row.slice(0, -1))
    return made
  }

  return crafting
}
