import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { performServerHandshake, type ServerHttp2Session } from 'node:http2'
// Not of `node:http`: see `base/node/request-over.ts`.
import { createServer as createHttp1, type Server as Http1Server } from 'node:https'
import { type AddressInfo, createServer as createNet, type Server as NetServer, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { createServer as createTls, type SecureContextOptions, type TLSSocket, type Server as TlsServer } from 'node:tls'
import type { Clock } from '../../base/clock.ts'
import { Arrivals, connectionOf } from './arrivals.ts'
import { endWithin } from './end-within.ts'
import type { Exchange, Peer } from './exchange.ts'
import { Http1Exchange, Http2Exchange } from './exchanges.ts'
import type { Limits } from './limits.ts'
import { peerOf } from './peer.ts'

export interface Upgrade {
  readonly request: IncomingMessage
  readonly socket: Duplex
  readonly head: Buffer
  readonly peer: Peer
  readonly auditId: string
}

export interface ListenerOptions {
  /** `cert`, `key`, and in `ca` the authority that client certificates must come from. */
  readonly tls: SecureContextOptions
  readonly onRequest: (exchange: Exchange) => void
  readonly onUpgrade: (upgrade: Upgrade) => void
  readonly onClose: (peer: Peer) => void
  /** Whether somebody known has asked over this connection. */
  readonly knows: (peer: Peer) => boolean
  readonly limits: Limits
  readonly clock: Clock
  /** A fresh identity for a request that brings none. */
  readonly uuid: () => string
}

/** What is asked over a session, and since when nothing was if nothing is. */
interface Asked {
  readonly exchanges: Set<Http2Exchange>
  restsSince: number
}

/** Whoever asks at this moment hears that nothing was done; whoever hears nothing is cut off the next time. */
const end = (session: ServerHttp2Session): void => (session.closed ? session.destroy() : session.close())

/** How often in its time an idle session is looked at. */
const IDLE_LOOKS = 4
const MAX_HEADER_BYTES = 64 * 1024
const HANDSHAKE_MS = 10_000
/** Connections that wait to be accepted; what is more is lost and tried again by the other side's kernel after a second. */
const BACKLOG = 4096
/** In the order in which they are taken. */
const PROTOCOLS = ['h2', 'http/1.1']
const STREAMS_PER_SESSION = 1000
const WINDOW = 1024 * 1024

/**
 * HTTP/2 and HTTP/1.1 on TLS ports, chosen by ALPN; upgrades come as HTTP/1.1. One listener may listen on several addresses.
 */
export class Listener {
  readonly #options: ListenerOptions
  readonly #http1: Http1Server
  readonly #tlsServer: TlsServer
  readonly #servers: NetServer[] = []
  readonly #arrivals: Arrivals<Socket>
  readonly #sessions = new Map<ServerHttp2Session, Asked>()
  readonly #sweeps: readonly NodeJS.Timeout[]
  #tls: SecureContextOptions
  #closing = false

  constructor(options: ListenerOptions) {
    this.#options = options
    this.#tls = options.tls
    const { connections, newcomersEach, idleMs, headersMs, bodyMs, stuckMs } = options.limits
    // One timer for all sessions: each of their own would be set anew with whatever they read and write.
    this.#sweeps = [setInterval(() => this.#cutStuck(), stuckMs).unref(), setInterval(() => this.#endIdle(), idleMs / IDLE_LOOKS).unref()]
    this.#http1 = createHttp1({
      maxHeaderSize: MAX_HEADER_BYTES,
      keepAliveTimeout: idleMs,
      headersTimeout: headersMs,
      requestTimeout: headersMs + bodyMs,
      connectionsCheckingInterval: Math.min(5000, headersMs / 2),
    })
    // It never listens itself; this starts its watch over connections that are too slow.
    this.#http1.emit('listening')
    this.#http1.on('request', (request, response) => {
      options.onRequest(
        new Http1Exchange(request, response, peerOf(request.socket as TLSSocket), { auditId: auditIdOf(request.headers, options), bodyMs, stuckMs }),
      )
    })
    this.#http1.on('upgrade', (request, socket, head) => {
      options.onUpgrade({ request, socket, head, peer: peerOf(request.socket as TLSSocket), auditId: auditIdOf(request.headers, options) })
    })
    this.#tlsServer = createTls({
      ...this.#tls,
      // Not `ALPNProtocols`: Node copies those for each connection, and each copy keeps alive all that was cut from the same 64 KiB.
      ALPNCallback: ({ protocols }) => PROTOCOLS.find(protocol => protocols.includes(protocol)),
      requestCert: true,
      rejectUnauthorized: false,
      handshakeTimeout: HANDSHAKE_MS,
      minVersion: 'TLSv1.2',
    })
    this.#tlsServer.on('tlsClientError', (_error, socket) => socket.destroy())
    this.#tlsServer.on('secureConnection', socket => this.#secured(socket))
    this.#arrivals = new Arrivals({ clock: options.clock, connections, newcomersEach, letIn: socket => this.#tlsServer.emit('connection', socket) })
    this.#http1.on('clientError', (error: NodeJS.ErrnoException, socket) => {
      if (!socket.writable) {
        socket.destroy()
        return
      }
      const [code, text] = HTTP1_ERRORS[error.code ?? ''] ?? [400, 'Bad Request']
      endWithin(stuckMs, socket, `HTTP/1.1 ${code} ${text}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
    })
  }

  /** Listens; resolves with the address that was taken. */
  listen(port: number, host: string): Promise<AddressInfo> {
    const server = createNet({ pauseOnConnect: true, noDelay: true }, socket => {
      const connection = connectionOf(socket)
      socket.once('close', () => this.#arrivals.gone(connection))
      this.#arrivals.add(socket)
    })
    this.#servers.push(server)
    return new Promise((resolve, reject) => {
      server.once('error', reject)
      server.listen({ port, host, backlog: BACKLOG }, () => {
        server.off('error', reject)
        resolve(server.address() as AddressInfo)
      })
    })
  }

  #secured(socket: TLSSocket): void {
    const peer = peerOf(socket)
    socket.setKeepAlive(true, 30_000)
    this.#arrivals.secured(peer.connection)
    // Whom the authority vouches for is no stranger: after an interruption many agents come at once, perhaps from one address.
    // The end of a certificate is not looked at again when its session is resumed.
    const { trusted = false, notAfter = 0 } = peer.certificate ?? {}
    if (trusted && notAfter > this.#options.clock.now()) this.#arrivals.known(peer.connection)
    socket.once('close', () => this.#options.onClose(peer))
    if (socket.alpnProtocol === 'h2') this.#http2(socket)
    else this.#http1.emit('secureConnection', socket)
  }

  #http2(socket: TLSSocket): void {
    socket.on('error', () => {})
    const peer = peerOf(socket)
    const session = performServerHandshake(socket, {
      maxSessionMemory: 64,
      settings: { maxConcurrentStreams: STREAMS_PER_SESSION, initialWindowSize: WINDOW, maxHeaderListSize: MAX_HEADER_BYTES },
    })
    const { limits, clock } = this.#options
    const { newcomerMs, bodyMs, stuckMs } = limits
    const exchanges = new Set<Http2Exchange>()
    const asked: Asked = { exchanges, restsSince: clock.now() }
    this.#sessions.set(session, asked)
    session.on('error', () => {})
    session.once('close', () => {
      this.#sessions.delete(session)
      socket.destroy()
    })
    session.on('stream', (stream, headers) => {
      const exchange = new Http2Exchange(stream, headers, peer, { auditId: auditIdOf(headers, this.#options), bodyMs, stuckMs })
      exchanges.add(exchange)
      stream.on('close', () => {
        exchanges.delete(exchange)
        asked.restsSince = clock.now()
      })
      this.#options.onRequest(exchange)
    })
    const stranger = setInterval(() => {
      if (this.#options.knows(peer)) clearInterval(stranger)
      else if (exchanges.size === 0) end(session)
    }, newcomerMs).unref()
    session.once('close', () => clearInterval(stranger))
    session.setLocalWindowSize(4 * WINDOW)
    if (this.#closing) session.close()
  }

  #cutStuck(): void {
    for (const { exchanges } of this.#sessions.values()) for (const exchange of exchanges) exchange.cutIfStuck()
  }

  /** Pings keep no connection open over which nothing is asked. */
  #endIdle(): void {
    const { clock, limits } = this.#options
    for (const [session, { exchanges, restsSince }] of this.#sessions) if (exchanges.size === 0 && clock.now() - restsSince >= limits.idleMs) end(session)
  }

  /** Somebody known has asked over this connection. */
  known({ connection }: Peer): void {
    this.#arrivals.known(connection)
  }

  /** Connections made from now on use this certificate. */
  renew(tls: SecureContextOptions): void {
    this.#tls = { ...this.#tls, ...tls }
    this.#tlsServer.setSecureContext(this.#tls)
  }

  get connections(): number {
    return this.#arrivals.size
  }
  /** Whether more have come than can be let in at once. */
  get crowded(): boolean {
    return this.#arrivals.waiting > 0
  }

  /** Takes no more connections, lets answers under way end (bounded by `graceMs`), then cuts what is left. */
  async close(graceMs = 2000): Promise<void> {
    this.#closing = true
    for (const sweep of this.#sweeps) clearInterval(sweep)
    const closed = this.#servers.map(server => new Promise<void>(resolve => server.close(() => resolve())))
    this.#arrivals.close('waiting')
    for (const session of this.#sessions.keys()) session.close()
    this.#http1.closeIdleConnections()
    this.#http1.close()
    const cut = setTimeout(() => {
      for (const session of this.#sessions.keys()) session.destroy()
      this.#arrivals.close('all')
    }, graceMs)
    await Promise.all(closed)
    clearTimeout(cut)
  }
}

const HTTP1_ERRORS: Readonly<Record<string, readonly [number, string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'Request Header Fields Too Large'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'Request Timeout'],
}

/** What the client calls the request, or a name of our own. */
function auditIdOf(headers: IncomingHttpHeaders, { uuid }: ListenerOptions): string {
  const given = headers['audit-id']
  return typeof given === 'string' && /^[!-~]{1,64}$/.test(given) ? given : uuid()
}
