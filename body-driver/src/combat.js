// One blow: with its full strength, within reach, with a clear line; it counts when the world shows its effect.
import { heard } from './clicks.js'
import { Failure } from './errors.js'
import { unlessInterrupted } from './interrupt.js'

const REACH = 3
const EFFECT_MS = 1000
/** Blows a second with full strength (Minecraft Wiki, "Damage", attack speed). */
const SPEEDS = [
  { is: /_sword$/, speed: 1.6 },
  { is: /^(wooden|stone)_axe$/, speed: 0.8 },
  { is: /^iron_axe$/, speed: 0.9 },
  { is: /_axe$/, speed: 1 },
  { is: /_pickaxe$/, speed: 1.2 },
  { is: /_shovel$/, speed: 1 },
  { is: /^(wooden|golden)_hoe$/, speed: 1 },
  { is: /^stone_hoe$/, speed: 2 },
  { is: /^iron_hoe$/, speed: 3 },
  { is: /^trident$/, speed: 1.1 },
  { is: /^mace$/, speed: 0.6 }
]
const HAND_SPEED = 4

/** bot -> when the strength began to grow: after a blow, or when another thing was taken in hand. */
const since = new WeakMap()

export function watchWeapon (bot) {
  let last = null
  bot.on('heldItemChanged', (item) => {
    const name = item?.name ?? null
    if (name !== last) since.set(bot, performance.now())
    last = name
  })
}

export async function attack (bot, { entity: id }, context) {
  const target = present(bot, id)
  within(bot, target)
  const wait = (since.get(bot) ?? -Infinity) + cooldown(bot) - performance.now()
  if (wait > 0) await unlessInterrupted(context, new Promise((resolve) => setTimeout(resolve, wait)))
  const now = present(bot, id)
  const point = within(bot, now)
  await unlessInterrupted(context, bot.lookAt(point, true))
  const effect = struck(bot, now)
  bot.attack(now)
  since.set(bot, performance.now())
  return { result: { effect: await unlessInterrupted(context, effect) } }
}

function cooldown (bot) {
  if (bot.supportFeature('doesntHaveOffHandSlot')) return 0 // strength does not grow before 1.9
  const name = bot.heldItem?.name ?? ''
  return 1000 / (SPEEDS.find(({ is }) => is.test(name))?.speed ?? HAND_SPEED)
}

function present (bot, id) {
  const entity = bot.entities[id]
  if (entity === undefined || !entity.isValid || entity === bot.entity) throw new Failure('combat.targetGone', `no entity ${id} is in sight`)
  return entity
}

/** The point to strike: the nearest of the target's box with a clear line. */
function within (bot, target) {
  const eyes = bot.entity.position.offset(0, bot.entity.eyeHeight || 1.62, 0)
  const half = (target.width ?? 0.6) / 2
  const { x, y, z } = target.position
  const height = target.height ?? 1.8
  const clamp = (at, low, high) => Math.min(Math.max(at, low), high)
  const nearest = eyes.clone()
  nearest.x = clamp(eyes.x, x - half, x + half)
  nearest.y = clamp(eyes.y, y, y + height)
  nearest.z = clamp(eyes.z, z - half, z + half)
  const distance = eyes.distanceTo(nearest)
  const name = target.name ?? target.type
  if (distance > REACH) throw new Failure('combat.outOfReach', `the ${name} is ${distance.toFixed(1)} blocks away`)
  const points = [nearest, target.position.offset(0, height / 2, 0), target.position.offset(0, height * 0.9, 0)]
  const clear = points.find((point) => isClear(bot, eyes, point))
  if (clear === undefined) throw new Failure('combat.outOfReach', `something stands between the body and the ${name}`)
  return clear
}

function isClear (bot, from, to) {
  const line = to.minus(from)
  const length = line.norm()
  if (length < 0.1) return true
  return bot.world.raycast(from, line.scaled(1 / length), length, (block) => block.shapes.length > 0) === null
}

/** Resolves with hurt, dead or gone. */
function struck (bot, target) {
  const failure = new Failure('combat.noEffect', `the blow did the ${target.name ?? target.type} no harm`)
  const is = (entity) => entity === target
  const names = { entityHurt: 'hurt', entityDead: 'dead', entityGone: 'gone' }
  const all = Object.entries(names).map(([event, effect]) => heard(bot, event, EFFECT_MS, failure, is).then(() => effect))
  return Promise.any(all).catch(() => { throw failure })
}
