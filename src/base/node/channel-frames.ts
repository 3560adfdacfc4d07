import type { Readable } from 'node:stream'
import { HeldBytes } from './held-bytes.ts'

/** The channels of a command: numbers that clients know from `v5.channel.k8s.io`. */
export const STDIN = 0
export const STDOUT = 1
export const STDERR = 2
/** The one Status at the end. */
export const STATUS = 3
/** `{"Width":80,"Height":24}`. */
export const RESIZE = 4
/** The payload is one byte, the channel that carries no more. */
export const CLOSED = 255

const HEAD = 5
/** A longer frame is not ours. */
const MAX_PAYLOAD = 1024 * 1024

/** One frame: channel, length in four bytes, payload. */
export function frame(channel: number, payload: Uint8Array | string): Buffer {
  const length = Buffer.byteLength(payload)
  const out = Buffer.allocUnsafe(HEAD + length)
  out[0] = channel
  out.writeUInt32BE(length, 1)
  if (typeof payload === 'string') out.write(payload, HEAD)
  else out.set(payload, HEAD)
  return out
}

export interface Frame {
  readonly channel: number
  readonly payload: Buffer
}

/** The frames of a stream, until it ends; who stops earlier leaves the stream open. Throws when it is cut within one or carries what is no frame. */
export async function* readFrames(stream: Readable): AsyncGenerator<Frame, void> {
  const held = new HeldBytes()
  for await (const chunk of stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    const bytes = held.with(chunk)
    let at = 0
    while (bytes.length - at >= HEAD) {
      const length = bytes.readUInt32BE(at + 1)
      if (length > MAX_PAYLOAD) throw new Error(`a frame of ${length} bytes is too long`)
      if (bytes.length - at < HEAD + length) break
      const channel = bytes[at]!
      const payload = bytes.subarray(at + HEAD, at + HEAD + length)
      at += HEAD + length
      yield { channel, payload }
    }
    held.keep(bytes, bytes.length - at)
  }
  if (held.length > 0) throw new Error('the stream ended within a frame')
}
