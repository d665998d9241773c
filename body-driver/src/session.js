// One life in one world after another: entering, being thrown out, coming back.
import { createRequire } from 'node:module'
import { CONNECT_CODES, connectCode, Failure } from './errors.js'
import { log } from './log.js'
import { settled } from './settled.js'
import { textOf } from './text.js'
import { versionProblem } from './diagnose.js'

const require = createRequire(import.meta.url)

const SPAWN_TIMEOUT_MS = 30_000
const MAX_PASSWORD_ANSWERS = 3
/** Without a login after this time the server is asked whether the version fits. */
const DOUBT_MS = 4000
/** Causes that say so little that a wrong version may be behind them. */
const VAGUE = new Set(['connect.timeout', 'connect.lost', 'connect.kicked'])

export class Session {
  #options = null
  #emit
  #closing = false
  #attempt = 0
  #retryTimer = null
  #version = null
  #lastFailure = null
  #goals = []

  /** `emit(kind, data)` pushes an event; `onBot(bot)` is called for every new bot, before it has spawned. */
  constructor (emit, onBot) {
    this.#emit = emit
    this.onBot = onBot
    this.bot = null
    this.spawned = false
  }

  /** Enter the world; returns when the body stands in loaded surroundings. Never tries twice. */
  async connect (options) {
    if (this.#options !== null) throw new Failure('step.badArgs', 'connected already')
    this.#options = options
    try {
      await this.#enter()
    } catch (error) {
      this.#options = null
      throw error
    }
    return this.describe()
  }

  describe () {
    const { bot } = this
    return { version: bot.version, username: bot.username, protocol: bot.protocolVersion, minY: bot.game.minY, height: bot.game.height }
  }

  /** The bot, if it is in the world; else body.disconnected. */
  present () {
    if (this.bot === null || !this.spawned) {
      const why = this.#lastFailure?.detail ?? 'the bot has not entered the world'
      throw new Failure('body.disconnected', why)
    }
    return this.bot
  }

  /** The bot, if it is in the world and lives; else body.dead or body.disconnected. */
  alive () {
    const bot = this.present()
    if (!bot.isAlive) throw new Failure('body.dead', 'the bot is dead')
    return bot
  }

  /** What grows if something is forgotten: listeners on the bot, its connection and its slots, watchers, memory. */
  load () {
    const { bot } = this
    const emitters = bot === null ? [] : [bot, bot._client, bot.inventory, bot.world].filter(Boolean)
    const listeners = emitters.reduce((sum, emitter) => sum + emitter.eventNames().reduce((all, name) => all + emitter.listenerCount(name), 0), 0)
    return { listeners, watchers: this.#goals.length, heapBytes: process.memoryUsage().heapUsed }
  }

  /** Register an action under way: it is told when the body dies or the connection ends. Returns how to end that. */
  watch (fail) {
    this.#goals.push(fail)
    return () => { this.#goals = this.#goals.filter((other) => other !== fail) }
  }

  async close () {
    this.#closing = true
    clearTimeout(this.#retryTimer)
    const { bot } = this
    if (bot === null) return
    const ended = new Promise((resolve) => bot.once('end', resolve))
    bot.quit()
    await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 2000).unref())])
  }

  /** A library threw where nobody could catch it: the connection is not to be trusted any longer. */
  crashed (error) {
    const text = String(error?.message ?? error)
    log.error('exception outside of an operation', { stack: String(error?.stack ?? error) })
    const { bot } = this
    if (bot === null) return
    bot.emit('driverCrash', text)
  }

