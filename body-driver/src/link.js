// The brain's end of the pipe: answers, pushed events with back-pressure, requests with cancellation.
import { encodeFrame, FrameDecoder } from './frames.js'
import { Failure, failureOf } from './errors.js'
import { log } from './log.js'

/** Events that only say "look again": a later one replaces one that still waits. */
const LATEST_ONLY = new Set(['health', 'inventory'])
/** How many events may wait for a slow reader before the oldest that can be re-sensed are dropped. */
const MAX_WAITING = 10_000

/** Events that wait while the pipe is full: merged where only the latest counts, bounded in number. */
export class EventQueue {
  #waiting = new Map()
  #serial = 0
  lost = 0

  push (kind, data) {
    const key = keyOf(kind, data) ?? `#${this.#serial++}`
    this.#waiting.delete(key)
    this.#waiting.set(key, { kind, data })
    if (this.#waiting.size > MAX_WAITING) {
      this.#waiting.delete(this.#droppable())
      this.lost += 1
    }
  }

  /** The oldest waiting event, or undefined; after a loss first the event that says how many. */
  shift () {
    if (this.lost > 0) {
      const data = { count: this.lost }
      this.lost = 0
      return { kind: 'lost', data }
    }
    const first = this.#waiting.entries().next()
    if (first.done) return undefined
    this.#waiting.delete(first.value[0])
    return first.value[1]
  }

  get size () {
    return this.#waiting.size
  }

  #droppable () {
    for (const [key, { kind }] of this.#waiting) {
      if (kind === 'block' || kind === 'chat' || kind === 'progress') return key
    }
    return this.#waiting.keys().next().value
  }
}

function keyOf (kind, data) {
  if (LATEST_ONLY.has(kind)) return kind
  if (kind === 'block') return `block:${data.pos}`
  return undefined
}

export class Link {
  #out
  #handlers
  #running = new Map()
  #events = new EventQueue()

  /** `handlers[op](args, context)` answers a request; `context` has `signal`, `id` and `event(kind, data)`. */
  constructor (input, output, handlers, onEnd) {
    this.#out = output
    this.#handlers = handlers
    const decoder = new FrameDecoder()
    let ended = false
    const end = (reason) => {
      if (ended) return
      ended = true
      for (const { abort } of this.#running.values()) abort.abort(new Failure('step.cancelled', 'the brain is gone'))
      onEnd(reason)
    }
    input.on('data', (chunk) => {
      if (ended) return
      try {
        for (const { header, payload } of decoder.push(chunk)) this.#receive(header, payload)
      } catch (error) {
        log.error('bad frame', { reason: String(error.message) })
        end('bad frame')
      }
    })
    input.on('end', () => end(decoder.clean ? 'closed' : 'cut off'))
    input.on('error', (error) => end(String(error.message)))
    output.on('drain', () => this.#flush())
    output.on('error', (error) => end(String(error.message)))
  }

  /** Tell the brain something unasked. Never blocks; see EventQueue for what happens if it does not read. */
  event (kind, data = {}) {
    this.#events.push(kind, data)
    this.#flush()
  }

  hello (data) {
    this.#send({ t: 'hello', ...data })
  }

  #flush () {
    while (!this.#out.writableNeedDrain) {
      const event = this.#events.shift()
      if (event === undefined) return
      this.#send({ t: 'event', kind: event.kind, data: event.data })
    }
  }

  #send (header, payload = null) {
    if (this.#out.destroyed) return
    this.#out.cork()
    for (const part of encodeFrame(header, payload)) this.#out.write(part)
    this.#out.uncork()
  }

  #receive (header, payload) {
    if (header.t === 'cancel') {
      // An unknown id is one whose answer is on its way already.
      this.#running.get(header.id)?.abort.abort(new Failure('step.cancelled', 'the brain asked for it'))
      return
    }
    if (header.t !== 'req' || !Number.isSafeInteger(header.id)) {
      log.warn('message ignored', { type: String(header.t).slice(0, 40) })
      return
    }
    if (this.#running.has(header.id)) {
      this.#send({ t: 'err', id: header.id, code: 'step.badArgs', detail: 'a request with this id is under way' })
      return
    }
    this.#run(header, payload)
  }

  async #run ({ id, op, args }, payload) {
    const abort = new AbortController()
    this.#running.set(id, { op, abort })
    const context = { id, signal: abort.signal, payload, event: (kind, data) => this.event(kind, data) }
    try {
      const handler = Object.hasOwn(this.#handlers, op) ? this.#handlers[op] : undefined
      if (handler === undefined) throw new Failure('step.badArgs', `no operation is called ${String(op).slice(0, 40)}`)
      const { result = null, bytes = null } = await handler(args ?? {}, context) ?? {}
      this.#flush()
      this.#send({ t: 'ok', id, result }, bytes)
    } catch (error) {
      const failure = failureOf(error, op)
      if (failure.code === 'unknown') log.error('unknown failure', { op, stack: String(error?.stack ?? error) })
      this.#flush()
      this.#send({ t: 'err', id, code: failure.code, detail: failure.detail })
    } finally {
      this.#running.delete(id)
    }
  }
}
