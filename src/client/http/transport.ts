import { type ClientHttp2Session, constants } from 'node:http2'
import { Agent, request as requestHttp1 } from 'node:https'
import type { Readable } from 'node:stream'
import type { StatusError } from '../../api/meta/status.ts'
import type { Clock } from '../../base/clock.ts'
import type { Connection } from '../node/kubeconfig.ts'
import { unreachable } from './dial.ts'
import { Sessions } from './sessions.ts'

export interface WireRequest {
  readonly method: string
  /** Path and query, below the server's own path. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array | undefined
  readonly signal?: AbortSignal | undefined
  /** A request that waits for a server that is away, until its signal aborts; all others fail at once. */
  readonly waits?: boolean | undefined
}
export interface WireResponse {
  readonly code: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Readable
}

export interface TransportOptions {
  readonly clock: Clock
  /** Told why the server cannot be reached, once, and with nothing when it can be again. */
  readonly onReach?: ((error: StatusError | undefined) => void) | undefined
  /** A session over which nothing was asked for so long is ended; none is when absent. */
  readonly restMs?: number | undefined
}

const { HTTP2_HEADER_STATUS, HTTP2_HEADER_METHOD, HTTP2_HEADER_PATH } = constants

/**
 * One TLS session for all requests and watches of a client: HTTP/2, or HTTP/1.1 with as many connections as it takes where a
 * server knows nothing else. Connects when something is asked, again after the session is lost. Everything that keeps an answer
 * from coming is a 503 `StatusError`.
 */
export class Transport {
  readonly #connection: Connection
  readonly #sessions: Sessions
  readonly #prefix: string

  constructor(connection: Connection, options: TransportOptions) {
    this.#connection = connection
    this.#sessions = new Sessions({ ...options, connection, random: Math.random })
    this.#prefix = new URL(connection.server).pathname.replace(/\/$/, '')
  }

  get server(): string {
    return this.#connection.server
  }
  get connection(): Connection {
    return this.#connection
  }

  /** Resolves when there is a session to ask over, however long the server is away. */
  async reached(signal: AbortSignal): Promise<void> {
    await this.#sessions.wait(signal)
  }

  async request(request: WireRequest): Promise<WireResponse> {
    const { signal, waits } = request
    signal?.throwIfAborted()
    const headers = await this.#authorized(request.headers)
    const session = await (waits && signal ? this.#sessions.wait(signal) : this.#sessions.get(signal))
    return session instanceof Agent ? this.#http1(session, { ...request, headers }) : this.#http2(session, { ...request, headers })
  }

  async #authorized(headers: Readonly<Record<string, string>>): Promise<Readonly<Record<string, string>>> {
    const token = await this.#connection.token?.()
    return token === undefined ? headers : { ...headers, authorization: `Bearer ${token}` }
  }

  /** What is asked from now on goes over a new session; the old one ends when what runs on it has. */
  reconnect(): void {
    this.#sessions.replace()
  }

  close(): void {
    this.#sessions.close()
  }

  #http2(session: ClientHttp2Session, request: WireRequest): Promise<WireResponse> {
    const { method, path, headers, body, signal } = request
    const stream = session.request({ ...headers, [HTTP2_HEADER_METHOD]: method, [HTTP2_HEADER_PATH]: this.#prefix + path }, { endStream: body === undefined })
    const over = this.#sessions.used(session)
    const stop = () => stream.destroy()
    signal?.addEventListener('abort', stop, { once: true })
    stream.once('close', () => {
      signal?.removeEventListener('abort', stop)
      over()
    })
    return new Promise((resolve, reject) => {
      const failed = (error?: Error) => reject(signal?.aborted ? signal.reason : unreachable(this.server, error ?? new Error('the connection was closed')))
      stream.on('error', failed)
      stream.once('close', failed)
      stream.once('response', response => {
        resolve({ code: Number(response[HTTP2_HEADER_STATUS]), headers: response as WireResponse['headers'], body: stream })
      })
      if (body !== undefined) stream.end(body)
    })
  }

  #http1(agent: Agent, { method, path, headers, body, signal }: WireRequest): Promise<WireResponse> {
    return new Promise((resolve, reject) => {
      const failed = (error: unknown) => reject(signal?.aborted ? signal.reason : unreachable(this.server, error))
      const sent = requestHttp1(
        new URL(this.#prefix + path, this.server),
        {
          method,
          headers: { ...headers, ...(body !== undefined && { 'content-length': Buffer.byteLength(body) }) },
          agent,
          ...(signal && { signal }),
        },
        response => resolve({ code: response.statusCode ?? 0, headers: response.headers, body: response }),
      )
      sent.on('error', failed)
      sent.end(body)
    })
  }
}
