// The test server's world: the same hills every time, no two neighbouring columns more than one block apart; or, if
// it is asked for flat, a plain.
'use strict'

const RIDGE = [0, 0, 1, 1, 2, 2, 1, 1, 0, 1, 2, 3, 2, 1, 1, 0]
const BASE = 63

let plain = false

/** The highest solid cell of a column. */
function heightAt (x, z) {
  return plain ? BASE : BASE + RIDGE[x & 15] + ((z >> 3) & 1)
}

module.exports = function world ({ registry, flat: asPlain = false }) {
  plain = asPlain
  const Chunk = require(require.resolve('prismarine-chunk', { paths: [process.env.DRIVER_MODULES] }))(registry)
  const { Vec3 } = require(require.resolve('vec3', { paths: [process.env.DRIVER_MODULES] }))
  const flat = registry.supportFeature('theFlattening')
  const state = (name) => flat ? registry.blocksByName[name].defaultState : registry.blocksByName[name].id << 4
  const [bedrock, stone, dirt, grass] = ['bedrock', 'stone', 'dirt', flat ? 'grass_block' : 'grass'].map(state)
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
        pos.y = 64
        chunk.setBiome(pos, plains)
      }
    }
    // Afterwards, because before 1.14 a section without blocks holds no light.
    for (pos.x = 0; pos.x < 16; pos.x++) {
      for (pos.z = 0; pos.z < 16; pos.z++) {
        for (pos.y = heightAt(chunkX * 16 + pos.x, chunkZ * 16 + pos.z) + 1; pos.y < 96; pos.y++) chunk.setSkyLight(pos, 15)
      }
    }
    return chunk
  }
}
module.exports.heightAt = heightAt
