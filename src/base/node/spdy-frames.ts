import { constants, createDeflate, createInflate } from 'node:zlib'
import { HeldBytes } from './held-bytes.ts'
import { SPDY_DICTIONARY } from './spdy-dictionary.ts'

/** Types of control frames of SPDY/3.1. */
export const SYN_STREAM = 1
export const SYN_REPLY = 2
export const RST_STREAM = 3
export const PING = 6
export const GOAWAY = 7
export const FIN = 1

export type SpdyFrame =
  | { readonly type: 'data'; readonly stream: number; readonly flags: number; readonly payload: Buffer }
  | { readonly type: 'control'; readonly kind: number; readonly flags: number; readonly payload: Buffer }

const HEAD = 8
const MAX_PAYLOAD = 8 * 1024 * 1024

export function controlFrame(kind: number, flags: number, payload: Uint8Array): Buffer {
  const out = Buffer.allocUnsafe(HEAD + payload.length)
  out.writeUInt16BE(0x8003, 0)
  out.writeUInt16BE(kind, 2)
  out.writeUInt8(flags, 4)
  out.writeUIntBE(payload.length, 5, 3)
  out.set(payload, HEAD)
  return out
}

export function dataHead(stream: number, flags: number, length: number): Buffer {
  const out = Buffer.allocUnsafe(HEAD)
  out.writeUInt32BE(stream, 0)
  out.writeUInt8(flags, 4)
  out.writeUIntBE(length, 5, 3)
  return out
}

/** Cuts bytes into frames as they come. */
export class SpdyParser {
  readonly #held = new HeldBytes()

  push(chunk: Buffer): SpdyFrame[] {
    const bytes = this.#held.with(chunk)
    const frames: SpdyFrame[] = []
    let at = 0
    while (bytes.length - at >= HEAD) {
      const length = bytes.readUIntBE(at + 5, 3)
      if (length > MAX_PAYLOAD) throw new Error(`a SPDY frame of ${length} bytes is too long`)
      if (bytes.length - at < HEAD + length) break
      const payload = bytes.subarray(at + HEAD, at + HEAD + length)
      const flags = bytes.readUInt8(at + 4)
      if ((bytes[at]! & 0x80) === 0) frames.push({ type: 'data', stream: bytes.readUInt32BE(at), flags, payload })
      else frames.push({ type: 'control', kind: bytes.readUInt16BE(at + 2), flags, payload })
      at += HEAD + length
    }
    this.#held.keep(bytes, bytes.length - at)
    return frames
  }
}

export type SpdyHeaders = Readonly<Record<string, string>>
const MAX_HEADERS = 64 * 1024

/**
 * Packs and unpacks header blocks. One compression context serves a connection from its first block to its last, in each
 * direction, so blocks must be handled in order.
 */
export class HeaderCodec {
  readonly #inflate = new Context(createInflate({ dictionary: SPDY_DICTIONARY, flush: constants.Z_SYNC_FLUSH }))
  readonly #deflate = new Context(createDeflate({ dictionary: SPDY_DICTIONARY, flush: constants.Z_SYNC_FLUSH }))

  async unpack(block: Buffer): Promise<SpdyHeaders> {
    const plain = await this.#inflate.pass(block)
    const headers: Record<string, string> = Object.create(null)
    let at = 4
    const text = (): string => {
      const length = plain.readUInt32BE(at)
      const value = plain.toString('latin1', at + 4, at + 4 + length)
      at += 4 + length
      return value
    }
    for (let left = plain.readUInt32BE(0); left > 0; left--) {
      const name = text().toLowerCase()
      headers[name] = text()
    }
    return headers
  }

  async pack(headers: SpdyHeaders): Promise<Buffer> {
    const entries = Object.entries(headers)
    const parts: Buffer[] = [number(entries.length)]
    for (const entry of entries) for (const text of entry) parts.push(number(Buffer.byteLength(text, 'latin1')), Buffer.from(text, 'latin1'))
    return this.#deflate.pass(Buffer.concat(parts))
  }

  close(): void {
    this.#inflate.close()
    this.#deflate.close()
  }
}

function number(value: number): Buffer {
  const out = Buffer.allocUnsafe(4)
  out.writeUInt32BE(value)
  return out
}

/** A compression context: gives for each block what it turns into. */
class Context {
  readonly #stream: ReturnType<typeof createInflate>
  #chunks: Buffer[] = []
  #size = 0

  constructor(stream: ReturnType<typeof createInflate>) {
    this.#stream = stream
    stream.on('error', () => {})
    stream.on('data', (chunk: Buffer) => {
      this.#size += chunk.length
      if (this.#size > MAX_HEADERS) stream.destroy()
      else this.#chunks.push(chunk)
    })
  }

  /** Blocks follow one another: the next one is passed when this one is done. */
  pass(block: Buffer): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      this.#chunks = []
      this.#size = 0
      this.#stream.once('close', () => reject(new Error('the SPDY connection is over')))
      this.#stream.write(block, error => {
        this.#stream.removeAllListeners('close')
        if (error) return reject(error)
        // What the block gave has been emitted by the next turn.
        setImmediate(() => (this.#stream.destroyed ? reject(new Error('a SPDY header block is too long')) : resolve(Buffer.concat(this.#chunks, this.#size))))
      })
    })
  }

  close(): void {
    this.#stream.destroy()
  }
}
