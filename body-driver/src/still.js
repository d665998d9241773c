// A confirmed stop: let go of everything, then wait until the world shows that the body stands still, or drifts.
import { Failure } from './errors.js'
import { wake } from './rest.js'
import { lowerShield } from './use.js'
import { release } from './walk.js'

const STILL_TICKS = 4
const STILL_DISTANCE = 1e-3
const STILL_SPEED = 0.005
const DRIFT = 6e-4 // what a tick changes at the speed of a body that only a current carries
const LIMIT_MS = 8000

/** End every action of the hands, get out of bed and wait for rest. A dead body rests. */
export async function standStill (bot, context) {
  letGo(bot)
  if (!bot.isAlive) return
  await wake(bot, {}, context)
  await resting(bot, context)
  await wake(bot, {}, context) // a click of before the stop may have laid it down meanwhile
}

/** Controls, digging, using, windows: let go of all of it. */
export function letGo (bot) {
  release(bot)
  bot.stopDigging()
  lowerShield(bot)
  if (bot.usingHeldItem) bot.deactivateItem()
  if (bot.currentWindow) bot.closeWindow(bot.currentWindow)
}

function resting (bot, { signal, watch }) {
  return new Promise((resolve, reject) => {
    let still = 0
    let last = bot.entity.position.clone()
    let before = bot.entity.velocity.clone()
    const finish = (settle) => {
      bot.removeListener('physicsTick', tick)
      clearTimeout(timer)
      unwatch()
      signal.removeEventListener('abort', aborted)
      settle()
    }
    const unwatch = watch((failure) => finish(() => failure.code === 'body.dead' ? resolve() : reject(failure)))
    const aborted = () => finish(() => reject(signal.reason))
    const timer = setTimeout(() => {
      const why = bot.entity.isInWater ? 'water whirls it around' : bot.entity.onGround ? 'something pushes it' : 'it has no ground under it'
      finish(() => reject(new Failure('sense.apiError', `the body did not come to rest within ${LIMIT_MS / 1000} s: ${why}`)))
    }, LIMIT_MS)
    const tick = () => {
      const { position, velocity, onGround, isInWater, isInLava } = bot.entity
      const quiet = Math.hypot(velocity.x, velocity.z) < STILL_SPEED && position.distanceTo(last) < STILL_DISTANCE && (onGround || isInWater || Math.abs(velocity.y) < STILL_SPEED)
      // A current carries whoever floats, and nothing that the body does can end that.
      const drifts = (isInWater || isInLava) && Math.hypot(velocity.x - before.x, velocity.z - before.z) < DRIFT
      still = quiet || drifts ? still + 1 : 0
      last = position.clone()
      before = velocity.clone()
      if (still >= STILL_TICKS && bot.currentWindow === null) finish(resolve)
    }
    signal.addEventListener('abort', aborted)
    bot.on('physicsTick', tick)
  })
}
