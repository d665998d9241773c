// Creatures: cattle that stands about and runs when it is struck, zombies and spiders that come and bite, creepers
// that come and burst. They have the game's health, blows and loot; they walk straight at what they want, a block up
// or three down at a time.
'use strict'

const { randomUUID } = require('node:crypto')

/** Minecraft Wiki, the creatures' own pages. `blow` is that of normal difficulty, speeds are in blocks a tick. */
const KINDS = {
  cow: { health: 10, speed: 0.1 },
  pig: { health: 10, speed: 0.1 },
  sheep: { health: 8, speed: 0.1 },
  chicken: { health: 4, speed: 0.1 },
  snow_golem: { health: 4, speed: 0 },
  zombie: { health: 20, speed: 0.115, blow: 3, sees: 35 },
  spider: { health: 16, speed: 0.15, blow: 2, sees: 16 },
  creeper: { health: 20, speed: 0.1, blow: 0, sees: 16, fuse: 30 }
}
const WEAPONS = { wooden_sword: 4, stone_sword: 5, iron_sword: 6, golden_sword: 4, diamond_sword: 7, wooden_axe: 7, stone_axe: 9, iron_axe: 9, diamond_axe: 9, wooden_pickaxe: 2, stone_pickaxe: 3, iron_pickaxe: 4, diamond_pickaxe: 5, wooden_shovel: 2.5, stone_shovel: 3.5, iron_shovel: 4.5, diamond_shovel: 5.5 }
const SPEEDS = [[/_sword$/, 1.6], [/^(wooden|stone)_axe$/, 0.8], [/_axe$/, 0.9], [/_pickaxe$/, 1.2], [/_shovel$/, 1]]
const UNHURT_TICKS = 10
const BITE_TICKS = 20
const PANIC_TICKS = 100
const REACH = 1.4
/** A creeper hisses from so near on, and calms down when one is farther than the second; its blast reaches as far as
 * twice its power (Minecraft Wiki, "Creeper", "Explosion"). */
const [HISSES, CALMS, POWER] = [3, 7, 3]
const PER_DIFFICULTY = [0, 0.5, 1, 1.5]
const [DIES, LIES_TICKS] = [3, 20]

