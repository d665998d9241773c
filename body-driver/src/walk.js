// Walking a planned way: this steers tick by tick, it never plans.
import { createRequire } from 'node:module'
import { Failure } from './errors.js'
import { keysTo, reached } from './steering.js'
import { triple } from './senses.js'

const { Vec3 } = createRequire(import.meta.url)('vec3')

const OFF_COURSE = 2 // blocks from the next cell at which a walk has deviated
const STUCK_MS = 3000
const HEADWAY = 0.05 // blocks nearer to the next cell that count as headway
const HALF_WIDTH = 0.3
const BODY_HEIGHT = 1.8
const STEP = 0.6 // what the body steps up without a jump
const SUNK = 6 // blocks below the next cell in water: whoever drops into it sinks before it rises
const LAND_MS = 2500 // how long a cancelled walk may take to bring a jump or fall to its end
const CLIMBABLE = new Set(['ladder', 'vine', 'scaffolding', 'weeping_vines', 'weeping_vines_plant', 'twisting_vines', 'twisting_vines_plant', 'cave_vines', 'cave_vines_plant'])

/**
 * Follow `cells` ([x, y, z] each) by `moves` (their kinds); resolves with how it ended. `watch` is Session.watch.
 * A walk that is cancelled in the air first comes down.
 */
export function follow (bot, cells, moves, { signal, watch, progress }) {
  return new Promise((resolve, reject) => {
    const start = bot.entity.position.floored()
    const path = [{ x: start.x, y: start.y, z: start.z, move: 'walk' }, ...cells.map(([x, y, z], i) => ({ x, y, z, move: moves[i] ?? 'walk' }))]
    let index = 1
    let best = Infinity
    let stuck = 0
    let headway = performance.now()
    let cancelled = null // { reason, at }: let go as soon as it stands

    const finish = (settle) => {
      bot.removeListener('physicsTick', tick)
      clearInterval(watchdog)
      unwatch()
      signal.removeEventListener('abort', aborted)
      release(bot)
      settle()
    }
    const end = (ended, detail = null) => finish(() => resolve({ ended, done: index - 1, position: triple(bot.entity.position), detail }))
    const aborted = () => {
      const reason = signal.reason instanceof Error ? signal.reason : new Failure('step.cancelled', 'cancelled')
      if (index < path.length && inTheAir(bot)) cancelled = { reason, at: performance.now() }
      else finish(() => reject(reason))
    }
    const unwatch = watch((failure) => finish(() => reject(failure)))
    // No tick comes while the body's chunk is not loaded, so time is watched from outside.
    const watchdog = setInterval(() => {
      if (cancelled !== null && performance.now() - cancelled.at > LAND_MS) finish(() => reject(cancelled.reason))
      else if (performance.now() - headway > STUCK_MS) end('stuck', 'no headway for 3 s')
    }, 250)

    const tick = () => {
      try {
        step()
      } catch (error) {
        finish(() => reject(error))
      }
    }

    const step = () => {
      if (cancelled !== null && !inTheAir(bot)) {
        finish(() => reject(cancelled.reason))
        return
      }
      const body = bodyOf(bot)
      if (index < path.length && reached(body, path, index)) {
        index += 1
        best = Infinity
        stuck = 0
        headway = performance.now()
        progress(index - 1)
      }
      if (index === path.length) {
        end('arrived')
        return
      }
      const target = path[index]
      const off = offCourse(bot, target, path[index - 1])
      if (off !== null) {
        end('deviated', off)
        return
      }
      for (let ahead = index; ahead < Math.min(index + 2, path.length); ahead++) {
        const obstacle = obstacleAt(bot, path[ahead])
        if (obstacle !== null) {
          end('blocked', obstacle)
          return
        }
      }
      const distance = bot.entity.position.distanceTo(new Vec3(target.x + 0.5, target.y, target.z + 0.5))
      stuck += 1
      if (distance < best - HEADWAY) {
        best = distance
        stuck = 0
        headway = performance.now()
      } else if (performance.now() - headway > STUCK_MS) {
        end('stuck', 'no headway for 3 s')
        return
      }
      press(bot, keysTo(body, path, index, stuck))
    }

    if (signal.aborted) {
      aborted()
      return
    }
    signal.addEventListener('abort', aborted)
    bot.on('physicsTick', tick)
    tick()
  })
}

