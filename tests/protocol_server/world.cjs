// The test server's world: the same hills every time, no two neighbouring columns more than one block apart.
'use strict'

const RIDGE = [0, 0, 1, 1, 2, 2, 1, 1, 0, 1, 2, 3, 2, 1, 1, 0]
const BASE = 63

/** The highest solid cell of a column. */
function heightAt (x, z) {
  return BASE + RIDGE[x & 15] + ((z >> 3) & 1)
}

module.exports = function world ({ registry }) {
  const Chunk = require(require.resolve('prismarine-chunk', { paths: [process.env.DRIVER_MODULES] }))(registry)
  const { Vec3 } = require(require.resolve('vec3', { paths: [process.env.DRIVER_MODULES] }))
  const state = (name) => registry.blocksByName[name].defaultState
  const [bedrock, stone, dirt, grass] = ['bedrock', 'stone', 'dirt', 'grass_block'].map(state)
  const plains = registry.biomesByName.plains.id

  return function generate (chunkX, chunkZ) {
    const chunk = new Chunk()
    const pos = new Vec3(0, 0, 0)
    for (pos.x = 0; pos.x < 16; pos.x++) {
      for (pos.z = 0; pos.z < 16; pos.z++) {
        const top = heightAt(chunkX * 16 + pos.x, chunkZ * 16 + pos.z)
        for (pos.y = 48; pos.y <= top; pos.y++) {
          chunk.setBlockStateId(pos, pos.y === 48 ? bedrock : pos.y < top - 3 ? stone : pos.y < top ? dirt : grass)
        }
        for (pos.y = top + 1; pos.y < 96; pos.y++) chunk.setSkyLight(pos, 15)
        pos.y = 64
        chunk.setBiome(pos, plains)
      }
    }
    return chunk
  }
}
module.exports.heightAt = heightAt
