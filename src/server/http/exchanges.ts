import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import { constants, type ServerHttp2Stream } from 'node:http2'
import type { Duplex, Writable } from 'node:stream'
import { BaseExchange } from './base-exchange.ts'
import { collect } from './collect.ts'
import type { Exchange, Peer, ResponseHeaders } from './exchange.ts'
import { type Outlet, StreamOutlet } from './outlet.ts'

const NONE: IncomingHttpHeaders = Object.freeze({})
/** The close of the stream tells. One for all streams. */
const ignore = () => {}

export interface ExchangeSettings {
  readonly auditId: string
  /** So long a body may take. */
  readonly bodyMs: number
  /** So long an answer may be left lying. */
  readonly stuckMs: number
}

/** What goes out as the headers of an answer. */
const named = (headers: ResponseHeaders, { auditId }: BaseExchange): Record<string, string | string[]> => ({
  ...(headers as Record<string, string | string[]>),
  'audit-id': auditId,
})

/** A request over HTTP/1.1. */
export class Http1Exchange extends BaseExchange implements Exchange {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly peer: Peer
  readonly #request: IncomingMessage
  readonly #response: ServerResponse
  readonly #bodyMs: number
  readonly #stuckMs: number

  constructor(request: IncomingMessage, response: ServerResponse, peer: Peer, { auditId, bodyMs, stuckMs }: ExchangeSettings) {
    super(auditId)
    this.#bodyMs = bodyMs
    this.#stuckMs = stuckMs
    this.method = request.method ?? 'GET'
    this.url = request.url ?? '/'
    this.headers = request.headers
    this.peer = peer
    this.#request = request
    this.#response = response
    response.on('error', () => {})
    response.once('close', () => {
      if (!response.writableEnded) this.gone()
    })
  }
  readBody(limit: number): Promise<Buffer> {
    return collect(this.#request, this.headers, limit, this.#bodyMs)
  }
  send(code: number, headers: ResponseHeaders, body: Uint8Array | string): void {
    this.code = code
    const response = this.#response
    if (response.headersSent || response.destroyed) return
    // A body that was not read would be taken for the next request: the connection ends with this answer.
    const unread = !this.#request.complete && (this.headers['transfer-encoding'] !== undefined || Number(this.headers['content-length'] ?? 0) > 0)
    response.writeHead(code, {
      ...named(headers, this),
      'content-length': Buffer.byteLength(body),
      ...(unread && { connection: 'close' }),
    })
    response.end(this.method === 'HEAD' ? undefined : body)
    if (!response.writableFinished) response.setTimeout(this.#stuckMs, () => this.#request.socket.destroy())
    if (unread) response.once('finish', () => this.#request.socket.destroySoon())
  }
  open(code: number, headers: ResponseHeaders): Writable {
    this.code = code
    const response = this.#response
    if (!response.headersSent && !response.destroyed) {
      response.writeHead(code, named(headers, this))
      response.flushHeaders()
    }
    return response
  }
  openOutlet(code: number, headers: ResponseHeaders): Outlet {
    return new StreamOutlet(this.open(code, headers))
  }
  openBothWays(): undefined {
    return undefined
  }
}

/** Names and values in turn: Node keeps them for as long as the stream is open, and an object of them is three times as large. */
function rawHeaders(code: number, headers: Record<string, string | string[]>): string[] {
  const raw = [':status', String(code)]
  for (const name in headers) for (const value of [headers[name]!].flat()) raw.push(name, value)
  return raw
}

/** A request over HTTP/2. */
export class Http2Exchange extends BaseExchange implements Exchange {
  readonly method: string
  readonly url: string
  headers: IncomingHttpHeaders
  readonly peer: Peer
  readonly #stream: ServerHttp2Stream
  readonly #bodyMs: number
  #lying = false

  constructor(
    stream: ServerHttp2Stream,
    headers: IncomingHttpHeaders & { readonly ':method'?: string | undefined; readonly ':path'?: string | undefined },
    peer: Peer,
    { auditId, bodyMs }: ExchangeSettings,
  ) {
    super(auditId)
    this.#bodyMs = bodyMs
    this.method = headers[':method'] ?? 'GET'
    this.url = headers[':path'] ?? '/'
    this.headers = headers
    this.peer = peer
    this.#stream = stream
    stream.on('error', ignore)
    // It comes once; what makes sure of that is larger than the listener.
    stream.on('close', () => {
      // Node ends the answer itself when the client resets the stream.
      if (stream.aborted || !stream.writableEnded) this.gone()
    })
  }
  /** To be asked from time to time: cuts off an answer that is complete and was lying there the last time. */
  cutIfStuck(): void {
    const stream = this.#stream
    if (this.#lying) stream.close(constants.NGHTTP2_CANCEL)
    this.#lying = stream.writableEnded && !stream.writableFinished
  }
  readBody(limit: number): Promise<Buffer> {
    if (this.#stream.endAfterHeaders) return Promise.resolve(Buffer.alloc(0))
    return collect(this.#stream, this.headers, limit, this.#bodyMs)
  }
  send(code: number, headers: ResponseHeaders, body: Uint8Array | string): void {
    this.code = code
    const stream = this.#stream
    if (stream.headersSent || stream.destroyed || stream.closed) return
    const head = this.method === 'HEAD'
    const all = { ':status': code, ...named(headers, this), 'content-length': Buffer.byteLength(body) }
    stream.respond(all, { endStream: head })
    if (head) return
    stream.end(body)
    // A body that nobody reads any more would hold the session's window.
    if (!stream.readableEnded) stream.resume()
  }
  open(code: number, headers: ResponseHeaders): Writable {
    return this.openBothWays(code, headers)
  }
  openOutlet(code: number, headers: ResponseHeaders): Outlet {
    return new StreamOutlet(this.open(code, headers))
  }
  openBothWays(code: number, headers: ResponseHeaders): Duplex {
    this.code = code
    // What is open for long holds what it needs only.
    this.headers = NONE
    const stream = this.#stream
    if (stream.headersSent || stream.destroyed || stream.closed) return stream
    stream.respond(rawHeaders(code, named(headers, this)))
    return stream
  }
}
