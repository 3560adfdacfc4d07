import { connect as connectTcp, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls, createSecureContext, type SecureContext, type TLSSocket } from 'node:tls'
import { type StatusError, unavailable } from '../../api/meta/status.ts'
import { jittered } from '../../base/backoff.ts'
import { type Clock, sleep } from '../../base/clock.ts'
import type { Connection } from '../node/kubeconfig.ts'

/** Whoever is there takes a connection within this time. */
const CONNECT_MS = 10_000
/** A server to which thousands come back at once takes them one after the other. */
const HANDSHAKE_MS = 60_000
/** No ticket is used longer, whatever its server says. */
const TICKET_MS = 24 * 3600_000
/** So often, or half as often, whoever stays connected fetches what lets them come back at little cost. */
const FETCH_MS = 8 * 3600_000

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

export const unreachable = (server: string, error: unknown): StatusError =>
  unavailable(`cannot reach ${server}: ${error instanceof Error ? error.message || (error as NodeJS.ErrnoException).code : String(error)}`)

/**
 * Opens a TLS connection to a server; resumes a session with it where there was one. Nothing is made for TLS before somebody is there:
 * while a server is away, a fleet's dials are many.
 */
export function dial(connection: Connection, protocols: readonly string[], clock: Clock, signal?: AbortSignal, resume = true): Promise<TLSSocket> {
  const { server } = connection
  return new Promise((resolve, reject) => {
    const { ca, cert, key, host, port, ...options } = tlsOptions(connection)
    const wire = connectTcp({ host, port })
    let socket: Socket = wire
    const stop = () => socket.destroy(signal?.reason instanceof Error ? signal.reason : new Error('aborted'))
    signal?.addEventListener('abort', stop, { once: true })
    const within = (ms: number) => clock.after(ms, () => socket.destroy(new Error(`no connection within ${ms / 1000} s`)))
    let cancel = within(CONNECT_MS)
    const done = () => {
      cancel()
      signal?.removeEventListener('abort', stop)
    }
    const failed = (error: Error) => {
      done()
      if (!signal?.aborted) connection.unreachable?.(server)
      reject(error)
    }
    wire.once('error', failed)
    const secure = () => {
      const shown = shownBy(connection, { ca, cert, key })
      const resumed = shown.tickets.get(server)
      const session = resume && resumed && resumed.until > clock.now() ? resumed.session : undefined
      const secured = connectTls({ ...options, host, socket: wire, secureContext: shown.context, ALPNProtocols: [...protocols], ...(session && { session }) })
      wire.off('error', failed)
      wire.on('error', error => secured.destroy(error))
      secured.once('session', given => {
        const until = secured.getPeerX509Certificate()?.validToDate.getTime() ?? 0
        shown.tickets.set(server, { session: given, until: Math.min(until, clock.now() + TICKET_MS) })
      })
      secured.once('error', failed)
      secured.once('secureConnect', () => {
        done()
        secured.setNoDelay(true)
        secured.setKeepAlive(true, 30_000)
        resolve(secured)
      })
      return secured
    }
    wire.once('connect', () => {
      cancel()
      cancel = within(HANDSHAKE_MS)
      try {
        socket = secure()
      } catch (error) {
        wire.destroy(error instanceof Error ? error : new Error(String(error)))
      }
    })
  })
}

/**
 * Fetches a new ticket of a server that has given one before, over a connection of its own: tickets end, and neither whoever stays
 * connected nor whoever resumes gets others. False where there was none.
 */
export async function renewTicket(connection: Connection, clock: Clock, signal: AbortSignal): Promise<boolean> {
  if (!contexts.get(connection)?.tickets.has(connection.server)) return false
  const socket = await dial(connection, ['http/1.1'], clock, signal, false)
  await new Promise<void>(resolve => {
    const cancel = clock.after(CONNECT_MS, () => socket.destroy())
    socket.once('session', () => socket.destroy())
    socket.once('close', () => {
      cancel()
      resolve()
    })
    // A ticket comes with whatever is read first.
    socket.resume()
  })
  return true
}

/** Renews the ticket of a server for as long as somebody stays connected to it. Resolves when the signal aborts. */
export async function keepTicket(
  connection: Connection,
  { clock, random, signal }: { readonly clock: Clock; readonly random: () => number; readonly signal: AbortSignal },
): Promise<void> {
  while (!signal.aborted) {
    await sleep(clock, jittered(FETCH_MS, random), signal).catch(() => {})
    if (!signal.aborted) await renewTicket(connection, clock, signal).catch(() => {})
  }
}

type Shown = Pick<ConnectionOptions, 'ca' | 'cert' | 'key'>
/** With which a session is resumed, until then: no certificate is looked at again. */
interface Ticket {
  readonly session: Buffer
  readonly until: number
}
interface Context {
  readonly of: Shown
  readonly context: SecureContext
  /** By server. They speak for the certificate that is shown, and for the trust in what the server has shown. */
  readonly tickets: Map<string, Ticket>
}

/** What a connection shows and trusts, read once: reading it costs more than all else that a client does for a handshake. */
const contexts = new WeakMap<Connection, Context>()

function shownBy(connection: Connection, shown: Shown): Context {
  const known = contexts.get(connection)
  if (known && known.of.ca === shown.ca && known.of.cert === shown.cert && known.of.key === shown.key) return known
  const context = { of: shown, context: createSecureContext(shown), tickets: new Map<string, Ticket>() }
  contexts.set(connection, context)
  return context
}
