// The wire format between brain and driver: see PROTOCOL.md.
import { Buffer } from 'node:buffer'

export const PREFIX_BYTES = 8
export const MAX_HEADER_BYTES = 1 << 20
export const MAX_PAYLOAD_BYTES = 64 << 20

/** The stream is not made of frames; nothing after this point can be trusted. */
export class FrameError extends Error {
  name = 'FrameError'
}

/** One frame as the buffers to write, in order. The payload is not copied. */
export function encodeFrame (header, payload = null) {
  const head = Buffer.from(JSON.stringify(header), 'utf8')
  const size = payload === null ? 0 : payload.byteLength
  if (head.length > MAX_HEADER_BYTES) throw new FrameError(`a header of ${head.length} bytes is too long`)
  if (size > MAX_PAYLOAD_BYTES) throw new FrameError(`a payload of ${size} bytes is too long`)
  const prefix = Buffer.allocUnsafe(PREFIX_BYTES)
  prefix.writeUInt32BE(head.length, 0)
  prefix.writeUInt32BE(size, 4)
  const parts = [prefix, head]
  if (size > 0) parts.push(Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength))
  return parts
}

/** Cuts a byte stream, however it arrives, into frames. */
export class FrameDecoder {
  #chunks = []
  #held = 0
  #prefix = null
  #dead = false

  /** Takes the next bytes and returns the frames they complete, as `{header, payload}`. */
  push (chunk) {
    if (this.#dead) throw new FrameError('the stream is broken')
    this.#chunks.push(chunk)
    this.#held += chunk.length
    const frames = []
    try {
      for (let frame = this.#next(); frame !== null; frame = this.#next()) frames.push(frame)
    } catch (error) {
      this.#dead = true
      throw error
    }
    return frames
  }

  /** True if the stream may end here: no frame has been begun. */
  get clean () {
    return !this.#dead && this.#held === 0 && this.#prefix === null
  }

  #next () {
    if (this.#prefix === null) {
      if (this.#held < PREFIX_BYTES) return null
      const prefix = this.#take(PREFIX_BYTES)
      const headerBytes = prefix.readUInt32BE(0)
      const payloadBytes = prefix.readUInt32BE(4)
      if (headerBytes < 2 || headerBytes > MAX_HEADER_BYTES) throw new FrameError(`a header of ${headerBytes} bytes`)
      if (payloadBytes > MAX_PAYLOAD_BYTES) throw new FrameError(`a payload of ${payloadBytes} bytes`)
      this.#prefix = { headerBytes, payloadBytes }
    }
    const { headerBytes, payloadBytes } = this.#prefix
    if (this.#held < headerBytes + payloadBytes) return null
    this.#prefix = null
    const text = this.#take(headerBytes)
    const payload = this.#take(payloadBytes)
    return { header: parseHeader(text), payload }
  }

  #take (count) {
    if (count === 0) return Buffer.alloc(0)
    this.#held -= count
    const first = this.#chunks[0]
    if (first.length > count) {
      this.#chunks[0] = first.subarray(count)
      return first.subarray(0, count)
    }
    const parts = []
    let missing = count
    while (missing > 0) {
      const chunk = this.#chunks[0]
      if (chunk.length <= missing) {
        parts.push(this.#chunks.shift())
        missing -= chunk.length
      } else {
        parts.push(chunk.subarray(0, missing))
        this.#chunks[0] = chunk.subarray(missing)
        missing = 0
      }
    }
    return parts.length === 1 ? parts[0] : Buffer.concat(parts, count)
  }
}

function parseHeader (bytes) {
  let header
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    throw new FrameError('a header that is not JSON in UTF-8')
  }
  if (header === null || typeof header !== 'object' || Array.isArray(header)) {
    throw new FrameError('a header that is not an object')
  }
  return header
}
