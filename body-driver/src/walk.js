// Walking a planned way: this steers tick by tick, it never plans.
import { createRequire } from 'node:module'
import { Failure } from './errors.js'
import { triple, vec } from './senses.js'

const { Vec3 } = createRequire(import.meta.url)('vec3')

const OFF_COURSE = 2 // blocks from the next cell at which a walk has deviated
const STUCK_MS = 3000
const HEADWAY = 0.05 // blocks nearer to the next cell that count as headway
const HALF_WIDTH = 0.3
const BODY_HEIGHT = 1.8
const STEP = 0.6 // what the body steps up without a jump
const STRAIGHT_MARGIN = 0.49 // how near to a cell's middle the body has to come if it goes straight on
const TURN_MARGIN = 0.22 // and if it turns or stops there
const GLIDE = 0.15 // where the last thrust ends: the ground takes a walker's speed away within a quarter of a block
const SETTLED_SPEED = 0.02
const SETTLE_TICKS = 20
const CLIMBABLE = new Set(['ladder', 'vine', 'scaffolding', 'weeping_vines', 'weeping_vines_plant', 'twisting_vines', 'twisting_vines_plant', 'cave_vines', 'cave_vines_plant'])

/** Follow `cells` ([x, y, z] each); resolves with how it ended. `watch` is Session.watch. */
export function follow (bot, cells, { signal, watch, progress }) {
  return new Promise((resolve, reject) => {
    let index = 0
    let best = Infinity
    let headway = performance.now()
    let previous = bot.entity.position.floored()

    const finish = (settle) => {
      bot.removeListener('physicsTick', tick)
      clearInterval(watchdog)
      unwatch()
      signal.removeEventListener('abort', aborted)
      release(bot)
      settle()
    }
    const end = (ended, detail = null) => finish(() => resolve({ ended, done: index, position: triple(bot.entity.position), detail }))
    const aborted = () => finish(() => reject(signal.reason instanceof Error ? signal.reason : new Failure('step.cancelled', 'cancelled')))
    const unwatch = watch((failure) => finish(() => reject(failure)))
    // No tick comes while the body's chunk is not loaded, so the time without headway is watched from outside.
    const watchdog = setInterval(() => { if (performance.now() - headway > STUCK_MS) end('stuck', 'no headway for 3 s') }, 250)

    const tick = () => {
      try {
        step()
      } catch (error) {
        finish(() => reject(error))
      }
    }

    /** Past the last cell's edge: let go and answer where the body has come to rest. */
    let settling = 0
    const settle = () => {
      release(bot)
      const { velocity, position } = bot.entity
      settling += 1
      if (cells.length > 0 && Math.hypot(velocity.x, velocity.z) > SETTLED_SPEED && settling < SETTLE_TICKS) return
      const last = cells.at(-1)
      if (last !== undefined && Math.max(Math.abs(position.x - last[0] - 0.5), Math.abs(position.z - last[2] - 0.5)) > 0.5) {
        index -= 1 // carried beyond it: go back
        settling = 0
        return
      }
      end('arrived')
    }

    const step = () => {
      for (let passed = passedAt(bot, cells, index, previous); passed > 0; passed = passedAt(bot, cells, index, previous)) {
        index += passed
        previous = vec(cells[index - 1])
        best = Infinity
        headway = performance.now()
        progress(index)
      }
      if (index === cells.length) {
        settle()
        return
      }
      const target = cells[index]
      const off = offCourse(bot, target, previous)
      if (off !== null) {
        end('deviated', off)
        return
      }
      for (let ahead = index; ahead < Math.min(index + 2, cells.length); ahead++) {
        const obstacle = obstacleAt(bot, cells[ahead])
        if (obstacle !== null) {
          end('blocked', obstacle)
          return
        }
      }
      const distance = bot.entity.position.distanceTo(middle(target))
      if (distance < best - HEADWAY) {
        best = distance
        headway = performance.now()
      } else if (performance.now() - headway > STUCK_MS) {
        end('stuck', 'no headway for 3 s')
        return
      }
      steer(bot, target, index + 1 === cells.length)
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

const middle = ([x, y, z]) => new Vec3(x + 0.5, y, z + 0.5)

/** How many cells from `index` on are done now. A straight walk may cut through cells, a turn may not. */
function passedAt (bot, cells, index, from) {
  const cell = cells[index]
  if (cell === undefined) return 0
  const next = cells[index + 1]
  if (next === undefined) return reached(bot, cell, TURN_MARGIN) ? 1 : 0
  const straight = next[0] - cell[0] === cell[0] - from.x && next[2] - cell[2] === cell[2] - from.z
  if (!straight) return reached(bot, cell, TURN_MARGIN) ? 1 : 0
  if (reached(bot, cell, STRAIGHT_MARGIN)) return 1
  return reached(bot, next, STRAIGHT_MARGIN) ? 1 : 0 // it came down, or landed after a jump, in the next one
}

function reached (bot, [x, y, z], margin) {
  const { position, onGround } = bot.entity
  const beside = Math.max(Math.abs(position.x - (x + 0.5)), Math.abs(position.z - (z + 0.5)))
  if (beside > margin) return false
  const above = position.y - y
  if (onGround) return above > -0.55 && above < 0.8 // half a block low where the floor is a slab
  return above > -0.3 && above < 0.8 && (bot.entity.isInWater || bot.entity.isInLava || climbing(bot))
}

function climbing (bot) {
  const block = bot.blockAt(bot.entity.position, false)
  return block !== null && CLIMBABLE.has(block.name)
}

/** What is wrong with where the body is, or null. A drop on the way may lie between the two cells' heights. */
function offCourse (bot, [x, y, z], from) {
  const { position } = bot.entity
  const beside = Math.max(Math.abs(position.x - (x + 0.5)), Math.abs(position.z - (z + 0.5)))
  if (beside > OFF_COURSE) return `${beside.toFixed(1)} blocks beside the next cell`
  if (position.y < Math.min(y, from.y) - OFF_COURSE) return `${(y - position.y).toFixed(1)} blocks below the next cell`
  if (position.y > Math.max(y, from.y) + OFF_COURSE) return `${(position.y - y).toFixed(1)} blocks above the next cell`
  return null
}

/** Why the body cannot stand in the cell any more, or null if it can or nobody knows yet. */
function obstacleAt (bot, [x, y, z]) {
  const feet = bot.blockAt(new Vec3(x, y, z), false)
  const head = bot.blockAt(new Vec3(x, y + 1, z), false)
  const floor = bot.blockAt(new Vec3(x, y - 1, z), false)
  if (feet === null || head === null || floor === null) return null
  const base = topOf(feet, 0)
  if (base > STEP + 0.21) return `${feet.name} stands at ${x} ${y} ${z}`
  if (hits(head, base + BODY_HEIGHT - 1)) return `${head.name} hangs at ${x} ${y + 1} ${z}`
  const carried = base > 0 || topOf(floor, 0) > 0 || isLiquid(feet) || isLiquid(floor) || CLIMBABLE.has(feet.name) || CLIMBABLE.has(floor.name)
  return carried ? null : `nothing carries at ${x} ${y - 1} ${z}`
}

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

function steer (bot, target, last) {
  const { position, onGround, isInWater, isInLava } = bot.entity
  const aim = middle(target)
  const dx = aim.x - position.x
  const dz = aim.z - position.z
  const flat = Math.hypot(dx, dz)
  const rise = target[1] - position.y
  if (flat > 0.05) bot.look(Math.atan2(-dx, -dz), 0, true)
  const swims = isInWater || isInLava
  const climbs = climbing(bot)
  const near = last && onGround ? GLIDE : 0.02
  const adrift = climbs && Math.abs(rise) > STEP && flat < 0.2
  bot.setControlState('forward', climbs && rise > 0.1 ? true : flat > near && !adrift)
  const jumpNeeded = rise > STEP && flat < 1.6 && (onGround || bot.getControlState('jump'))
  const floats = swims && rise > -0.3
  const climbsUp = climbs && rise > 0.1
  bot.setControlState('jump', floats || climbsUp || (jumpNeeded && onGround && !swims))
}
