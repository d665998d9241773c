// Turning the head so that the server knows of it: it hears of a turn with the next tick, and what is placed, poured
// or thrown before that goes where the body looked until then.
import { unlessInterrupted } from './interrupt.js'

export async function gaze (bot, point, context) {
  const { yaw, pitch } = bot.entity
  await unlessInterrupted(context, bot.lookAt(point, true))
  if (bot.entity.yaw !== yaw || bot.entity.pitch !== pitch) await unlessInterrupted(context, bot.waitForTicks(1))
}
