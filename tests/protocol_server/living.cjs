// What a living player does with the right mouse button: eating, levers, doors and the like, shields.
'use strict'

const EAT_MS = 1610 // Minecraft Wiki, "Food"
const ALWAYS = new Set(['golden_apple', 'enchanted_golden_apple', 'chorus_fruit', 'milk_bucket', 'honey_bottle'])
const HAND_IN_USE = 8 // the index of a living being's hand state from 1.17 on (protocol, "Entity metadata")
const SWITCHES = [[/^lever$|_button$/, 'powered'], [/^(?!iron_)\w*(_door|_trapdoor|_fence_gate)$/, 'open']]

module.exports = (player, serv, load) => {
  const { registry, cells } = serv
  const { Vec3 } = load('vec3')
  const client = player._client
  let eating = null

  const held = () => player.inventory.slots[36 + player.heldItemSlot] ?? null
  const tell = (key, type, value) => client.write('entity_metadata', { entityId: player.id, metadata: [{ key, type, value }] })

  // The server's own plugins put their listeners first and take others' away.
  player.on('asap', () => {
    client.on('use_item', useItem)
    client.on('held_item_slot', endUse)
    client.on('block_dig', ({ status }) => { if (status === 5) endUse() })
    client.on('entity_action', ({ actionId }) => { if ([2, 'stop_sleeping'].includes(actionId)) wake() })
  })

  function useItem ({ hand }) {
    if (serv.refusing) return
    const item = hand === 1 ? player.inventory.slots[45] : held()
    if (item?.name === 'shield') tell(HAND_IN_USE, 'byte', 1)
    const food = registry.foodsByName[item?.name]
    if (food === undefined || (player.food >= 20 && !ALWAYS.has(item.name))) return
    endUse()
    eating = setTimeout(() => {
      eating = null
      if (player.health <= 0 || held()?.type !== item.type) return
      serv.spend(player)
      player.body.fed(food.foodPoints, food.saturation)
    }, EAT_MS)
  }

  function endUse () {
    clearTimeout(eating)
    eating = null
    if (registry.version['>=']('1.17')) tell(HAND_IN_USE, 'byte', 0)
  }

  function wake () {
    player.beds.wake()
  }

  /** True if the block answered the click. */
  async function use ({ name, position: { x, y, z } }) {
    const switched = SWITCHES.find(([kind]) => kind.test(name))?.[1]
    if (switched === undefined) return false
    const state = cells.properties(cells.stateAt(x, y, z))
    const halves = state.half === 'lower' ? [y, y + 1] : state.half === 'upper' ? [y, y - 1] : [y]
    for (const at of halves) {
      if (cells.nameAt(x, at, z) !== name) continue
      const before = cells.properties(cells.stateAt(x, at, z))
      await serv.setBlock(player.world, new Vec3(x, at, z), cells.state(name, { ...before, [switched]: !state[switched] }))
    }
    return true
  }

  return { use, useItem, wake }
}
