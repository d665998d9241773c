// Beds: by night, with no monster near, one lies down; when all who are there have lain for five seconds it is
// morning (Minecraft Wiki, "Bed"). A click also makes the bed the place to come back to.
'use strict'

const POSE = 6
const [STANDING, SLEEPING] = [0, 2]
const [DUSK, DAWN] = [12542, 23460]
const NIGHT_PASSES_TICKS = 100
const OFFSETS = { south: [0, 1], west: [-1, 0], north: [0, -1], east: [1, 0] }
const BESIDE = [[1, 0], [-1, 0], [0, 1], [0, -1], [1, 1], [-1, 1], [1, -1], [-1, -1]]

module.exports = (player, serv, load) => {
  const { cells } = serv
  const { Vec3 } = load('vec3')
  const client = player._client
  let bed = null // the head of the bed that the player lies in
  let since = 0

  const tell = (pose) => client.write('entity_metadata', { entityId: player.id, metadata: [{ key: POSE, type: 'pose', value: pose }] })
  const say = (key) => client.write('system_chat', { content: serv.translated(key, serv.registry), isActionBar: true })

  /** Both halves of the bed, the head first; a lone half counts as the whole. */
  function halves ({ x, y, z }) {
    const { facing, part } = cells.properties(cells.stateAt(x, y, z))
    const [dx, dz] = OFFSETS[facing]
    const other = part === 'head' ? [x - dx, y, z - dz] : [x + dx, y, z + dz]
    const found = [[x, y, z], other].filter((cell) => /_bed$/.test(cells.nameAt(...cell)))
    return found.sort((a) => cells.properties(cells.stateAt(...a)).part === 'head' ? -1 : 1).map((cell) => new Vec3(...cell))
  }

  async function occupy (occupied) {
    for (const { x, y, z } of bed) {
      const state = cells.stateAt(x, y, z)
      if (/_bed$/.test(cells.kindOf(state).name)) await serv.setBlock(player.world, new Vec3(x, y, z), cells.state(cells.kindOf(state).name, { ...cells.properties(state), occupied }))
    }
  }

  function standing ([{ x, y, z }]) {
    for (const [dx, dz] of BESIDE) {
      for (const dy of [0, -1, 1]) {
        const [nx, ny, nz] = [x + dx, y + dy, z + dz]
        if (!cells.solid(nx, ny, nz) && !cells.solid(nx, ny + 1, nz) && cells.solid(nx, ny - 1, nz)) return new Vec3(nx + 0.5, ny, nz + 0.5)
      }
    }
    return new Vec3(x + 0.5, y + 1, z + 0.5)
  }

  /** True if the block is a bed. */
  async function use (block) {
    if (!/_bed$/.test(block.name)) return false
    const parts = halves(block.position)
    const place = standing(parts)
    if (!place.equals(player.spawnPoint)) {
      player.spawnPoint = place
      say('block.minecraft.set_spawn')
    }
    if (serv.time < DUSK || serv.time > DAWN) say('block.minecraft.bed.no_sleep')
    else if (parts.some(({ x, y, z }) => cells.properties(cells.stateAt(x, y, z)).occupied)) say('block.minecraft.bed.occupied')
    else if (serv.creatures.hostileNear(parts[0])) say('block.minecraft.bed.not_safe')
    else {
      bed = parts
      since = serv.tickCount
      await occupy(true)
      tell(SLEEPING)
    }
    return true
  }

  async function wake () {
    if (bed === null) return
    const place = standing(bed)
    await occupy(false)
    bed = null
    tell(STANDING)
    client.write('animation', { entityId: player.id, animation: 2 })
    await player.teleport(place)
  }

  return { use, wake, rested: () => bed !== null && serv.tickCount - since >= NIGHT_PASSES_TICKS }
}

/** The night is over once everybody has slept enough. */
module.exports.tick = (serv) => {
  const there = serv.players.filter(({ health }) => health > 0)
  if (there.length === 0 || !there.every(({ beds }) => beds.rested())) return
  serv.setTime(0)
  for (const { beds } of there) beds.wake()
}
