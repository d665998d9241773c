// Chat and respawn.
import { Failure } from './errors.js'
import { unlessInterrupted } from './interrupt.js'
import { settled } from './settled.js'

const ECHO_MS = 3000
const RESPAWN_MS = 10_000

/** Says it and returns when the server has shown it; a command returns when it has been sent. */
export async function chat (bot, { text }, context) {
  const limit = bot.supportFeature('lessCharsInChat') ? 100 : 256
  if (text.length === 0 || text.length > limit || /[\n\r§]/.test(text)) {
    throw new Failure('step.badArgs', `chat takes one line of 1 to ${limit} characters`)
  }
  if (text.startsWith('/')) {
    bot.chat(text)
    return
  }
  let listener
  let timer
  const echoed = new Promise((resolve, reject) => {
    // A turn later, so that the brain hears the line before the answer.
    listener = (said) => { if (said.includes(text)) setTimeout(resolve, 0) }
    timer = setTimeout(() => reject(new Failure('sense.apiError', 'the server did not show the message')), ECHO_MS)
    bot.on('messagestr', listener)
  })
  bot.chat(text)
  try {
    await unlessInterrupted(context, echoed)
  } finally {
    clearTimeout(timer)
    bot.removeListener('messagestr', listener)
  }
}

/** Asks to be brought back and returns when the body lives again in loaded surroundings. */
export async function respawn (bot, _args, context) {
  if (bot.isAlive) return
  let timer
  const back = new Promise((resolve, reject) => {
    bot.once('spawn', () => { clearTimeout(timer); resolve() })
    timer = setTimeout(() => reject(new Failure('sense.apiError', 'the server did not bring the bot back')), RESPAWN_MS)
  })
  bot.respawn()
  try {
    await unlessInterrupted(context, back.then(() => settled(bot)))
  } finally {
    clearTimeout(timer)
  }
}
