// Servers that leave out words the protocol has. Each help waits for the word first, and ends for good once the
// server has been heard to say it.
import { log } from './log.js'

/** Up to 1.16 a click is confirmed by its number. How long to wait for that when nothing else is heard, at first
 * and once the server is known to be silent; in between what it shows of the clicked slot is its answer. */
const FIRST_WAIT_MS = 1000
const SILENT_WAIT_MS = 150
/** After this many answers without a number the server is taken for silent, until it is heard to confirm one. */
const SILENT_AFTER = 1
/** How long after a respawn and a place to stand the health may take. */
const HEALTH_MS = 1500
const FULL_HEALTH = { health: 20, food: 20, foodSaturation: 5 }

export function helpSilentServers (bot) {
  bot.once('inject_allowed', () => {
    if (bot.supportFeature('transactionPacketExists')) helpClicks(bot)
    helpRespawn(bot)
  })
}

/**
 * Take what the server shows of a clicked slot as the word that the click counts, where it never sends the word
 * itself. The click is carried out on this side before the server's picture is, so its picture wins.
 */
function helpClicks (bot) {
  const client = bot._client
  const waiting = [] // clicks without an answer, oldest first
  let speaks = false
  let silences = 0

  const confirm = (click, shown) => {
    if (shown && ++silences === SILENT_AFTER) log.info('this server does not confirm clicks; what it shows is taken for it')
    for (let first = waiting.shift(); first !== undefined; first = waiting.shift()) {
      clearTimeout(first.timer)
      client.emit('transaction', { windowId: first.windowId, action: first.action, accepted: true, assumed: true })
      if (first === click) return
    }
  }

  const { write } = client
  client.write = function (name, packet) {
    write.apply(this, arguments)
    if (name !== 'window_click' || speaks) return
    const click = { windowId: packet.windowId, action: packet.action, slot: packet.slot, timer: null }
    click.timer = setTimeout(() => confirm(click, true), silences >= SILENT_AFTER ? SILENT_WAIT_MS : FIRST_WAIT_MS)
    waiting.push(click)
  }
  client.prependListener('transaction', ({ assumed }) => {
    if (assumed) return
    speaks = true
    for (const { timer } of waiting.splice(0)) clearTimeout(timer)
  })
  // Before it is known to be silent a slot may change for another reason; the time limit decides then. A click
  // into a crafting grid is answered with the result's slot, 0.
  client.prependListener('set_slot', ({ windowId, slot }) => {
    if (silences < SILENT_AFTER) return
    const click = waiting.find((one) => one.windowId === windowId && (one.slot === slot || slot === 0))
    if (click !== undefined) confirm(click, false)
  })
  client.prependListener('window_items', ({ windowId }) => {
    if (silences < SILENT_AFTER) return
    const click = waiting.findLast((one) => one.windowId === windowId)
    if (click !== undefined) confirm(click, false)
  })
  bot.once('end', () => { for (const { timer } of waiting.splice(0)) clearTimeout(timer) })
}

/** A body that has been put somewhere after a respawn lives, also where the server leaves its health unsaid. */
function helpRespawn (bot) {
  const client = bot._client
  let came = false
  let timer = null
  const done = () => { came = false; clearTimeout(timer); timer = null }
  client.on('respawn', () => { done(); came = true })
  client.on('update_health', done)
  client.on('position', () => {
    if (!came || timer !== null) return
    timer = setTimeout(() => {
      done()
      log.info('this server does not tell the health after a respawn; a new body has all of it')
      client.emit('update_health', bot.health > 0 ? { health: bot.health, food: bot.food, foodSaturation: bot.foodSaturation } : FULL_HEALTH)
    }, HEALTH_MS)
  })
  bot.once('end', done)
}
