import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { StatusError, unavailable } from '../../api/meta/status.ts'
import type { StreamRequest } from '../../api/node-stream.ts'
import { TAKES_WATCHES } from '../../api/node-watches.ts'
import { BATCH_BEGINS, TAKES_WRITES } from '../../api/node-writes.ts'
import { parseAddresses } from '../../api/server-addresses.ts'
import type { Status } from '../../api/types/meta.ts'
import { type Clock, sleep } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { LineReader } from '../../base/node/line-reader.ts'
import { readLine } from '../../base/node/read-line.ts'
import { requestOver } from '../../base/node/request-over.ts'
import { dial } from '../http/dial.ts'
import type { Transport } from '../http/transport.ts'
import type { Connection } from './kubeconfig.ts'
import type { LinkReports } from './link-reports.ts'
import type { LinkWatches } from './link-watches.ts'

export interface NodeLinkOptions {
  readonly connection: Connection
  /** Of the agent's other requests: the link is a stream of its session where the server knows that, else a connection of its own. */
  readonly transport?: Transport
  /** Go over the link while there is one. */
  readonly reports?: LinkReports
  readonly watches?: LinkWatches
  /** Of whoever writes over the link. */
  readonly userAgent?: string
  readonly node: string
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
  /** From 0 to below 1: spreads the reconnects of many agents. */
  readonly random: () => number
  /** Serves one stream: writes a `StreamHead` line, then bytes, and ends or destroys it. */
  readonly onStream: (request: StreamRequest, stream: Duplex) => void
  /** Told of the addresses at which the server can be found. */
  readonly onAddresses?: (addresses: readonly string[]) => void
}

const PROTOCOL = 'everynode-link'
/** How a line begins that names addresses of the server; all others are ids of streams. */
const ADDRESSES = 'addresses '
const REQUEST_BYTES = 64 * 1024
/** The answer to a batch in which everything was refused is as long as what was refused. */
const LINE_BYTES = 16 * 1024 * 1024
const BEAT_MS = 20_000
const FIRST_RETRY_MS = 500
const LONGEST_RETRY_MS = 15_000

/** Keeps an agent reachable by its server: one stream waits for stream ids, each of which is dialled on its own. Ends with the signal. */
export async function runNodeLink(options: NodeLinkOptions): Promise<void> {
  const { clock, log, node, signal, random, transport } = options
  const path = `/apis/everynode.dev/v1/nodes/${encodeURIComponent(node)}/link`
  let pause = FIRST_RETRY_MS
  while (!signal.aborted) {
    try {
      const opened = await transport?.openBothWays(path, signal, options.userAgent === undefined ? {} : { 'user-agent': options.userAgent })
      const socket = opened?.stream ?? (await upgrade(options, path))
      pause = FIRST_RETRY_MS
      const takes = (header: string) => opened?.headers[header] !== undefined
      await listen(socket, options, { ofItsOwn: opened === undefined, takesWrites: takes(TAKES_WRITES), takesWatches: takes(TAKES_WATCHES) })
    } catch (error) {
      if (!signal.aborted) log.debug('the link to the server failed', { node, error: String(error) })
    }
    await sleep(clock, pause * (0.5 + random()), signal).catch(() => {})
    pause = Math.min(LONGEST_RETRY_MS, pause * 2)
  }
}

/** Takes stream ids, one a line, answers to what was written, and what watches say, until the connection ends or, one of its own, says nothing for too long. */
function listen(
  socket: Duplex,
  options: NodeLinkOptions,
  { ofItsOwn, takesWrites, takesWatches }: { readonly ofItsOwn: boolean; readonly takesWrites: boolean; readonly takesWatches: boolean },
): Promise<void> {
  const { clock, log, node, signal } = options
  return new Promise(resolve => {
    let heard = clock.now()
    let cancel = () => {}
    const send = (line: string) => void socket.write(line)
    const reports = takesWrites ? options.reports?.attach(send) : undefined
    const watches = options.watches?.attach(takesWatches ? send : undefined)
    const reader = new LineReader(LINE_BYTES, {
      line: line => {
        const text = line.toString()
        if (text.startsWith(BATCH_BEGINS)) reports?.heard(text)
        else if (text.startsWith(ADDRESSES)) options.onAddresses?.(parseAddresses(text.slice(ADDRESSES.length).replaceAll(' ', '\n')))
        else {
          const following = takesWatches ? watches?.line(text) : undefined
          if (following !== undefined) return following
          if (text !== '') void serve(text, options)
        }
        return 0
      },
      bytes: piece => watches?.bytes(piece),
    })
    const beat = () => {
      if (clock.now() - heard > 3 * BEAT_MS) return void socket.destroy()
      socket.write('\n')
      cancel = clock.after(BEAT_MS, beat)
    }
    if (ofItsOwn) beat()
    const stop = () => socket.destroy()
    signal.addEventListener('abort', stop, { once: true })
    socket.on('error', stop)
    socket.on('data', (chunk: Buffer) => {
      heard = clock.now()
      try {
        reader.take(chunk)
      } catch (error) {
        log.warn('nothing can be made of what came over the link', { node, error: String(error) })
        socket.destroy()
      }
    })
    socket.once('end', stop)
    socket.once('close', () => {
      cancel()
      signal.removeEventListener('abort', stop)
      reports?.detach()
      watches?.detach()
      resolve()
    })
  })
}

async function serve(id: string, options: NodeLinkOptions): Promise<void> {
  const { node, log, signal, onStream } = options
  try {
    const stream = await upgrade(options, `/apis/everynode.dev/v1/nodes/${encodeURIComponent(node)}/streams/${encodeURIComponent(id)}`)
    const stop = () => stream.destroy()
    signal.addEventListener('abort', stop, { once: true })
    stream.once('close', () => signal.removeEventListener('abort', stop))
    const request = JSON.parse(await readLine(stream, REQUEST_BYTES, signal)) as StreamRequest
    onStream(request, stream)
  } catch (error) {
    log.warn('a stream could not be opened', { node, error: String(error) })
  }
}

/** Dials the server and upgrades the connection. */
async function upgrade({ connection, clock, signal }: NodeLinkOptions, path: string): Promise<Duplex> {
  const socket = await dial(connection, ['http/1.1'], clock, signal)
  const token = await connection.token?.()
  const url = new URL(connection.server)
  return new Promise((resolve, reject) => {
    const request = requestOver(() => socket, {
      path: url.pathname.replace(/\/$/, '') + path,
      headers: { host: url.host, connection: 'Upgrade', upgrade: PROTOCOL, ...(token !== undefined && { authorization: `Bearer ${token}` }) },
    })
    const failed = (error: Error) => reject(unavailable(`cannot reach ${connection.server}: ${error.message}`))
    request.once('error', failed)
    request.once('upgrade', (_response, upgraded, head) => {
      upgraded.on('error', () => upgraded.destroy())
      if (head.length > 0) upgraded.unshift(head)
      resolve(upgraded)
    })
    request.once('response', response => {
      refusal(response).then(reject, reject)
      response.once('close', () => socket.destroy())
    })
    request.end()
  })
}

async function refusal(response: IncomingMessage): Promise<Error> {
  let text = ''
  for await (const chunk of response) text = (text + String(chunk)).slice(0, REQUEST_BYTES)
  try {
    return StatusError.from(JSON.parse(text) as Status)
  } catch {
    return unavailable(`the server answered ${response.statusCode} to an upgrade`)
  }
}
