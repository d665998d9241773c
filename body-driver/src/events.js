// What the world does unasked, as events for the brain.
import { watchWindows } from './containers.js'
import { watchSleep } from './rest.js'
import { triple } from './senses.js'

/** Listen to a new bot. Events begin when it has spawned; `entered()` says whether it has. */
export function forward (bot, entered, emit) {
  const say = (kind, data = {}) => { if (entered()) emit(kind, data) }
  let health = null

  bot.on('health', () => {
    say('health', { health: bot.health, food: bot.food, saturation: Number.isFinite(bot.foodSaturation) ? bot.foodSaturation : 0 })
    if (health !== null && bot.health < health) say('hurt', { from: health, to: bot.health })
    health = bot.health
  })
  bot.on('death', () => say('died', { position: triple(bot.entity.position) }))
  bot.on('spawn', () => say('respawned', { position: triple(bot.entity.position) }))

  let told = false
  const inventory = () => {
    if (told) return
    told = true // one packet changes many slots: one event for them
    setImmediate(() => { told = false; say('inventory') })
  }
  bot.once('inject_allowed', () => bot.inventory.on('updateSlot', inventory))
  bot.on('heldItemChanged', inventory)
  bot.on('windowOpen', (window) => window.on('updateSlot', inventory))
  watchWindows(bot, say)
  watchSleep(bot, say)

  bot.on('blockUpdate', (before, now) => {
    if (now === null || before === null || before.stateId === now.stateId) return
    say('block', { pos: triple(now.position), state: now.stateId })
  })

  // The line comes first, then, if mineflayer finds out, who said what of it.
  let line = null
  bot.on('messagestr', (text, position) => {
    if (position === 'game_info' || text === '') return
    const current = { sender: null, text }
    line = current
    queueMicrotask(() => { say('chat', current); if (line === current) line = null })
  })
  // mineflayer reads "Error: no such item" as said by Error; a sender is somebody who is there.
  const said = (sender, text) => { if (line !== null && (sender === bot.username || bot.players[sender] !== undefined)) Object.assign(line, { sender, text }) }
  bot.on('chat', said)
  bot.on('whisper', said)
}
