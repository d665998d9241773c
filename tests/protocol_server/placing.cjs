// Putting blocks down: which state an item gives, which cell takes it; beds and doors have two halves, buckets
// pour and scoop along the line of sight.
'use strict'

const FACES = [[0, -1, 0], [0, 1, 0], [0, 0, -1], [0, 0, 1], [-1, 0, 0], [1, 0, 0]]
const FACE_NAMES = ['down', 'up', 'north', 'south', 'west', 'east']
const AXES = ['y', 'y', 'z', 'z', 'x', 'x']
const LOOKS = ['south', 'west', 'north', 'east']
const OFFSETS = { south: [0, 1], west: [-1, 0], north: [0, -1], east: [1, 0] }
const OPPOSITE = { south: 'north', north: 'south', west: 'east', east: 'west' }
const AS_LOOKED = /_bed$|_door$|_stairs$|_fence_gate$/
const ON_WALL = /^(ladder|wall_torch|lever|\w+_button)$/
const EYES = 1.62
const REACH = 4.5

module.exports = (player, serv, load) => {
  const { registry, cells } = serv
  const { Vec3 } = load('vec3')
  const Item = load('prismarine-item')(registry)
  const client = player._client
  let [yaw, pitch] = [0, 0] // degrees, 0 is south, positive is down

  player.on('asap', () => {
    for (const name of ['look', 'position_look']) client.on(name, (packet) => { [yaw, pitch] = [packet.yaw, packet.pitch] })
    client.on('use_item', ({ hand }) => { if (hand === 0 && !serv.refusing) pour() })
  })

  const looks = () => LOOKS[Math.round(((yaw % 360) + 360) % 360 / 90) % 4]

  /** The block's name and properties that the item gives on this face; null if it gives none. */
  function wanted (item, face, cursorY) {
    let name = registry.blocksByName[item.name] === undefined ? null : item.name
    if (name === null) return null
    if (name === 'torch' && face > 1) name = 'wall_torch'
    const properties = {}
    const known = new Map((registry.blocksByName[name].states ?? []).map((state) => [state.name, state]))
    if (known.has('axis')) properties.axis = AXES[face]
    if (known.has('facing')) {
      if (ON_WALL.test(name) && face > 1) properties.facing = FACE_NAMES[face]
      else properties.facing = AS_LOOKED.test(name) || ON_WALL.test(name) ? looks() : OPPOSITE[looks()]
    }
    if (known.has('face')) properties.face = face === 0 ? 'ceiling' : face === 1 ? 'floor' : 'wall'
    const upper = face === 0 || (face > 1 && cursorY > 0.5)
    if (/_slab$/.test(name)) properties.type = upper ? 'top' : 'bottom'
    if (known.get('half')?.values?.includes('top')) properties.half = upper ? 'top' : 'bottom'
    return { name, properties }
  }

  function occupied (x, y, z) {
    return Object.values(serv.entities).some((entity) => (entity.type === 'player' || entity.creature !== undefined) && (entity.health > 0 || entity.creature?.health > 0) && entity.position.x + 0.3 > x && entity.position.x - 0.3 < x + 1 &&
      entity.position.z + 0.3 > z && entity.position.z - 0.3 < z + 1 && entity.position.y + 1.8 > y + 1e-3 && entity.position.y < y + 1 - 1e-3)
  }

  /** Put what the hand holds against a face. True if it was put down. */
  async function place (item, { x, y, z }, face, cursorY) {
    const [dx, dy, dz] = cells.replaceable(x, y, z) ? [0, 0, 0] : FACES[face]
    const parts = []
    const target = [x + dx, y + dy, z + dz]
    const want = wanted(item, face, cursorY)
    if (want === null) return false
    const { name, properties } = want
    if (/_bed$/.test(name)) {
      const [hx, hz] = OFFSETS[properties.facing]
      parts.push([target, { ...properties, part: 'foot' }], [[target[0] + hx, target[1], target[2] + hz], { ...properties, part: 'head' }])
    } else if (/_door$/.test(name)) {
      parts.push([target, { ...properties, half: 'lower' }], [[target[0], target[1] + 1, target[2]], { ...properties, half: 'upper' }])
    } else parts.push([target, properties])
    const solid = registry.blocksByName[name].boundingBox === 'block'
    if (!parts.every(([cell]) => cells.replaceable(...cell) && !(solid && occupied(...cell)))) return false
    for (const [cell, state] of parts) await serv.setBlock(player.world, new Vec3(...cell), cells.state(name, state))
    serv.spend(player)
    return true
  }

  /** A bucket along the line of sight: a full one is emptied before what it hits, an empty one takes a spring. */
  async function pour () {
    const item = player.inventory.slots[36 + player.heldItemSlot]
    const fluid = { water_bucket: 'water', lava_bucket: 'lava' }[item?.name]
    if (fluid === undefined && item?.name !== 'bucket') return
    const direction = ahead()
    const eyes = player.position.offset(0, EYES, 0)
    let before = null
    for (let way = 0; way <= REACH; way += 0.05) {
      const cell = eyes.plus(direction.scaled(way)).floored()
      const name = cells.nameAt(cell.x, cell.y, cell.z)
      if (fluid === undefined && ['water', 'lava'].includes(name)) {
        await serv.setBlock(player.world, cell, 0)
        return swap(`${name}_bucket`)
      }
      if (cells.solid(cell.x, cell.y, cell.z)) {
        if (fluid === undefined || before === null || !cells.replaceable(before.x, before.y, before.z)) return
        await serv.setBlock(player.world, before, cells.state(fluid))
        return swap('bucket')
      }
      before = cell
    }
  }

  function swap (name) {
    const slot = 36 + player.heldItemSlot
    const made = new Item(registry.itemsByName[name].id, 1)
    if (player.inventory.slots[slot].count > 1) {
      serv.spend(player)
      player.gain(made)
    } else player.inventory.updateSlot(slot, made)
  }

  /** Where the player looks, a unit vector. */
  function ahead () {
    const [turned, lowered] = [yaw, pitch].map((degrees) => degrees * Math.PI / 180)
    return new Vec3(-Math.sin(turned) * Math.cos(lowered), -Math.sin(lowered), Math.cos(turned) * Math.cos(lowered))
  }

  return { place, ahead }
}