  #enter () {
    const { host, port, username, auth, version, profiles } = this.#options
    return new Promise((resolve, reject) => {
      const mineflayer = require('mineflayer')
      let bot
      try {
        bot = mineflayer.createBot({
          host,
          port,
          username,
          auth: auth ?? 'offline',
          version: version ?? false,
          profilesFolder: profiles,
          onMsaCode: (data) => this.#emit('auth', { url: data.verification_uri, code: data.user_code, text: data.message }),
          hideErrors: true,
          logErrors: false,
          respawn: false,
          checkTimeoutInterval: 30_000
        })
      } catch (error) {
        reject(new Failure(connectCode(error.message, 'connect.version'), error.message))
        return
      }
      this.bot = bot
      let said = null // the first cause is the true one; what follows from it says less
      let over = false
      const limit = this.#options.timeoutMs ?? SPAWN_TIMEOUT_MS
      const timer = setTimeout(() => finish('connect.timeout', `no place in the world within ${limit / 1000} s`), limit)
      const doubt = setTimeout(async () => {
        const problem = await versionProblem({ host, port, version })
        if (problem !== null && !loggedIn) finish('connect.version', problem)
      }, DOUBT_MS)
      let loggedIn = false
      bot.once('login', () => { loggedIn = true })

      const finish = async (fallback, detail) => {
        if (over) return
        over = true
        clearTimeout(timer)
        clearTimeout(doubt)
        said ??= { code: connectCode(detail, fallback), detail }
        const entered = this.spawned && this.bot === bot
        this.spawned = false
        this.bot = null
        this.#lastFailure = said
        if (!bot.ended) endQuietly(bot)
        this.#failGoals(new Failure('body.disconnected', said.detail))
        if (entered) {
          this.#left(said)
          return
        }
        if (!loggedIn && VAGUE.has(said.code)) {
          const problem = await versionProblem({ host, port, version })
          if (problem !== null) said = { code: 'connect.version', detail: problem }
        }
        reject(new Failure(said.code, said.detail))
      }

      bot.on('error', (error) => {
        const text = describeError(error)
        log.warn('connection error', { text })
        const code = connectCode(text, null)
        if (code === null) return // an unreadable packet is no reason to leave
        said ??= { code, detail: text }
        if (!this.spawned) finish(code, text)
      })
      bot.on('kicked', (reason) => {
        const text = textOf(reason)
        const code = connectCode(text.keys.concat(text.plain).join(' '), 'connect.kicked')
        said = { code, detail: text.plain, kicked: true }
        if (this.spawned) this.#emit('kicked', { reason: text.plain })
      })
      bot.on('end', (reason) => finish('connect.lost', `the connection was closed (${textOf(reason).plain})`))
      bot.on('driverCrash', (text) => finish('connect.lost', text))
      bot.once('inject_allowed', () => this.#watchPasswords(bot))
      this.onBot(bot)
      // Who died and left lies dead when he comes again: there is no other way in than to be brought back.
      bot.on('death', () => { if (!this.spawned && this.bot === bot) bot.respawn() })

      bot.once('spawn', async () => {
        try {
          await settled(bot)
        } catch (error) {
          finish('connect.timeout', String(error.message))
          return
        }
        if (over) return
        if (this.#version !== null && this.#version !== bot.version) {
          said = { code: 'connect.version', detail: `the server runs ${bot.version} now, it was ${this.#version}` }
          finish('connect.version', said.detail)
          return
        }
        clearTimeout(timer)
        this.#version = bot.version
        this.#attempt = 0
        this.#lastFailure = null
        this.spawned = true
        const { x, y, z } = bot.entity.position
        this.#emit('spawned', { position: [x, y, z] })
        bot.on('death', () => {
          const { x, y, z } = bot.entity.position
          this.#failGoals(new Failure('body.dead', `died at ${x.toFixed(1)} ${y.toFixed(1)} ${z.toFixed(1)}`))
        })
        resolve()
      })
    })
  }

  #failGoals (failure) {
    const goals = this.#goals
    this.#goals = []
    for (const fail of goals) fail(failure)
  }

  #left ({ code, detail }) {
    const final = this.#closing || CONNECT_CODES[code].final || this.#options.reconnect === false
    this.#emit('disconnected', { reason: detail, code, final })
    if (!final) this.#retry()
  }

  #retry () {
    const { firstMs = 1000, maxMs = 30_000 } = this.#options.reconnect ?? {}
    const wait = Math.min(maxMs, firstMs * 2 ** this.#attempt)
    this.#attempt += 1
    log.info('reconnecting', { attempt: this.#attempt, waitMs: wait })
    this.#retryTimer = setTimeout(async () => {
      try {
        await this.#enter()
      } catch (error) {
        if (this.#closing) return
        const { final } = CONNECT_CODES[error.code] ?? { final: false }
        if (final) this.#emit('disconnected', { reason: error.detail, code: error.code, final })
        else this.#retry()
        return
      }
      this.#emit('reconnected', {})
    }, wait)
  }

  /** Servers with their own login plugin ask in chat; each answer is given a few times at most. */
  #watchPasswords (bot) {
    const answers = (this.#options.passwords ?? []).map(({ asks, answer }) => ({ asks: new RegExp(asks, 'i'), answer, given: 0 }))
    if (answers.length === 0) return
    bot.on('messagestr', (text) => {
      for (const row of answers) {
        if (row.given < MAX_PASSWORD_ANSWERS && row.asks.test(text)) {
          row.given += 1
          bot.chat(row.answer)
          return
        }
      }
    })
  }
}

function describeError (error) {
  const inner = error?.errors?.length > 0 ? error.errors[0] : error // AggregateError of several addresses
  return [inner?.code, inner?.message].filter(Boolean).join(': ') || String(error)
}

function endQuietly (bot) {
  bot.removeAllListeners('error')
  bot.on('error', (error) => log.debug('after the end', { text: describeError(error) }))
  bot._client?.end('leaving')
}
