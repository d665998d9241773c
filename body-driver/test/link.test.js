import assert from 'node:assert/strict'
import { Buffer } from 'node:buffer'
import { PassThrough, Writable } from 'node:stream'
import test from 'node:test'
import { Failure } from '../src/errors.js'
import { encodeFrame, FrameDecoder } from '../src/frames.js'
import { EventQueue, Link } from '../src/link.js'

function pair (handlers) {
  const input = new PassThrough()
  const output = new PassThrough()
  const decoder = new FrameDecoder()
  const got = []
  const ends = []
  output.on('data', (chunk) => got.push(...decoder.push(chunk).map(({ header }) => header)))
  const link = new Link(input, output, handlers, (reason) => ends.push(reason))
  const send = (header) => { for (const part of encodeFrame(header)) input.write(part) }
  return { link, send, got, ends, input }
}

const turn = () => new Promise((resolve) => setTimeout(resolve, 5))

test('a request is answered with its id, a failure with its code', async () => {
  const { send, got } = pair({
    double: ({ n }) => ({ result: 2 * n }),
    fail: () => { throw new Failure('dig.outOfReach', 'far') },
    odd: () => { throw new TypeError('oops') }
  })
  send({ t: 'req', id: 1, op: 'double', args: { n: 4 } })
  send({ t: 'req', id: 2, op: 'fail' })
  send({ t: 'req', id: 3, op: 'odd' })
  send({ t: 'req', id: 4, op: 'toString' })
  await turn()
  assert.deepEqual(got.toSorted((a, b) => a.id - b.id), [
    { t: 'ok', id: 1, result: 8 },
    { t: 'err', id: 2, code: 'dig.outOfReach', detail: 'far' },
    { t: 'err', id: 3, code: 'unknown', detail: 'odd: oops' },
    { t: 'err', id: 4, code: 'step.badArgs', detail: 'no operation is called toString' }
  ])
})

test('a cancelled request ends with step.cancelled, and cancelling what is over changes nothing', async () => {
  const { send, got } = pair({
    wait: (_args, { signal }) => new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
  })
  send({ t: 'req', id: 7, op: 'wait' })
  send({ t: 'cancel', id: 7 })
  send({ t: 'cancel', id: 99 })
  await turn()
  assert.deepEqual(got, [{ t: 'err', id: 7, code: 'step.cancelled', detail: 'the brain asked for it' }])
})

test('bytes that are no frame end the link and abort what runs', async () => {
  let aborted = false
  const { send, input, ends } = pair({
    wait: (_args, { signal }) => new Promise((_resolve, reject) => signal.addEventListener('abort', () => { aborted = true; reject(signal.reason) }))
  })
  send({ t: 'req', id: 1, op: 'wait' })
  await turn()
  input.write(Buffer.from('this is not a frame at all'))
  await turn()
  assert.deepEqual(ends, ['bad frame'])
  assert.ok(aborted)
})

test('the end of the input is told once, clean or cut off', async () => {
  const clean = pair({})
  clean.input.end()
  await turn()
  assert.deepEqual(clean.ends, ['closed'])
  const cut = pair({})
  cut.input.end(Buffer.from([0, 0]))
  await turn()
  assert.deepEqual(cut.ends, ['cut off'])
})

test('a reader that does not read holds nothing up: events merge, and what was lost is told', async () => {
  const held = []
  let release = null
  const output = new Writable({ highWaterMark: 64, write (chunk, _encoding, done) { held.push(chunk); release = done } })
  const link = new Link(new PassThrough(), output, {}, () => {})
  for (let i = 0; i < 50; i++) {
    link.event('health', { health: i })
    link.event('block', { pos: [1, 2, 3], state: i })
  }
  link.event('chat', { sender: null, text: 'last' })
  const decoder = new FrameDecoder()
  const got = []
  for (let i = 0; i < 2000; i++) {
    while (held.length > 0) got.push(...decoder.push(held.shift()).map(({ header }) => header))
    if (release === null) break
    const done = release
    release = null
    done()
    await new Promise((resolve) => setImmediate(resolve))
  }
  assert.ok(got.length < 20, `${got.length} events were sent`)
  assert.deepEqual(got.filter(({ kind }) => kind === 'health').at(-1).data, { health: 49 })
  assert.deepEqual(got.filter(({ kind }) => kind === 'block').at(-1).data, { pos: [1, 2, 3], state: 49 })
  assert.equal(got.filter(({ kind }) => kind === 'chat').length, 1)
})

test('a full queue drops what can be sensed again before anything else, and counts it', () => {
  const queue = new EventQueue()
  queue.push('kicked', { reason: 'x' })
  for (let i = 0; i < 10_100; i++) queue.push('block', { pos: [i, 0, 0], state: 1 })
  assert.deepEqual(queue.shift(), { kind: 'lost', data: { count: 101 } })
  assert.equal(queue.shift().kind, 'kicked')
  assert.deepEqual(queue.shift().data.pos, [101, 0, 0])
})
