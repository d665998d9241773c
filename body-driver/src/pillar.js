// Rising on the spot: a jump, and the held block under the feet before they come down.
import { place } from './blocks.js'
import { Failure } from './errors.js'

const RISE_MS = 1000
const LAND_MS = 3000

export async function pillar (bot, _args, context) {
  const { position } = bot.entity
  if (!bot.entity.onGround) throw new Failure('place.fallRisk', 'the body does not stand')
  if (!bot.heldItem) throw new Failure('inventory.missing', 'the hand is empty')
  const feet = position.offset(0, 0.125, 0).floored()
  const above = bot.blockAt(feet.offset(0, 2, 0), false)
  if (above === null || above.boundingBox !== 'empty') throw new Failure('place.occupied', 'there is no room above the head')
  bot.setControlState('jump', true)
  try {
    await until(bot, context, () => bot.entity.position.y >= feet.y + 1.001, RISE_MS, 'the body did not rise')
    bot.setControlState('jump', false)
    await place(bot, { against: [feet.x, feet.y - 1, feet.z], face: 'up' }, context)
    await until(bot, context, () => bot.entity.onGround && bot.entity.position.y >= feet.y + 0.9, LAND_MS, 'the body did not come to stand on the block')
  } finally {
    bot.setControlState('jump', false)
  }
  const { x, y, z } = bot.entity.position
  return { result: { position: [x, y, z] } }
}

function until (bot, { signal, watch }, holds, limit, why) {
  return new Promise((resolve, reject) => {
    const finish = (settle) => {
      bot.removeListener('physicsTick', tick)
      clearTimeout(timer)
      unwatch()
      signal.removeEventListener('abort', aborted)
      settle()
    }
    const unwatch = watch((failure) => finish(() => reject(failure)))
    const aborted = () => finish(() => reject(signal.reason))
    const timer = setTimeout(() => finish(() => reject(new Failure('place.timeout', why))), limit)
    const tick = () => { if (holds()) finish(resolve) }
    signal.addEventListener('abort', aborted)
    bot.on('physicsTick', tick)
  })
}
