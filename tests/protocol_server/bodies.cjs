// What a player's body suffers and how it heals: falls, lava, fire, drowning, blows, hunger (Minecraft Wiki, "Damage",
// "Hunger", "Healing").
'use strict'

const SAFE_FALL = 3
const UNHURT_TICKS = 10
const [FAST_HEAL_TICKS, SLOW_HEAL_TICKS, STARVE_TICKS] = [10, 80, 80]
const BURN_TICKS = 300
const AIR_TICKS = 300
const AIR_KEY = 1
const STARVES_TO = [20, 10, 1, 0] // by difficulty
const COST = { sprint: 0.1, swim: 0.01, jump: 0.05, sprintJump: 0.2, hurt: 0.1, heal: 6 }
/** A step as long as this is no step: somebody moved the body. */
const STRIDE = 5

module.exports = (player, serv, load) => {
  const { cells } = serv
  const { Vec3 } = load('vec3')
  const client = player._client
  const body = { tick, exhaust, hurt, heal, fed, restore, sprinting: false, hungerLevel: 0, hungerTicks: 0 }
  let last = null
  let awaiting = false // a teleport that the client has not confirmed yet
  let fallen = 0
  let exhaustion = 0
  let fire = 0
  let air = AIR_TICKS
  let hurtTick = -UNHURT_TICKS
  let hurtBy = 0
  let sinceHealed = 0
  let sinceStarved = 0

  const feet = () => { const { x, y, z } = last ?? player.position; return [Math.floor(x), Math.floor(y + 1e-6), Math.floor(z)] }
  const saturation = () => Number.isFinite(player.foodSaturation) ? player.foodSaturation : 5
  const tell = () => client.write('update_health', { food: player.food, foodSaturation: saturation(), health: player.health })
  const alive = () => player.health > 0

  player.on('asap', () => {
    const { sendSelfPosition } = player
    player.sendSelfPosition = (position) => { awaiting = client.protocolVersion >= 107; last = null; fallen = 0; sendSelfPosition(position) }
    player.takeDamage = ({ damage }) => hurt(damage)
    for (const name of ['position', 'position_look']) client.on(name, (packet) => moved(packet, packet.onGround ?? packet.flags?.onGround))
    client.on('teleport_confirm', () => { awaiting = false; last = null; fallen = 0 })
    client.on('entity_action', ({ actionId }) => {
      if ([3, 'start_sprinting'].includes(actionId)) body.sprinting = true
      if ([4, 'stop_sprinting'].includes(actionId)) body.sprinting = false
    })
  })

  function moved ({ x, y, z }, onGround) {
    const now = { x, y, z, onGround }
    const before = last
    if (awaiting || before === null || !alive()) { last = now; return }
    last = now
    const flat = Math.hypot(x - before.x, z - before.z)
    const rise = y - before.y
    if (Math.hypot(flat, rise) > STRIDE) { fallen = 0; return }
    const name = cells.nameAt(...feet())
    const wet = name === 'water'
    if (wet) exhaust(flat * COST.swim)
    else if (body.sprinting) exhaust(flat * COST.sprint)
    if (rise > 0 && before.onGround && !onGround && !wet) exhaust(body.sprinting ? COST.sprintJump : COST.jump)
    if (wet || ['ladder', 'vine', 'cobweb', 'lava'].includes(name)) fallen = 0
    else if (rise < 0) fallen -= rise
    if (!onGround) return
    const [bx, by, bz] = feet()
    const soft = cells.nameAt(bx, by - 1, bz) === 'hay_block' ? 0.2 : 1
    const damage = Math.ceil((fallen - SAFE_FALL) * soft - 1e-6)
    fallen = 0
    if (damage > 0) hurt(damage)
  }

  function exhaust (amount) {
    exhaustion += amount
    while (exhaustion >= 4) {
      exhaustion -= 4
      if (saturation() > 0) player.foodSaturation = Math.max(0, saturation() - 1)
      else if (serv.difficulty > 0) player.food = Math.max(0, player.food - 1)
      tell()
    }
  }

  /** Within half a second only what is more than the last blow counts, and only the difference. */
  function hurt (amount, push = null) {
    if (!alive() || player.gameMode !== 0) return false
    const shielded = serv.tickCount - hurtTick < UNHURT_TICKS
    const counts = shielded ? amount - hurtBy : amount
    if (counts <= 0) return false
    hurtBy = amount
    if (!shielded) hurtTick = serv.tickCount
    exhaust(COST.hurt)
    player.health = Math.max(0, player.health - counts)
    tell()
    if (push !== null) client.write('entity_velocity', { entityId: player.id, velocity: push, velocityX: push.x, velocityY: push.y, velocityZ: push.z })
    player.living.wake()
    if (!alive()) die()
    return true
  }

  function die () {
    fire = 0
    if (serv.rules.keepInventory) return
    const { slots } = player.inventory
    for (let slot = 1; slot < slots.length; slot++) {
      const item = slots[slot]
      if (!item) continue
      serv.lay(item, player.position.offset(0, 0.5, 0), new Vec3(Math.random() - 0.5, 1, Math.random() - 0.5))
      player.inventory.updateSlot(slot, null)
    }
  }

  function heal (amount) {
    player.health = Math.min(20, player.health + amount)
    tell()
  }

  function fed (points, quality) {
    player.food = Math.min(20, player.food + points)
    player.foodSaturation = Math.min(player.food, saturation() + quality)
    tell()
  }

  /** As newly born. */
  function restore () {
    [fallen, exhaustion, fire, air, body.hungerTicks] = [0, 0, 0, AIR_TICKS, 0]
    Object.assign(player, { health: 20, food: 20, foodSaturation: 5 })
    tell()
  }

  function tick () {
    if (!alive() || player.gameMode !== 0 || last === null) return
    const [x, y, z] = feet()
    const name = cells.nameAt(x, y, z)
    if (name === 'lava') { hurt(4); fire = BURN_TICKS }
    if (name === 'water') fire = 0
    if (name === 'fire' || name === 'campfire') { hurt(1); fire = Math.max(fire, 160) }
    if (fire > 0 && name !== 'lava' && --fire % 20 === 0) hurt(1)
    breathe(cells.nameAt(x, Math.floor((last?.y ?? y) + 1.62), z) === 'water')
    if (body.hungerTicks > 0) { body.hungerTicks -= 1; exhaust(0.005 * (body.hungerLevel + 1)) }
    recover()
  }

  function breathe (drowns) {
    const before = air
    air = drowns ? air - 1 : Math.min(AIR_TICKS, air + 4)
    if (air === -20) { air = 0; hurt(2) }
    if (air !== before && (air % 15 === 0 || air === AIR_TICKS)) client.write('entity_metadata', { entityId: player.id, metadata: [{ key: AIR_KEY, type: 'int', value: Math.max(0, air) }] })
  }

  function recover () {
    const hurtNow = player.health < 20
    const fast = hurtNow && player.food >= 20 && saturation() > 0
    sinceHealed = fast || (hurtNow && player.food >= 18) ? sinceHealed + 1 : 0
    if (fast && sinceHealed >= FAST_HEAL_TICKS) {
      const spent = Math.min(saturation(), COST.heal)
      sinceHealed = 0
      heal(spent / 6)
      exhaust(spent)
    } else if (sinceHealed >= SLOW_HEAL_TICKS) {
      sinceHealed = 0
      heal(1)
      exhaust(COST.heal)
    }
    sinceStarved = player.food === 0 ? sinceStarved + 1 : 0
    if (sinceStarved < STARVE_TICKS) return
    sinceStarved = 0
    if (player.health > STARVES_TO[serv.difficulty]) hurt(1)
  }

  return body
}