/** Let go of every control. */
export function release (bot) {
  bot.clearControlStates()
}

function inTheAir (bot) {
  const { onGround, isInWater, isInLava } = bot.entity
  return !onGround && !isInWater && !isInLava && !climbing(bot)
}

function bodyOf (bot) {
  const { position, velocity, onGround, isInWater, isInLava } = bot.entity
  const inFluid = Boolean(isInWater || isInLava)
  return { position, velocity, onGround, inFluid, climbing: !inFluid && climbing(bot), food: bot.food ?? 20 }
}

function press (bot, { yaw, forward, jump, sprint, sneak }) {
  if (yaw !== null) bot.look(yaw, 0, true)
  bot.setControlState('forward', forward)
  bot.setControlState('jump', jump)
  bot.setControlState('sprint', sprint)
  bot.setControlState('sneak', sneak)
}

function climbing (bot) {
  const block = bot.blockAt(bot.entity.position, false)
  return block !== null && CLIMBABLE.has(block.name)
}

/** What is wrong with where the body is, or null. A drop or a gap on the way lies between the two cells. */
function offCourse (bot, { x, y, z, move }, from) {
  const { position, isInWater } = bot.entity
  const [fromX, fromZ] = move === 'gap' ? [from.x, from.z] : [x, z]
  const besideX = Math.max(Math.min(x, fromX) + 0.5 - position.x, position.x - Math.max(x, fromX) - 0.5)
  const besideZ = Math.max(Math.min(z, fromZ) + 0.5 - position.z, position.z - Math.max(z, fromZ) - 0.5)
  const beside = Math.max(besideX, besideZ)
  if (beside > OFF_COURSE) return `${beside.toFixed(1)} blocks beside the next cell`
  if (position.y < Math.min(y, from.y) - (isInWater ? SUNK : OFF_COURSE)) return `${(y - position.y).toFixed(1)} blocks below the next cell`
  if (position.y > Math.max(y, from.y) + OFF_COURSE) return `${(position.y - y).toFixed(1)} blocks above the next cell`
  return null
}

/** Why the body cannot stand in the cell any more, or null if it can or nobody knows yet. */
function obstacleAt (bot, { x, y, z }) {
  const feet = bot.blockAt(new Vec3(x, y, z), false)
  const head = bot.blockAt(new Vec3(x, y + 1, z), false)
  const floor = bot.blockAt(new Vec3(x, y - 1, z), false)
  if (feet === null || head === null || floor === null) return null
  if ((isLava(feet) || isLava(head)) && !bot.entity.isInLava) return `lava at ${x} ${y} ${z}`
  const base = CLIMBABLE.has(feet.name) ? 0 : topOf(feet, 0)
  if (base > STEP + 0.21) return `${feet.name} stands at ${x} ${y} ${z}`
  if (!CLIMBABLE.has(head.name) && hits(head, base + BODY_HEIGHT - 1)) return `${head.name} hangs at ${x} ${y + 1} ${z}`
  const carried = base > 0 || topOf(floor, 0) > 0 || isLiquid(feet) || isLiquid(floor) || CLIMBABLE.has(feet.name) || CLIMBABLE.has(floor.name)
  return carried ? null : `nothing carries at ${x} ${y - 1} ${z}`
}

const isLava = (block) => block.name === 'lava' || block.name === 'flowing_lava'
const isLiquid = (block) => block.name === 'water' || block.name === 'flowing_water' || block.name === 'lava' || block.name === 'flowing_lava' || block.name === 'bubble_column'

/** The collision boxes of a block that a body in the middle of its column would touch. */
function inTheWay (block) {
  const [low, high] = [0.5 - HALF_WIDTH, 0.5 + HALF_WIDTH]
  return block.shapes.filter(([x0, , z0, x1, , z1]) => x0 < high && x1 > low && z0 < high && z1 > low)
}

function topOf (block, otherwise) {
  return inTheWay(block).reduce((top, [, , , , y1]) => Math.max(top, y1), otherwise)
}

function hits (block, height) {
  return inTheWay(block).some(([, y0]) => y0 < height)
}
