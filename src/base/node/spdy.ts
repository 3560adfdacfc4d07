import { Duplex } from 'node:stream'
import { draining } from './draining.ts'
import {
  controlFrame,
  dataHead,
  FIN,
  GOAWAY,
  HeaderCodec,
  PING,
  RST_STREAM,
  type SpdyFrame,
  type SpdyHeaders,
  SpdyParser,
  SYN_REPLY,
  SYN_STREAM,
} from './spdy-frames.ts'

const RST_CANCEL = 5
const MAX_STREAMS = 1000
const CHUNK = 32 * 1024
const OVER = 'the SPDY connection is over'

export interface SpdyOptions {
  /** The side that opens streams with odd numbers. */
  readonly client?: boolean
  /** A stream that the other side has opened; it has been accepted. */
  readonly onStream?: (stream: SpdyStream) => void
}

/** One stream of a SPDY connection. Ending it ends its direction only; destroying it resets it. */
export class SpdyStream extends Duplex {
  readonly id: number
  readonly headers: SpdyHeaders
  readonly #connection: SpdyConnection
  #wanted: (() => void) | undefined
  #ended = false

  constructor(connection: SpdyConnection, id: number, headers: SpdyHeaders) {
    super({ allowHalfOpen: true, readableHighWaterMark: 256 * 1024 })
    this.#connection = connection
    this.id = id
    this.headers = headers
    this.on('error', () => {})
  }

