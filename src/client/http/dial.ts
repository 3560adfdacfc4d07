import { type ConnectionOptions, connect as connectTls, createSecureContext, type SecureContext, type TLSSocket } from 'node:tls'
import { type StatusError, unavailable } from '../../api/meta/status.ts'
import type { Clock } from '../../base/clock.ts'
import type { Connection } from '../node/kubeconfig.ts'

/** Whoever is there takes a connection within this time. */
const CONNECT_MS = 10_000
/** A server to which thousands come back at once takes them one after the other. */
const HANDSHAKE_MS = 60_000

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

/** Opens a TLS connection to a server. */
export function dial(connection: Connection, protocols: readonly string[], clock: Clock, signal?: AbortSignal): Promise<TLSSocket> {
  const { server } = connection
  return new Promise((resolve, reject) => {
    const { ca, cert, key, ...options } = tlsOptions(connection)
    const socket = connectTls({ ...options, secureContext: contextOf(connection, { ca, cert, key }), ALPNProtocols: [...protocols] })
    const stop = () => socket.destroy(signal?.reason instanceof Error ? signal.reason : new Error('aborted'))
    signal?.addEventListener('abort', stop, { once: true })
    const within = (ms: number) => clock.after(ms, () => socket.destroy(new Error(`no connection within ${ms / 1000} s`)))
    let cancel = within(CONNECT_MS)
    const done = () => {
      cancel()
      signal?.removeEventListener('abort', stop)
    }
    socket.once('connect', () => {
      cancel()
      cancel = within(HANDSHAKE_MS)
    })
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

type Shown = Pick<ConnectionOptions, 'ca' | 'cert' | 'key'>

/** What a connection shows and trusts, read once: reading it costs more than all else that a client does for a handshake. */
const contexts = new WeakMap<Connection, { readonly of: Shown; readonly context: SecureContext }>()

function contextOf(connection: Connection, shown: Shown): SecureContext {
  const known = contexts.get(connection)
  if (known && known.of.ca === shown.ca && known.of.cert === shown.cert && known.of.key === shown.key) return known.context
  const context = createSecureContext(shown)
  contexts.set(connection, { of: shown, context })
  return context
}
