// The loaded world without waiting: what stands in a cell, how bright it is, what a block's name and properties mean.
'use strict'

const REPLACEABLE = new Set(['air', 'cave_air', 'void_air', 'water', 'lava', 'short_grass', 'grass', 'tall_grass', 'fern', 'large_fern', 'dead_bush', 'snow', 'vine', 'fire', 'seagrass'])

module.exports = (serv, load) => {
  const { registry } = serv
  const Block = load('prismarine-block')(registry)
  const { Vec3 } = load('vec3')
  const AIR = registry.blocksByStateId[0] ?? registry.blocksByName.air

  const column = (x, z) => serv.overworld.getLoadedColumn(x >> 4, z >> 4)
  const inside = (x, y, z) => new Vec3(x & 15, y, z & 15)
  const tall = registry.version['>=']('1.18')

  function stateAt (x, y, z) {
    const found = column(x, z)
    if (!found || (!tall && (y < 0 || y > 255))) return null
    return found.getBlockStateId(inside(x, y, z))
  }

  const kindOf = (state) => registry.blocksByStateId[state] ?? AIR
  const kindAt = (x, y, z) => { const state = stateAt(x, y, z); return state === null ? null : kindOf(state) }
  const nameAt = (x, y, z) => kindAt(x, y, z)?.name ?? null

  return {
    column,
    stateAt,
    kindOf,
    kindAt,
    nameAt,
    /** Whether a body collides with the cell; what is not loaded is solid. */
    solid: (x, y, z) => kindAt(x, y, z)?.boundingBox !== 'empty',
    replaceable: (x, y, z) => REPLACEABLE.has(nameAt(x, y, z)),
    properties: (state) => Block.fromStateId(state, 0).getProperties(),
    /** A block's state with these properties, others as usual. Before 1.13 that is its number and its metadata. */
    state (name, properties = {}) {
      const kind = registry.blocksByName[name]
      if (!registry.supportFeature('theFlattening')) return (kind.id << 4) + Number(properties.age ?? properties.moisture ?? 0)
      const usual = Block.fromStateId(kind.defaultState, 0).getProperties()
      return Object.keys(usual).length === 0 ? kind.defaultState : Block.fromProperties(kind.id, { ...usual, ...properties }, 0).stateId
    },
    light (x, y, z) {
      const found = column(x, z)
      if (!found) return 0
      const at = inside(x, y, z)
      const night = serv.time > 13670 && serv.time < 22330
      return Math.max(found.getBlockLight(at), found.getSkyLight(at) - (night ? 11 : 0))
    }
  }
}