  override _read(): void {
    this.#wanted?.()
    this.#wanted = undefined
  }
  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#connection.sendData(this.id, chunk, done)
  }
  override _final(done: (error?: Error | null) => void): void {
    this.#connection.sendFin(this.id, done)
  }
  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#connection.forget(this.id, !(this.readableEnded && this.writableFinished))
    this.#wanted?.()
    done(error)
  }

  /** The other side has left: what it said before can still be read, then the stream is over. */
  cut(): void {
    if (!this.#ended) this.push(null)
    this.#ended = true
    this.once('end', () => this.destroy())
  }

  /** Data from the other side; resolves when there is room for more. */
  receive(payload: Buffer, fin: boolean): Promise<void> | undefined {
    if (this.#ended) return undefined
    const room = payload.length === 0 || this.push(payload)
    if (fin) {
      this.#ended = true
      this.push(null)
    }
    if (room || fin || this.destroyed) return undefined
    return new Promise(resolve => {
      this.#wanted = resolve
    })
  }
}

/**
 * SPDY/3.1 over a byte stream, as exec, attach and port-forward use it. There is no flow control between streams: a reader
 * that does not keep up holds the whole connection.
 */
export class SpdyConnection {
  readonly #socket: Duplex
  readonly #drained: () => Promise<void>
  readonly #options: SpdyOptions
  readonly #parser = new SpdyParser()
  readonly #headers = new HeaderCodec()
  readonly #streams = new Map<number, SpdyStream>()
  readonly #opening = new Map<number, (error?: Error) => void>()
  /** Header blocks are packed one after the other, as their frames are sent. */
  #packing: Promise<void> = Promise.resolve()
  #next: number
  #over = false
  readonly closed: Promise<void>

  constructor(socket: Duplex, options: SpdyOptions = {}) {
    this.#socket = socket
    this.#drained = draining(socket)
    this.#options = options
    this.#next = options.client ? 1 : 2
    socket.on('error', () => {})
    this.closed = this.#run()
      .catch(() => {})
      .finally(() => this.close())
  }

  /** Opens a stream; resolves when the other side has accepted it. */
  open(headers: SpdyHeaders): Promise<SpdyStream> {
    if (this.#over) return Promise.reject(new Error(OVER))
    const id = this.#next
    this.#next += 2
    const stream = new SpdyStream(this, id, headers)
    this.#streams.set(id, stream)
    return new Promise((resolve, reject) => {
      this.#opening.set(id, error => (error ? reject(error) : resolve(stream)))
      const head = Buffer.alloc(10)
      head.writeUInt32BE(id, 0)
      this.#sendHeaders(SYN_STREAM, head, headers).catch(reject)
    })
  }

  /** Cuts the connection and all that runs over it. */
  close(): void {
    this.#over = true
    for (const fail of this.#opening.values()) fail(new Error(OVER))
    this.#opening.clear()
    for (const stream of [...this.#streams.values()]) this.#lose(stream)
    this.#streams.clear()
    this.#headers.close()
    this.#socket.destroy()
  }

  /** Says that no more streams are taken, sends what is waiting, and closes. */
  end(): void {
    if (this.#socket.destroyed || this.#socket.writableEnded) return
    this.#socket.write(controlFrame(GOAWAY, 0, Buffer.alloc(8)))
    this.#socket.end()
  }

  async #run(): Promise<void> {
    for await (const chunk of this.#socket as AsyncIterable<Buffer>) {
      for (const frame of this.#parser.push(chunk)) await this.#take(frame)
    }
  }

  async #take(frame: SpdyFrame): Promise<void> {
    if (frame.type === 'data') {
      await this.#streams.get(frame.stream)?.receive(frame.payload, (frame.flags & FIN) !== 0)
      return
    }
    // Whoever does not read the answers to their frames is not listened to either.
    await this.#drained()
    const { kind, payload, flags } = frame
    const id = payload.length >= 4 ? payload.readUInt32BE(0) & 0x7fffffff : 0
    switch (kind) {
      case SYN_STREAM: {
        const stream = new SpdyStream(this, id, await this.#headers.unpack(payload.subarray(10)))
        if (this.#streams.size >= MAX_STREAMS || this.#streams.has(id)) return void this.#reset(id)
        this.#streams.set(id, stream)
        const head = Buffer.alloc(4)
        head.writeUInt32BE(id)
        await this.#sendHeaders(SYN_REPLY, head, {})
        if ((flags & FIN) !== 0) await stream.receive(Buffer.alloc(0), true)
        this.#options.onStream?.(stream)
        return
      }
      case SYN_REPLY:
        await this.#headers.unpack(payload.subarray(4))
        this.#opening.get(id)?.()
        this.#opening.delete(id)
        if ((flags & FIN) !== 0) await this.#streams.get(id)?.receive(Buffer.alloc(0), true)
        return
      case RST_STREAM:
        this.#opening.get(id)?.(new Error('the stream was refused'))
        this.#opening.delete(id)
        this.#lose(this.#streams.get(id))
        return
      case PING:
        // Ours are even, theirs odd, or the other way round: only theirs are answered.
        if ((id % 2 === 1) !== (this.#options.client ?? false)) this.#send(controlFrame(PING, 0, payload))
        return
      case GOAWAY:
        return
    }
  }

  /** Servers say all they have to say, then reset; a client that resets does not want to go on. */
  #lose(stream: SpdyStream | undefined): void {
    if (this.#options.client) stream?.cut()
    else stream?.destroy()
  }

  #sendHeaders(kind: number, head: Buffer, headers: SpdyHeaders): Promise<void> {
    this.#packing = this.#packing.then(async () => {
      const block = await this.#headers.pack(headers)
      this.#send(controlFrame(kind, 0, Buffer.concat([head, block])))
    })
    this.#packing.catch(() => {})
    return this.#packing
  }

  #send(bytes: Buffer): void {
    if (!this.#socket.destroyed && !this.#socket.writableEnded) this.#socket.write(bytes)
  }
  #reset(id: number): void {
    const payload = Buffer.alloc(8)
    payload.writeUInt32BE(id, 0)
    payload.writeUInt32BE(RST_CANCEL, 4)
    this.#send(controlFrame(RST_STREAM, 0, payload))
  }

  /** For streams: sends data, in pieces that leave room for others; `done` when the socket has taken it. */
  sendData(id: number, chunk: Buffer, done: (error?: Error | null) => void): void {
    const socket = this.#socket
    if (socket.destroyed || socket.writableEnded) {
      done(new Error(OVER))
      return
    }
    for (let at = 0; at < chunk.length; at += CHUNK) {
      const piece = chunk.subarray(at, at + CHUNK)
      socket.write(dataHead(id, 0, piece.length))
      const last = at + CHUNK >= chunk.length
      socket.write(piece, last ? error => done(error) : undefined)
    }
    if (chunk.length === 0) done()
  }
  sendFin(id: number, done: (error?: Error | null) => void): void {
    this.#send(dataHead(id, FIN, 0))
    done()
  }
  forget(id: number, reset: boolean): void {
    if (this.#streams.delete(id) && reset) this.#reset(id)
  }
}
