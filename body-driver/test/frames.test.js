import assert from 'node:assert/strict'
import { Buffer } from 'node:buffer'
import test from 'node:test'
import { encodeFrame, FrameDecoder, FrameError, MAX_HEADER_BYTES, MAX_PAYLOAD_BYTES } from '../src/frames.js'

/** A seeded generator, so that a failure can be repeated (mulberry32). */
function random (seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

const bytes = (rand, most) => Buffer.from(Array.from({ length: Math.floor(rand() * most) }, () => Math.floor(rand() * 256)))

test('frames arrive as they were sent, however the stream is cut', () => {
  for (let seed = 0; seed < 300; seed++) {
    const rand = random(seed)
    const sent = Array.from({ length: Math.floor(rand() * 6) }, (_, n) => ({
      header: { t: 'ok', id: n, text: 'ä∆\u0000'.repeat(Math.floor(rand() * 20)), deep: [{ n: rand() }] },
      payload: bytes(rand, 80)
    }))
    const stream = Buffer.concat(sent.flatMap(({ header, payload }) => encodeFrame(header, payload)))
    const decoder = new FrameDecoder()
    const arrived = []
    for (let at = 0; at < stream.length;) {
      const size = 1 + Math.floor(rand() * 40)
      arrived.push(...decoder.push(stream.subarray(at, at + size)))
      at += size
    }
    assert.deepEqual(arrived.map(({ header, payload }) => ({ header, payload: [...payload] })), sent.map(({ header, payload }) => ({ header, payload: [...payload] })), `seed ${seed}`)
    assert.ok(decoder.clean)
  }
})

test('arbitrary bytes give frames or a frame error, and a broken stream stays broken', () => {
  let refused = 0
  for (let seed = 0; seed < 2000; seed++) {
    const rand = random(seed)
    const noise = bytes(rand, 60)
    if (seed % 2) Buffer.from([0, 0, 0, Math.floor(rand() * 20), 0, 0, 0, 0]).copy(noise) // sizes that fit
    const decoder = new FrameDecoder()
    try {
      decoder.push(noise)
    } catch (error) {
      assert.ok(error instanceof FrameError, `seed ${seed}: ${error.stack}`)
      assert.throws(() => decoder.push(Buffer.concat(encodeFrame({ t: 'req' }))), FrameError)
      assert.ok(!decoder.clean)
      refused += 1
    }
  }
  assert.ok(refused > 500)
})

test('what is too long is neither sent nor taken', () => {
  assert.throws(() => encodeFrame({ text: 'x'.repeat(MAX_HEADER_BYTES) }), FrameError)
  assert.throws(() => encodeFrame({}, Buffer.alloc(MAX_PAYLOAD_BYTES + 1)), FrameError)
  for (const [head, payload] of [[0, 0], [1, 0], [MAX_HEADER_BYTES + 1, 0], [2, MAX_PAYLOAD_BYTES + 1]]) {
    const prefix = Buffer.alloc(8)
    prefix.writeUInt32BE(head, 0)
    prefix.writeUInt32BE(payload, 4)
    assert.throws(() => new FrameDecoder().push(prefix), FrameError)
  }
})

test('typed arrays are sent as the bytes they view', () => {
  const whole = new Uint16Array([1, 2, 3, 4])
  const [frame] = new FrameDecoder().push(Buffer.concat(encodeFrame({}, whole.subarray(1, 3))))
  assert.deepEqual([...frame.payload], [2, 0, 3, 0])
})
