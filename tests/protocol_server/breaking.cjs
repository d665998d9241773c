// Breaking blocks, what falls out, and picking it up. The server checks that the block's time has passed; the right
// tool gets the drop, every block wears it.
'use strict'

/** A server accepts the end of digging from this share of the time on (Minecraft Wiki, "Breaking"). */
const ENOUGH = 0.7
const PICKUP_MS = 500
const LIES_MS = 300_000
const TOOLS = /_(pickaxe|axe|shovel|hoe|sword)$|^shears$/

module.exports = (player, serv, load, told) => {
  const { registry, cells } = serv
  const { Vec3 } = load('vec3')
  const Item = load('prismarine-item')(registry)
  const client = player._client
  let digging = null

  player.on('asap', () => {
    client.removeAllListeners('block_dig')
    client.on('block_dig', dig)
    player.collect = collect
  })

  const held = () => player.inventory.slots[36 + player.heldItemSlot]

  function digTime (block) {
    return block.digTime(held()?.type ?? null, false, player.inWater === true, false, [], {})
  }

  async function dig ({ location, status, sequence }) {
    const pos = new Vec3(location.x, location.y, location.z)
    const block = await player.world.getBlock(pos)
    if (status === 0) {
      told({ event: 'digging', pos: [pos.x, pos.y, pos.z] })
      digging = { pos, at: performance.now(), ms: digTime(block) }
      if (digging.ms === 0 && !serv.refusing) await broken(pos, block)
    } else if (status === 1) {
      if (digging !== null) told({ event: 'digCancelled', pos: [pos.x, pos.y, pos.z] })
      digging = null
    } else if (status === 2) {
      const passed = digging !== null && digging.pos.equals(pos) ? performance.now() - digging.at : 0
      const enough = digging !== null && passed >= digging.ms * ENOUGH
      const expected = digging?.pos.equals(pos) ? digging.ms : null
      told({ event: 'dug', pos: [pos.x, pos.y, pos.z], block: block.name, passed, expected, enough })
      digging = null
      if (serv.refusing || expected === null) client.write('block_change', { location: pos, type: block.stateId })
      else if (enough) await broken(pos, block)
      // Who stops early gets the block when its time has passed: a server does not go by the client's clock.
      else setTimeout(() => breakLater(pos, block), expected - passed)
    }
    if (sequence !== undefined) client.write('acknowledge_player_digging', { sequenceId: sequence })
  }

  async function breakLater (pos, block) {
    const now = await player.world.getBlock(pos)
    if (player.health > 0 && now.stateId === block.stateId && digging === null) await broken(pos, block)
  }

  async function broken (pos, block) {
    const tool = held()
    const inside = serv.insides.get(pos.toString())
    const other = otherHalf(pos, block)
    await serv.setBlock(player.world, pos, 0)
    if (other !== null) await serv.setBlock(player.world, other, 0)
    player.body.exhaust(0.005)
    for (const item of inside ?? []) if (item) serv.lay(item, pos.offset(0.5, 0.25, 0.5))
    for (const item of drops(block, tool)) serv.lay(item, pos.offset(0.5, 0.25, 0.5))
    await fallen(pos.offset(0, 1, 0))
    if (tool && TOOLS.test(tool.name) && block.hardness > 0) serv.wear(player, /_sword$/.test(tool.name) ? 2 : 1)
  }

  /** What stood on the block falls too. */
  async function fallen (pos) {
    const kind = cells.kindAt(pos.x, pos.y, pos.z)
    if (kind === null || kind.boundingBox !== 'empty' || !/plant|torch$|carrots|potatoes|beetroots|wheat|sapling|flower|grass$|^fern$/.test(`${kind.material} ${kind.name}`) || kind.name === 'wall_torch') return
    const block = await player.world.getBlock(pos)
    await serv.setBlock(player.world, pos, 0)
    for (const item of drops(block, null)) serv.lay(item, pos.offset(0.5, 0.25, 0.5))
  }

  function otherHalf (pos, block) {
    if (!registry.supportFeature('theFlattening')) return null
    const { half, part, facing } = block.getProperties()
    const offset = half === 'lower' ? [0, 1, 0] : half === 'upper' ? [0, -1, 0] : null
    const along = { south: [0, 0, 1], west: [-1, 0, 0], north: [0, 0, -1], east: [1, 0, 0] }[facing]
    const bed = part === 'foot' ? along : part === 'head' ? along.map((step) => -step) : null
    const step = offset ?? bed
    if (step === null) return null
    const other = pos.offset(...step)
    return cells.nameAt(other.x, other.y, other.z) === block.name ? other : null
  }

  /** By the version's loot table, without enchantments; before it exists, by the block's list of drops. */
  function drops (block, tool) {
    if (block.harvestTools && !block.harvestTools[tool?.type]) return []
    const loot = registry.blockLoot?.[block.name]?.drops
    if (loot === undefined) return block.drops.map((drop) => new Item(drop?.drop?.id ?? drop?.drop ?? drop, 1))
    const age = registry.supportFeature('theFlattening') ? Number(block.getProperties().age ?? -1) : -1
    const ripe = loot.some(({ blockAge }) => blockAge !== undefined && Number(blockAge) === age)
    const found = []
    for (const { item, dropChance, stackSizeRange, silkTouch, blockAge } of loot) {
      if (silkTouch || (blockAge === undefined ? ripe && dropChance < 1 : Number(blockAge) !== age)) continue
      // The table gives alternatives (with and without silk touch, by age) a chance of a half or a third each.
      if (dropChance < 0.3 && Math.random() >= dropChance) continue
      const [low, high] = [stackSizeRange?.[0] ?? 1, stackSizeRange?.[1] ?? stackSizeRange?.[0] ?? 1]
      const count = low + Math.floor(Math.random() * (high - low + 1))
      if (count > 0) found.push(new Item(registry.itemsByName[item].id, count))
    }
    return found
  }

  function collect (entity) {
    if (player.health <= 0) return
    const kept = player.gain(new Item(entity.itemId, entity.itemCount, 0, entity.itemNbt))
    if (!kept) return
    client.write('collect', { collectedEntityId: entity.id, collectorEntityId: player.id, pickupItemCount: entity.itemCount })
    entity.destroy()
  }

  /** Into the slots, the hotbar first; false if there is no room for all of it. */
  player.gain = (item) => {
    const { slots } = player.inventory
    const order = [...Array(9).keys()].map((i) => i + 36).concat([...Array(27).keys()].map((i) => i + 9))
    const fits = (i) => slots[i]?.type === item.type && slots[i].count < slots[i].stackSize && !slots[i].maxDurability
    const room = order.reduce((sum, i) => sum + (slots[i] ? fits(i) ? slots[i].stackSize - slots[i].count : 0 : item.stackSize), 0)
    if (room < item.count) return false
    let left = item.count
    while (left > 0) {
      const slot = order.find(fits) ?? order.find((i) => !slots[i])
      const had = slots[slot]?.count ?? 0
      const added = Math.min(left, item.stackSize - had)
      player.inventory.updateSlot(slot, new Item(item.type, had + added, item.metadata, item.nbt))
      left -= added
    }
    return true
  }
}

