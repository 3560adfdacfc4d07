import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { StatusError } from '../../api/meta/status.ts'
import type { Clock } from '../../base/clock.ts'
import { requestOver } from '../../base/node/request-over.ts'
import { dial, unreachable } from '../http/dial.ts'
import { failureOf } from '../http/failure.ts'
import type { Connection } from './kubeconfig.ts'

/** A connection that carries bytes both ways from now on, and what the server said when it was upgraded. */
export interface Upgraded {
  readonly stream: Duplex
  readonly headers: IncomingHttpHeaders
}

export interface UpgradeOptions {
  readonly clock: Clock
  /** Of the attempt, not of what comes of it. */
  readonly signal: AbortSignal
  readonly userAgent?: string | undefined
}

const PROTOCOL = 'everynode-link'
const REFUSAL_BYTES = 64 * 1024
/** A server to which thousands come back at once answers one after the other. */
const ANSWER_MS = 60_000

/** Dials the server and upgrades the connection. Rejects with the `StatusError` that the server answers instead, and with a 503 when it cannot be reached. */
export async function upgrade(connection: Connection, path: string, { clock, signal, userAgent }: UpgradeOptions): Promise<Upgraded> {
  const { server } = connection
  const socket = await dial(connection, ['http/1.1'], clock, signal).catch(error => {
    throw unreachable(server, error)
  })
  const token = await connection.token?.()
  const url = new URL(server)
  return new Promise((resolve, reject) => {
    const stop = () => socket.destroy(new Error('it does not answer'))
    const cancel = clock.after(ANSWER_MS, stop)
    signal.addEventListener('abort', stop, { once: true })
    const done = () => {
      cancel()
      signal.removeEventListener('abort', stop)
    }
    const request = requestOver(() => socket, {
      path: url.pathname.replace(/\/$/, '') + path,
      headers: {
        host: url.host,
        connection: 'Upgrade',
        upgrade: PROTOCOL,
        ...(userAgent !== undefined && { 'user-agent': userAgent }),
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      },
    })
    request.once('error', error => {
      done()
      reject(unreachable(server, error))
    })
    request.once('upgrade', ({ headers }, stream, head) => {
      done()
      stream.on('error', () => stream.destroy())
      if (head.length > 0) stream.unshift(head)
      resolve({ stream, headers })
    })
    request.once('response', response => {
      refusal(response).then(reject, reject)
      response.once('close', () => {
        done()
        socket.destroy()
      })
    })
    request.end()
    if (signal.aborted) stop()
  })
}

async function refusal(response: IncomingMessage): Promise<StatusError> {
  let text = ''
  for await (const chunk of response) text = (text + String(chunk)).slice(0, REFUSAL_BYTES)
  return failureOf(response.statusCode ?? 0, text)
}
