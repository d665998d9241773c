// Beds: lying down and getting up.
import { faceTowards, reachTo, REACH } from './blocks.js'
import { heard } from './clicks.js'
import { Failure } from './errors.js'
import { unlessInterrupted } from './interrupt.js'
import { triple, vec } from './senses.js'
import { textOf } from './text.js'

const ANSWER_MS = 3000
const BED = /(^|_)bed$/
/** Why a server lets nobody lie down: its translation keys (before 1.13 and after), or plain words of some servers. */
const REFUSALS = [
  { says: /bed\.(no_?sleep)|only sleep (at night|during)/i, code: 'sleep.notNight' },
  { says: /bed\.(not_?safe)|monsters (are )?nearby/i, code: 'sleep.hostilesNear' },
  { says: /bed\.occupied|bed is occupied/i, code: 'sleep.occupied' },
  { says: /bed\.too_?far_?away|bed is too far|may not rest now; the bed is too far/i, code: 'sleep.outOfReach' },
  { says: /bed\.obstructed|bed is obstructed/i, code: 'sleep.timeout' }
]

/** The bed that each bot lies in. */
const lying = new WeakMap()

/** Tell of lying down and getting up, whoever caused it. */
export function watchSleep (bot, say) {
  bot.on('sleep', () => say('slept', { pos: lying.get(bot) ?? triple(bot.entity.position.floored()) }))
  bot.on('wake', () => {
    lying.delete(bot)
    setImmediate(() => say('woke', { position: triple(bot.entity.position) }))
  })
  bot.on('death', () => { bot.isSleeping = false; lying.delete(bot) })
}

export async function sleep (bot, { pos }, context) {
  const block = bot.blockAt(vec(pos), false)
  const where = pos.join(' ')
  if (block === null || !BED.test(block.name)) throw new Failure('sleep.noBed', `${block?.name ?? 'nothing loaded'} is at ${where}`)
  if (bot.game.dimension !== 'overworld') throw new Failure('sleep.noBed', `a bed in the ${bot.game.dimension} explodes`)
  const reach = reachTo(bot, pos)
  if (reach > REACH) throw new Failure('sleep.outOfReach', `${where} is ${reach.toFixed(1)} blocks away`)
  await unlessInterrupted(context, bot.lookAt(block.position.offset(0.5, 0.3, 0.5), true))
  lying.set(bot, pos)
  let done = false
  try {
    await unlessInterrupted(context, answerOf(bot, block, where))
    done = true
  } finally {
    if (!done) {
      lying.delete(bot)
      if (bot.isSleeping) bot.wake().catch(() => {})
    }
  }
}

function answerOf (bot, block, where) {
  return new Promise((resolve, reject) => {
    const finish = (settle) => {
      clearTimeout(timer)
      bot.removeListener('sleep', lies)
      bot.removeListener('message', said)
      settle()
    }
    const lies = () => finish(resolve)
    const said = (message) => {
      const { keys, plain } = textOf(message.json ?? message)
      const row = REFUSALS.find(({ says }) => keys.some((key) => says.test(key)) || says.test(plain))
      if (row !== undefined) finish(() => reject(new Failure(row.code, plain)))
    }
    const timer = setTimeout(() => finish(() => reject(new Failure('sleep.timeout', `the bed at ${where} did not answer`))), ANSWER_MS)
    bot.on('sleep', lies)
    bot.on('message', said)
    bot.activateBlock(block, faceTowards(bot, block.position)).catch((error) => finish(() => reject(error)))
  })
}

export async function wake (bot, _args, context) {
  if (!bot.isSleeping) return
  const up = heard(bot, 'wake', ANSWER_MS, new Failure('sleep.timeout', 'the server did not let the body get up'))
  await bot.wake()
  await unlessInterrupted(context, up)
}
