import { type ClientHttp2Session, connect as connectHttp2 } from 'node:http2'
import { Agent } from 'node:https'
import type { TLSSocket } from 'node:tls'
import { type StatusError, unavailable } from '../../api/meta/status.ts'
import { orAborted } from '../../base/aborted.ts'
import { exponential, jittered } from '../../base/backoff.ts'
import { type Clock, sleep } from '../../base/clock.ts'
import type { Connection } from '../node/kubeconfig.ts'
import { dial, keepTicket, tlsOptions, unreachable } from './dial.ts'

/** HTTP/2, or HTTP/1.1 with as many connections as it takes where a server knows nothing else. */
export type Session = ClientHttp2Session | Agent

export interface SessionsOptions {
  readonly connection: Connection
  readonly clock: Clock
  /** From 0 to below 1: spreads those who come back at once. */
  readonly random: () => number
  /** Told why the server cannot be reached, once, and with nothing when it can be again. */
  readonly onReach?: ((error: StatusError | undefined) => void) | undefined
  /** A session over which nothing was asked for so long is ended; none is when absent. */
  readonly restMs?: number | undefined
}

/** After this long without a word from the server it is asked whether it is still there. */
const PING_MS = 15_000
const PONG_MS = 10_000
const SESSION_WINDOW = 16 * 1024 * 1024
const STREAM_WINDOW = 4 * 1024 * 1024
/** Between attempts, for those who wait. */
const pauseMs = exponential(100, 5000)

/** The one session of a client: made when somebody asks for it, and again when somebody asks after it was lost. */
export class Sessions {
  readonly #options: SessionsOptions
  #current: Promise<Session> | undefined
  #closed = false
  #failures = 0
  /** What is asked just now. */
  #asked = 0
  #cancelRest: (() => void) | undefined
  /** When those who wait try again. */
  #again = 0

  constructor(options: SessionsOptions) {
    this.#options = options
  }

  /** The session; rejects with a 503 when it cannot be had now. */
  async get(signal?: AbortSignal): Promise<Session> {
    for (;;) {
      const session = await orAborted(this.#connect(), signal)
      if (session instanceof Agent || !(session.closed || session.destroyed)) return session
      // A session that is closing takes no more: the next one does.
      this.#current = undefined
    }
  }

  /** The session, however long the server is away; all who wait try together. */
  async wait(signal: AbortSignal): Promise<Session> {
    const { clock } = this.#options
    for (;;) {
      try {
        return await this.get(signal)
      } catch (error) {
        if (this.#closed) throw error
        await sleep(clock, this.#again - clock.now(), signal)
      }
    }
  }

  /** Something is asked over a session, until what is returned is called. */
  used(session: ClientHttp2Session): () => void {
    this.#asked++
    this.#cancelRest?.()
    this.#cancelRest = undefined
    return () => {
      const { clock, restMs } = this.#options
      if (--this.#asked > 0 || restMs === undefined || session.destroyed) return
      this.#cancelRest = clock.after(restMs, () => this.replace())
    }
  }

  /** Whoever asks from now on gets a new session; the old one ends when what runs on it has. */
  replace(): void {
    const old = this.#current
    this.#current = undefined
    old?.then(
      session => (session instanceof Agent ? session.destroy() : session.close()),
      () => {},
    )
  }

  close(): void {
    this.#closed = true
    this.#cancelRest?.()
    this.#current?.then(
      session => session.destroy(),
      () => {},
    )
  }

  #connect(): Promise<Session> {
    if (this.#closed) return Promise.reject(unavailable(`the client of ${this.#options.connection.server} is closed`))
    if (this.#current !== undefined) return this.#current
    const connecting = this.#open()
    this.#current = connecting
    connecting.then(
      () => this.#reached(undefined),
      (error: StatusError) => {
        if (this.#current === connecting) this.#current = undefined
        this.#reached(error)
      },
    )
    return connecting
  }

  #reached(error: StatusError | undefined): void {
    const { clock, random, onReach } = this.#options
    const before = this.#failures
    this.#failures = error ? before + 1 : 0
    if (error) this.#again = clock.now() + jittered(pauseMs(this.#failures), random)
    if (before === 0 ? error : !error) onReach?.(error)
  }

  async #open(): Promise<Session> {
    const { connection, clock, random } = this.#options
    const { server } = connection
    const socket = await dial(connection, ['h2', 'http/1.1'], clock).catch(error => {
      throw unreachable(server, error)
    })
    if (socket.alpnProtocol !== 'h2') {
      socket.destroy()
      return new Agent({ keepAlive: true, maxSockets: 256, ...tlsOptions(connection) })
    }
    const session = connectHttp2(server, {
      createConnection: () => socket,
      settings: { enablePush: false, initialWindowSize: STREAM_WINDOW },
      maxSessionMemory: 128,
      peerMaxConcurrentStreams: 1000,
    })
    await new Promise<void>((resolve, reject) => {
      const failed = (error?: Error) => reject(unreachable(server, error ?? new Error('the connection was closed')))
      session.once('error', failed)
      session.once('close', failed)
      session.once('connect', () => {
        session.off('close', failed)
        resolve()
      })
    })
    session.setLocalWindowSize(SESSION_WINDOW)
    this.#watchOver(session, socket)
    const over = new AbortController()
    session.once('close', () => over.abort())
    void keepTicket(connection, { clock, random, signal: over.signal })
    return session
  }

  /** Forgets a session that ends, and ends one whose server no longer answers. */
  #watchOver(session: ClientHttp2Session, socket: TLSSocket): void {
    const { clock } = this.#options
    const current = this.#current
    const forget = () => {
      if (this.#current === current) this.#current = undefined
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
      cancel = clock.after(PING_MS, look)
    }
    const look = () => {
      if (session.destroyed) return
      if (socket.bytesRead !== heard) {
        heard = socket.bytesRead
        return later()
      }
      cancel = clock.after(PONG_MS, () => session.destroy(new Error('the server no longer answers')))
      session.ping(() => {
        cancel()
        if (!session.destroyed) later()
      })
    }
    later()
  }
}
