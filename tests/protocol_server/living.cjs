// What a living player does and suffers: eating, levers and doors, shields, blows, beds.
'use strict'

const EAT_MS = 1610 // Minecraft Wiki, "Food"
const HAND_IN_USE = 8 // the index of a living being's hand state from 1.17 on (protocol, "Entity metadata")
const POSE = 6
const [STANDING, SLEEPING] = [0, 2]

module.exports = (player, serv, load) => {
  const { registry } = serv
  const { Vec3 } = load('vec3')
  const client = player._client
  let eating = null
  let lies = false

  const held = () => player.inventory.slots[36 + player.heldItemSlot] ?? null
  const tell = (key, type, value) => client.write('entity_metadata', { entityId: player.id, metadata: [{ key, type, value }] })

  // The server's own plugins put their listeners first and take others' away.
  player.on('asap', () => {
    client.on('use_item', useItem)
    client.on('held_item_slot', endUse)
    client.on('block_dig', ({ status }) => { if (status === 5) endUse() })
    client.on('entity_action', ({ actionId }) => { if ([2, 'stop_sleeping'].includes(actionId) && lies) wake() })
  })

  function useItem ({ hand }) {
    const item = hand === 1 ? player.inventory.slots[45] : held()
    if (item?.name === 'shield') tell(HAND_IN_USE, 'byte', 1)
    if (item === null || registry.foodsByName[item.name] === undefined) return
    const slot = 36 + player.heldItemSlot
    eating = setTimeout(() => {
      eating = null
      const now = player.inventory.slots[slot]
      if (now) now.count -= 1
      player.inventory.updateSlot(slot, now?.count > 0 ? now : null)
      player.updateFood(Math.min(20, player.food + registry.foodsByName[item.name].foodPoints))
    }, EAT_MS)
  }

  function endUse () {
    clearTimeout(eating)
    eating = null
    tell(HAND_IN_USE, 'byte', 0)
  }

  function wake () {
    lies = false
    tell(POSE, 'pose', STANDING)
    client.write('animation', { entityId: player.id, animation: 2 })
  }

  /** True if the block answered the click. */
  async function use (block) {
    const { name } = block
    if (name === 'lever' || name.endsWith('_door')) {
      const switched = name === 'lever' ? 'powered' : 'open'
      const properties = { ...block.getProperties() }
      properties[switched] = !properties[switched]
      const Block = load('prismarine-block')(registry)
      await serv.setBlock(player.world, block.position, Block.fromProperties(registry.blocksByName[name].id, properties, 0).stateId)
      return true
    }
    if (!name.endsWith('_bed')) return false
    if (serv.bed) client.write('system_chat', { content: serv._createNetworkEncodedChatComponent({ translate: serv.bed }), isActionBar: true })
    else { lies = true; tell(POSE, 'pose', SLEEPING) }
    return true
  }

  return { use, wake }
}

/** A creature that stands still and can be struck. */
module.exports.creature = (serv, name, position, world) => {
  const mob = serv.spawnMob(serv.registry.entitiesByName[name].id, world, position, { velocity: position.scaled(0) })
  mob.health = 2
  return mob.id
}
