// Fields: a hoe tills, seeds stand on farmland, crops grow by random ticks where it is light, the faster the wetter
// and the less crowded; water within four blocks keeps the ground moist (Minecraft Wiki, "Crops", "Farmland").
'use strict'

const SEEDS = { wheat_seeds: 'wheat', carrot: 'carrots', potato: 'potatoes', beetroot_seeds: 'beetroots' }
const TILLED = { dirt: 'farmland', grass_block: 'farmland', dirt_path: 'farmland', coarse_dirt: 'dirt' }
const RIPE = { wheat: 7, carrots: 7, potatoes: 7, beetroots: 3 }
const SECTION = 4096
const LIGHT = 9
const UP = 1

module.exports = (serv, load) => {
  const { cells } = serv
  const { Vec3 } = load('vec3')
  const tended = new Map() // cells with crops and farmland

  const put = ({ x, y, z }, name, properties) => serv.setBlock(serv.overworld, new Vec3(x, y, z), cells.state(name, properties))
  const age = ({ x, y, z }) => Number(cells.properties(cells.stateAt(x, y, z)).age)

  /** Remember what grows or dries there from now on. */
  function changed (position, state) {
    const { name } = cells.kindOf(state)
    if (name in RIPE || name === 'farmland') tended.set(position.toString(), position.clone())
    else tended.delete(position.toString())
  }

  /** True if the item did something to the block. */
  async function use (player, item, { x, y, z }, face) {
    const name = cells.nameAt(x, y, z)
    const above = new Vec3(x, y + 1, z)
    const here = new Vec3(x, y, z)
    if (/_hoe$/.test(item.name) && TILLED[name] !== undefined && face !== 0 && cells.nameAt(x, y + 1, z) === 'air') {
      await put(here, TILLED[name])
      serv.wear(player, 1)
      return true
    }
    if (SEEDS[item.name] !== undefined && name === 'farmland' && face === UP && cells.nameAt(x, y + 1, z) === 'air') {
      await put(above, SEEDS[item.name], { age: 0 })
      serv.spend(player)
      return true
    }
    if (item.name === 'bone_meal' && name in RIPE && age(here) < RIPE[name]) {
      await put(here, name, { age: Math.min(RIPE[name], age(here) + 2 + Math.floor(Math.random() * 4)) })
      serv.spend(player)
      return true
    }
    return false
  }

  function moist ({ x, y, z }) {
    for (let dx = -4; dx <= 4; dx++) {
      for (let dz = -4; dz <= 4; dz++) {
        for (const dy of [0, 1]) if (cells.nameAt(x + dx, y + dy, z + dz) === 'water') return true
      }
    }
    return false
  }

  function points ({ x, y, z }, crop) {
    let sum = 1
    for (let dx = -1; dx <= 1; dx++) {
      for (let dz = -1; dz <= 1; dz++) {
        const state = cells.stateAt(x + dx, y - 1, z + dz)
        if (state === null || cells.kindOf(state).name !== 'farmland') continue
        const share = Number(cells.properties(state).moisture) > 0 ? 3 : 1
        sum += dx === 0 && dz === 0 ? share : share / 4
      }
    }
    const same = (dx, dz) => cells.nameAt(x + dx, y, z + dz) === crop
    const rows = [same(1, 0) || same(-1, 0), same(0, 1) || same(0, -1)]
    const corners = same(1, 1) || same(1, -1) || same(-1, 1) || same(-1, -1)
    return (rows[0] && rows[1]) || corners ? sum / 2 : sum
  }

  async function grow (pos) {
    const { x, y, z } = pos
    const state = cells.stateAt(x, y, z)
    if (state === null) return
    const { name } = cells.kindOf(state)
    if (name === 'farmland') {
      const moisture = Number(cells.properties(state).moisture)
      if (moist(pos)) { if (moisture < 7) await put(pos, 'farmland', { moisture: 7 }) } else if (moisture > 0) await put(pos, 'farmland', { moisture: moisture - 1 })
      else if (!(cells.nameAt(x, y + 1, z) in RIPE)) await put(pos, 'dirt')
      return
    }
    const old = age(pos)
    if (old >= RIPE[name] || cells.light(x, y, z) < LIGHT) return
    if (Math.random() < 1 / (Math.floor(25 / points(pos, name)) + 1)) await put(pos, name, { age: old + 1 })
  }

  function tick () {
    for (const pos of [...tended.values()]) if (Math.random() < serv.rules.randomTickSpeed / SECTION) grow(pos)
  }

  return { changed, use, tick, ripe: (name, at) => at >= RIPE[name] }
}
