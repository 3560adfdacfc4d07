import { type ClientHttp2Session, type ClientHttp2Stream, connect as connectHttp2, constants } from 'node:http2'
import { Agent, request as requestHttp1 } from 'node:https'
import type { Duplex, Readable } from 'node:stream'
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls'
import { type StatusError, unavailable } from '../../api/meta/status.ts'
import type { Clock } from '../../base/clock.ts'
import type { Connection } from '../node/kubeconfig.ts'

export interface WireRequest {
  readonly method: string
  /** Path and query, below the server's own path. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array | undefined
  readonly signal?: AbortSignal | undefined
}
export interface WireResponse {
  readonly code: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Readable
}

/** A stream that stays open both ways, and what the server said when it opened it. */
export interface OpenStream {
  readonly stream: Duplex
  readonly headers: WireResponse['headers']
}

const CONNECT_MS = 10_000
/** After this long without a word from the server it is asked whether it is still there. */
const PING_MS = 15_000
const PONG_MS = 10_000
const SESSION_WINDOW = 16 * 1024 * 1024
const STREAM_WINDOW = 4 * 1024 * 1024
const { HTTP2_HEADER_STATUS, HTTP2_HEADER_METHOD, HTTP2_HEADER_PATH } = constants

/** What TLS needs for a connection, whoever makes it. */
export function tlsOptions({ server, authority, serverName, insecure, certificate, key }: Connection): ConnectionOptions & { host: string; port: number } {
  const { hostname, port, protocol } = new URL(server)
  if (protocol !== 'https:') throw unavailable(`${server}: only https is spoken`)
  const host = hostname.replace(/^\[|\]$/g, '')
  const name = serverName ?? (/^[\d.]+$|:/.test(host) ? undefined : host)
  return {
    host,
    port: Number(port) || 443,
    ...(name !== undefined && { servername: name }),
    ...(authority !== undefined && { ca: authority }),
    ...(certificate !== undefined && { cert: certificate }),
    ...(key !== undefined && { key }),
    rejectUnauthorized: !insecure,
  }
}

const unreachable = (server: string, error: unknown): StatusError =>
  unavailable(`cannot reach ${server}: ${error instanceof Error ? error.message || (error as NodeJS.ErrnoException).code : String(error)}`)

/**
 * One TLS session for all requests and watches of a client: HTTP/2, or HTTP/1.1 with as many connections as it takes where a
 * server knows nothing else. Connects when something is asked, again after the session is lost; whoever asks decides when to
 * ask again. Everything that keeps an answer from coming is a 503 `StatusError`.
 */
export class Transport {
  readonly #connection: Connection
  readonly #clock: Clock
  readonly #prefix: string
  #session: Promise<ClientHttp2Session | 'http/1.1'> | undefined
  #agent: Agent | undefined
  #closed = false
  /** Streams that never end by themselves. */
  readonly #bothWays = new Set<ClientHttp2Stream>()

  constructor(connection: Connection, clock: Clock) {
    this.#connection = connection
    this.#clock = clock
    this.#prefix = new URL(connection.server).pathname.replace(/\/$/, '')
  }

  get server(): string {
    return this.#connection.server
  }
  get connection(): Connection {
    return this.#connection
  }

  async request(request: WireRequest): Promise<WireResponse> {
    const { signal } = request
    signal?.throwIfAborted()
    const headers = await this.#authorized(request.headers)
    const session = await this.#openSession(signal)
    return session === 'http/1.1' ? this.#http1({ ...request, headers }) : this.#http2(session, { ...request, headers })
  }

  /**
   * A POST that stays open, for bytes both ways over the session that everything else takes, until one side ends it or the client
   * reconnects. Undefined where the server speaks HTTP/1.1 only, or answers anything but 200.
   */
  async openBothWays(path: string, signal: AbortSignal, said: Readonly<Record<string, string>> = {}): Promise<OpenStream | undefined> {
    const headers = await this.#authorized(said)
    const session = await this.#openSession(signal)
    if (session === 'http/1.1') return undefined
    const stream = this.#stream(session, { method: 'POST', path, headers, signal }, false)
    const { code, headers: answered } = await this.#answer(stream, signal)
    if (code !== 200) {
      stream.destroy()
      return undefined
    }
    this.#bothWays.add(stream)
    stream.once('close', () => this.#bothWays.delete(stream))
    return { stream, headers: answered }
  }

  async #authorized(headers: Readonly<Record<string, string>>): Promise<Readonly<Record<string, string>>> {
    const token = await this.#connection.token?.()
    return token === undefined ? headers : { ...headers, authorization: `Bearer ${token}` }
  }

  async #openSession(signal: AbortSignal | undefined): Promise<ClientHttp2Session | 'http/1.1'> {
    for (;;) {
      const session = await this.#connect()
      signal?.throwIfAborted()
      if (session === 'http/1.1' || !(session.closed || session.destroyed)) return session
      // A session that is closing takes no more: the next one does.
      this.#session = undefined
    }
  }

  /** What is asked from now on goes over a new session; the old one ends when what runs on it has. */
  reconnect(): void {
    for (const stream of this.#bothWays) stream.close()
    const old = this.#session
    const agent = this.#agent
    this.#session = undefined
    this.#agent = undefined
    old?.then(
      session => (session === 'http/1.1' ? agent?.destroy() : session.close()),
      () => {},
    )
  }

  close(): void {
    this.#closed = true
    this.#agent?.destroy()
    this.#session?.then(
      session => session !== 'http/1.1' && session.destroy(),
      () => {},
    )
  }

