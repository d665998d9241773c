// Whether the body has a world around it.
import { Failure } from './errors.js'

const LIMIT_MS = 15_000
/** After this time the body's own cell is enough: a world's edge has no neighbours. */
const PATIENCE_MS = 5000
const POLL_MS = 50
const NEAR = [[0, 0], [16, 0], [-16, 0], [0, 16], [0, -16]]

/** Wait until the server has put the body somewhere and the columns around it are loaded. */
export async function settled (bot) {
  const began = performance.now()
  for (;;) {
    const { position, height } = bot.entity
    const waited = performance.now() - began
    if (Number.isFinite(position.x) && height) {
      const loaded = ([dx, dz]) => Boolean(bot.world.getColumnAt(position.offset(dx, 0, dz)))
      if (NEAR.every(loaded) || (waited > PATIENCE_MS && loaded(NEAR[0]))) return
    }
    if (waited > LIMIT_MS) throw new Failure('path.unloaded', 'the surroundings did not load')
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
}
