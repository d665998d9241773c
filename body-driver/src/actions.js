// One pair of hands: at most one action at a time, and a stop that ends it.
import { Failure } from './errors.js'
import { dig, place } from './blocks.js'
import { attack } from './combat.js'
import { close, look, openContainer, put, take } from './containers.js'
import { craft, equip, toss, unequip } from './items.js'
import { pillar } from './pillar.js'
import { sleep, wake } from './rest.js'
import { chat, respawn } from './talk.js'
import { standStill } from './still.js'
import { consume, raiseShield, useBlock, useItem } from './use.js'
import { follow } from './walk.js'
import { vec } from './senses.js'

/** How long a new action or a stop waits for a cancelled one to let go. */
const LET_GO_MS = 10_000

export class Actions {
  #session
  #current = null

  constructor (session) {
    this.#session = session
  }

  get busy () {
    return this.#current !== null
  }

  handlers () {
    return {
      follow: this.#exclusive(async (bot, { cells, moves = [] }, context) => {
        const progress = (done) => context.event('progress', { action: 'follow', request: context.id, done, total: cells.length })
        return { result: await follow(bot, cells, moves, { ...context, progress }) }
      }),
      lookAt: this.#exclusive(async (bot, { point }) => { await bot.lookAt(vec(point), true) }),
      dig: this.#exclusive(dig),
      place: this.#exclusive(place),
      pillar: this.#exclusive(pillar),
      equip: this.#exclusive(equip),
      unequip: this.#exclusive(unequip),
      craft: this.#exclusive(craft),
      toss: this.#exclusive(toss),
      consume: this.#exclusive(consume),
      useBlock: this.#exclusive(useBlock),
      useItem: this.#exclusive(useItem),
      raiseShield: this.#exclusive(raiseShield),
      attack: this.#exclusive(attack),
      openContainer: this.#exclusive(openContainer),
      window: this.#exclusive(look),
      put: this.#exclusive(put),
      take: this.#exclusive(take),
      closeWindow: this.#exclusive(close),
      sleep: this.#exclusive(sleep),
      wake: this.#exclusive(wake, { asleep: true }),
      chat: (args, context) => chat(this.#session.alive(), args, { ...context, watch: (fail) => this.#session.watch(fail) }),
      respawn: this.#exclusive(respawn, { alive: false, asleep: true }),
      stop: (args, context) => this.#stop(context)
    }
  }

  #exclusive (action, { alive = true, asleep = false } = {}) {
    return async (args, context) => {
      if (this.#current !== null) {
        if (!this.#current.abort.signal.aborted) throw new Failure('limit.concurrency', 'another action of the hands is under way')
        await this.#released()
      }
      const bot = alive ? this.#session.alive() : this.#session.present()
      if (bot.isSleeping && !asleep) throw new Failure('body.asleep', 'the body lies in bed')
      const abort = new AbortController()
      const passOn = () => abort.abort(context.signal.reason)
      if (context.signal.aborted) passOn()
      context.signal.addEventListener('abort', passOn)
      const current = { abort, done: null }
      const run = (async () => action(bot, args, { ...context, signal: abort.signal, watch: (fail) => this.#session.watch(fail) }))()
      current.done = run.then(() => {}, () => {})
      this.#current = current
      try {
        return await run ?? { result: {} }
      } finally {
        context.signal.removeEventListener('abort', passOn)
        if (this.#current === current) this.#current = null
      }
    }
  }

  async #released () {
    const { done } = this.#current
    let timer
    const late = new Promise((_resolve, reject) => {
      timer = setTimeout(() => reject(new Failure('sense.apiError', 'a cancelled action did not let go')), LET_GO_MS)
    })
    try {
      await Promise.race([done, late])
    } finally {
      clearTimeout(timer)
    }
  }

  async #stop (context) {
    if (this.#current !== null) {
      this.#current.abort.abort(new Failure('step.cancelled', 'the body was told to stop'))
      await this.#released()
    }
    const bot = this.#session.present()
    await standStill(bot, { signal: context.signal, watch: (fail) => this.#session.watch(fail) })
    const { x, y, z } = bot.entity.position
    return { result: { position: [x, y, z] } }
  }
}