/** What every player's modules share: things on the ground, things used up. */
module.exports.server = (serv, load) => {
  const { registry } = serv
  const Item = load('prismarine-item')(registry)
  const { Vec3 } = load('vec3')

  serv.lay = (item, position, velocity = new Vec3(0, 0, 0)) => {
    const kind = registry.entitiesByName.item ?? registry.entitiesByName.Item ?? registry.entitiesByName.item_stack
    const entity = serv.spawnObject(kind.id, serv.overworld, position, {
      velocity, itemId: item.type, itemCount: item.count, pickupTime: PICKUP_MS, deathTime: LIES_MS
    })
    entity.itemNbt = item.nbt
    if (registry.version['<']('1.20.2')) return // flying-squid tells what lies there up to then
    const key = kind.metadataKeys.indexOf('item')
    entity._writeNearby('entity_metadata', {
      entityId: entity.id, metadata: [{ key, type: 'item_stack', value: Item.toNotch(new Item(item.type, item.count, item.metadata, item.nbt)) }]
    })
  }

  /** One less of what the hand holds. */
  serv.spend = (player) => {
    const slot = 36 + player.heldItemSlot
    const item = player.inventory.slots[slot]
    if (!item) return
    item.count -= 1
    player.inventory.updateSlot(slot, item.count > 0 ? item : null)
  }

  /** The tool in hand wears, and breaks in the end. */
  serv.wear = (player, amount) => {
    const slot = 36 + player.heldItemSlot
    const tool = player.inventory.slots[slot]
    if (!tool?.maxDurability || player.gameMode !== 0) return
    tool.durabilityUsed = (tool.durabilityUsed ?? 0) + amount
    player.inventory.updateSlot(slot, tool.durabilityUsed >= tool.maxDurability ? null : tool)
  }
}