module.exports = (serv, load) => {
  const { registry, cells } = serv
  const { Vec3 } = load('vec3')
  const Item = load('prismarine-item')(registry)

  function add (name, position, { still = false, health = KINDS[name]?.health } = {}) {
    if (KINDS[name] === undefined || registry.entitiesByName[name] === undefined) throw new Error(`no creature ${name} lives here`)
    const zero = new Vec3(0, 0, 0)
    const mob = serv.initEntity('mob', registry.entitiesByName[name].id, serv.overworld, position) // spawnMob knows no monsters
    Object.assign(mob, { uuid: randomUUID(), name, velocity: zero, gravity: zero, size: zero, friction: zero, pitch: 0, headPitch: 0, yaw: 0, health, metadata: [] })
    mob.creature = { name, health, still, hurtTick: -UNHURT_TICKS, biteTick: 0, panic: 0, from: null }
    mob.calculatePhysics = async () => ({ position: mob.position, onGround: true }) // its steps are below
    mob.updateAndSpawn()
    mob.takeDamage = ({ damage = 1 }) => struck(mob, damage, null)
    return mob
  }

  const living = () => Object.values(serv.entities).filter(({ creature }) => creature !== undefined && creature.health > 0)

  /** A blow of a player's: the longer the weapon rested, up to its time, the stronger. */
  function strike (player, mob) {
    const now = serv.tickCount
    const held = player.inventory.slots[36 + player.heldItemSlot]
    const speed = SPEEDS.find(([kind]) => kind.test(held?.name ?? ''))?.[1] ?? 4
    const share = Math.min(1, (now - (player.struckTick ?? -100) + 0.5) / (20 / speed))
    player.struckTick = now
    player.body.exhaust(0.1)
    if (!struck(mob, (WEAPONS[held?.name] ?? 1) * (0.2 + 0.8 * share ** 2), player)) return
    if (held?.maxDurability) serv.wear(player, /_sword$/.test(held.name) ? 1 : 2)
  }

  function struck (mob, damage, player) {
    const { creature } = mob
    if (creature.health <= 0 || serv.tickCount - creature.hurtTick < UNHURT_TICKS) return false
    creature.hurtTick = serv.tickCount
    creature.health -= damage
    mob._writeNearby('animation', { entityId: mob.id, animation: 1 })
    if (creature.health <= 0) die(mob)
    else if (player !== null) {
      Object.assign(creature, { panic: PANIC_TICKS, from: player.position })
      for (let push = 0; push < 4; push++) step(mob, mob.position.minus(player.position), 0.1)
    }
    return true
  }

  function die (mob) {
    mob._writeNearby('entity_status', { entityId: mob.id, entityStatus: DIES })
    for (const { item, dropChance, stackSizeRange: [low, high] } of registry.entityLoot?.[mob.creature.name]?.drops ?? []) {
      const count = Math.random() < dropChance ? low + Math.floor(Math.random() * (high - low + 1)) : 0
      if (count > 0) serv.lay(new Item(registry.itemsByName[item].id, count), mob.position.offset(0, 0.5, 0))
    }
    mob.creature.liesUntil = serv.tickCount + LIES_TICKS
  }

  /** One step in a direction over the ground; false if something is in the way. */
  function step (mob, direction, length) {
    const flat = Math.hypot(direction.x, direction.z)
    if (flat < 1e-3 || length === 0) return false
    const [x, z] = [mob.position.x + direction.x / flat * length, mob.position.z + direction.z / flat * length]
    const [bx, bz] = [Math.floor(x), Math.floor(z)]
    const from = Math.floor(mob.position.y + 1e-6)
    for (let y = from + 1; y >= from - 3; y--) {
      if (cells.solid(bx, y, bz) || cells.solid(bx, y + 1, bz) || !cells.solid(bx, y - 1, bz)) continue
      mob.sendPosition(new Vec3(x, y, z), true)
      return true
    }
    return false
  }

  function sees (mob, player) {
    const [from, line] = [mob.position.offset(0, 1.5, 0), player.position.offset(0, 1.5, 0).minus(mob.position.offset(0, 1.5, 0))]
    const steps = Math.ceil(line.norm() * 4)
    for (let i = 1; i < steps; i++) {
      const { x, y, z } = from.plus(line.scaled(i / steps)).floored()
      if (cells.solid(x, y, z)) return false
    }
    return true
  }

  /** It hurts by distance and cover; no block breaks. */
  function burst (mob) {
    for (const player of serv.players) {
      const share = (1 - player.position.distanceTo(mob.position) / (2 * POWER)) * (sees(mob, player) ? 1 : 0)
      if (share > 0) player.body.hurt((Math.floor((share ** 2 + share) * 7 * POWER) + 1) * PER_DIFFICULTY[serv.difficulty])
    }
    mob.creature.health = 0
    mob.destroy()
  }

  function tick () {
    for (const mob of Object.values(serv.entities)) {
      const { creature } = mob
      if (creature === undefined) continue
      if (creature.health <= 0) { if (serv.tickCount >= creature.liesUntil) mob.destroy(); continue }
      if (creature.still) continue
      const { speed, blow, sees: far, fuse } = KINDS[creature.name]
      if (blow === undefined) {
        if (creature.panic > 0 && creature.panic-- > 0) step(mob, mob.position.minus(creature.from), speed * 1.5)
        continue
      }
      const prey = serv.players.filter(({ health, gameMode, position }) => health > 0 && gameMode === 0 && position.distanceTo(mob.position) <= far)
        .sort((a, b) => a.position.distanceTo(mob.position) - b.position.distanceTo(mob.position)).find((player) => sees(mob, player))
      if (prey === undefined || serv.difficulty === 0) continue
      const way = prey.position.minus(mob.position)
      if (fuse !== undefined && way.norm() <= (creature.lit > 0 ? CALMS : HISSES)) {
        creature.lit = (creature.lit ?? 0) + 1
        if (creature.lit >= fuse) burst(mob)
        continue
      }
      creature.lit = 0
      if (Math.hypot(way.x, way.z) > REACH) step(mob, way, speed)
      else if (Math.abs(way.y) < 2 && serv.tickCount - creature.biteTick >= BITE_TICKS) {
        creature.biteTick = serv.tickCount
        const flat = Math.max(Math.hypot(way.x, way.z), 0.1)
        const harm = serv.difficulty === 1 ? Math.min(blow / 2 + 1, blow) : serv.difficulty === 3 ? blow * 1.5 : blow
        prey.body.hurt(harm, new Vec3(way.x / flat * 3200, 2900, way.z / flat * 3200).rounded())
      }
    }
  }

  const hostileNear = ({ x, y, z }) => living().some(({ creature, position }) => KINDS[creature.name].blow !== undefined &&
    Math.abs(position.x - x) <= 8 && Math.abs(position.z - z) <= 8 && Math.abs(position.y - y) <= 5)

  return { add, strike, tick, living, hostileNear, kinds: Object.keys(KINDS) }
}
