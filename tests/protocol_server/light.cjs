// Light as the game spreads it: one less for each cell, stopped by what is opaque, sky light undiminished straight
// down. After blocks have changed, what lies within its reach is worked out anew and told to every client.
'use strict'

const REACH = 15
const [LOW, HIGH] = [44, 96]
const SETTLE_MS = 60
const SIDES = [[1, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0], [0, 0, 1], [0, 0, -1]]

module.exports = (serv) => {
  const { registry, cells } = serv
  let dirty = []
  let timer = null

  function changed ({ x, y, z }) {
    if (!registry.supportFeature('newLightingDataFormat') || !registry.version['>=']('1.18')) return
    dirty.push([x, y, z])
    timer ??= setTimeout(() => { timer = null; spread() }, SETTLE_MS)
  }

  function emitted (state, kind) {
    if (['furnace', 'smoker', 'blast_furnace'].includes(kind.name)) return cells.properties(state).lit ? 13 : 0
    return kind.emitLight ?? 0
  }

  function spread () {
    const along = (axis) => dirty.map((pos) => pos[axis])
    const [x0, x1] = [Math.min(...along(0)) - REACH, Math.max(...along(0)) + REACH]
    const [z0, z1] = [Math.min(...along(2)) - REACH, Math.max(...along(2)) + REACH]
    dirty = []
    const [sx, sy, sz] = [x1 - x0 + 1, HIGH - LOW + 1, z1 - z0 + 1]
    const index = (x, y, z) => ((x - x0) * sz + z - z0) * sy + y - LOW
    const opacity = new Uint8Array(sx * sy * sz)
    const layers = [new Uint8Array(sx * sy * sz), new Uint8Array(sx * sy * sz)] // block, sky
    const queues = [[], []]
    const chunks = new Map()
    const give = (layer, x, y, z, level) => {
      const at = index(x, y, z)
      if (level <= layers[layer][at]) return
      layers[layer][at] = level
      queues[layer].push(x, y, z)
    }
    for (let x = x0; x <= x1; x++) {
      for (let z = z0; z <= z1; z++) {
        const column = cells.column(x, z)
        if (!column) continue
        chunks.set(`${x >> 4},${z >> 4}`, column)
        const edge = x === x0 || x === x1 || z === z0 || z === z1
        let sky = 15
        for (let y = HIGH; y >= LOW; y--) {
          const at = { x: x & 15, y, z: z & 15 }
          const state = column.getBlockStateId(at)
          const kind = cells.kindOf(state)
          opacity[index(x, y, z)] = kind.filterLight ?? 0
          if (opacity[index(x, y, z)] > 0) sky = sky === 15 ? 15 - opacity[index(x, y, z)] : 0
          if (sky === 15) give(1, x, y, z, 15)
          const own = emitted(state, kind)
          if (own > 0) give(0, x, y, z, own)
          if (edge) { // beyond lies what did not change
            give(0, x, y, z, column.getBlockLight(at))
            give(1, x, y, z, column.getSkyLight(at))
          }
        }
      }
    }
    for (const layer of [0, 1]) {
      const queue = queues[layer]
      for (let head = 0; head < queue.length; head += 3) {
        const [x, y, z] = [queue[head], queue[head + 1], queue[head + 2]]
        const level = layers[layer][index(x, y, z)]
        for (const [dx, dy, dz] of SIDES) {
          const [nx, ny, nz] = [x + dx, y + dy, z + dz]
          if (nx < x0 || nx > x1 || ny < LOW || ny > HIGH || nz < z0 || nz > z1) continue
          give(layer, nx, ny, nz, level - Math.max(1, opacity[index(nx, ny, nz)]))
        }
      }
    }
    for (const [key, column] of chunks) {
      const [cx, cz] = key.split(',').map(Number)
      for (let x = Math.max(x0, cx * 16); x <= Math.min(x1, cx * 16 + 15); x++) {
        for (let z = Math.max(z0, cz * 16); z <= Math.min(z1, cz * 16 + 15); z++) {
          for (let y = LOW; y <= HIGH; y++) {
            const at = { x: x & 15, y, z: z & 15 }
            column.setBlockLight(at, layers[0][index(x, y, z)])
            column.setSkyLight(at, layers[1][index(x, y, z)])
          }
        }
      }
      for (const player of serv.players) {
        if (player.loadedChunks?.[`${cx},${cz}`]) player._client.write('update_light', { chunkX: cx, chunkZ: cz, trustEdges: true, ...column.dumpLight() })
      }
    }
  }

  return { changed }
}