  #connect(): Promise<ClientHttp2Session | 'http/1.1'> {
    if (this.#closed) return Promise.reject(unavailable(`the client of ${this.server} is closed`))
    if (this.#session !== undefined) return this.#session
    const connecting = this.#open()
    this.#session = connecting
    connecting.catch(() => {
      if (this.#session === connecting) this.#session = undefined
    })
    return connecting
  }

  async #open(): Promise<ClientHttp2Session | 'http/1.1'> {
    const socket = await this.#dial(['h2', 'http/1.1']).catch(error => {
      throw unreachable(this.server, error)
    })
    if (socket.alpnProtocol !== 'h2') {
      socket.destroy()
      this.#agent = new Agent({ keepAlive: true, maxSockets: 256, ...tlsOptions(this.#connection) })
      return 'http/1.1'
    }
    const session = connectHttp2(this.server, {
      createConnection: () => socket,
      settings: { enablePush: false, initialWindowSize: STREAM_WINDOW },
      maxSessionMemory: 128,
      peerMaxConcurrentStreams: 1000,
    })
    await new Promise<void>((resolve, reject) => {
      const failed = (error?: Error) => reject(unreachable(this.server, error ?? new Error('the connection was closed')))
      session.once('error', failed)
      session.once('close', failed)
      session.once('connect', () => {
        session.off('close', failed)
        resolve()
      })
    })
    session.setLocalWindowSize(SESSION_WINDOW)
    this.#watchOver(session, socket)
    return session
  }

  /** Forgets a session that ends, and ends one whose server no longer answers. */
  #watchOver(session: ClientHttp2Session, socket: TLSSocket): void {
    const current = this.#session
    const forget = () => {
      if (this.#session === current) this.#session = undefined
    }
    session.on('error', forget)
    session.on('goaway', forget)
    let cancel = () => {}
    session.once('close', () => {
      forget()
      cancel()
    })
    let heard = 0
    const later = () => {
      cancel = this.#clock.after(PING_MS, look)
    }
    const look = () => {
      if (session.destroyed) return
      if (socket.bytesRead !== heard) {
        heard = socket.bytesRead
        return later()
      }
      cancel = this.#clock.after(PONG_MS, () => session.destroy(new Error('the server no longer answers')))
      session.ping(() => {
        cancel()
        if (!session.destroyed) later()
      })
    }
    later()
  }

  /** A TLS connection of its own. */
  #dial(protocols: readonly string[]): Promise<TLSSocket> {
    return dial(this.#connection, protocols, this.#clock)
  }

  #http2(session: ClientHttp2Session, request: WireRequest): Promise<WireResponse> {
    const stream = this.#stream(session, request, request.body === undefined)
    const answer = this.#answer(stream, request.signal)
    if (request.body !== undefined) stream.end(request.body)
    return answer
  }

  #stream(session: ClientHttp2Session, { method, path, headers, signal }: WireRequest, endStream: boolean): ClientHttp2Stream {
    const stream = session.request({ ...headers, [HTTP2_HEADER_METHOD]: method, [HTTP2_HEADER_PATH]: this.#prefix + path }, { endStream })
    const stop = () => stream.destroy()
    signal?.addEventListener('abort', stop, { once: true })
    stream.once('close', () => signal?.removeEventListener('abort', stop))
    return stream
  }

  #answer(stream: ClientHttp2Stream, signal: AbortSignal | undefined): Promise<WireResponse> {
    return new Promise((resolve, reject) => {
      const failed = (error?: Error) => reject(signal?.aborted ? signal.reason : unreachable(this.server, error ?? new Error('the connection was closed')))
      stream.on('error', failed)
      stream.once('close', failed)
      stream.once('response', response => {
        resolve({ code: Number(response[HTTP2_HEADER_STATUS]), headers: response as WireResponse['headers'], body: stream })
      })
    })
  }

  #http1({ method, path, headers, body, signal }: WireRequest): Promise<WireResponse> {
    return new Promise((resolve, reject) => {
      const failed = (error: unknown) => reject(signal?.aborted ? signal.reason : unreachable(this.server, error))
      const sent = requestHttp1(
        new URL(this.#prefix + path, this.server),
        {
          method,
          headers: { ...headers, ...(body !== undefined && { 'content-length': Buffer.byteLength(body) }) },
          agent: this.#agent!,
          ...(signal && { signal }),
        },
        response => resolve({ code: response.statusCode ?? 0, headers: response.headers, body: response }),
      )
      sent.on('error', failed)
      sent.end(body)
    })
  }
}

/** Opens a TLS connection to a server. */
export function dial(connection: Connection, protocols: readonly string[], clock: Clock, signal?: AbortSignal): Promise<TLSSocket> {
  const { server } = connection
  return new Promise((resolve, reject) => {
    const socket = connectTls({ ...tlsOptions(connection), ALPNProtocols: [...protocols] })
    const stop = () => socket.destroy(signal?.reason instanceof Error ? signal.reason : new Error('aborted'))
    signal?.addEventListener('abort', stop, { once: true })
    const cancel = clock.after(CONNECT_MS, () => socket.destroy(new Error(`no connection within ${CONNECT_MS / 1000} s`)))
    const done = () => {
      cancel()
      signal?.removeEventListener('abort', stop)
    }
    socket.once('error', error => {
      done()
      if (!signal?.aborted) connection.unreachable?.(server)
      reject(error)
    })
    socket.once('secureConnect', () => {
      done()
      socket.setNoDelay(true)
      socket.setKeepAlive(true, 30_000)
      resolve(socket)
    })
  })
}
