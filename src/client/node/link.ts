import type { IncomingHttpHeaders } from 'node:http'
import type { Duplex } from 'node:stream'
import { StatusError } from '../../api/meta/status.ts'
import { TAKES_REQUESTS, TAKES_WATCHES } from '../../api/node-requests.ts'
import type { StreamRequest } from '../../api/node-stream.ts'
import { BATCH_BEGINS, TAKES_WRITES } from '../../api/node-writes.ts'
import { parseAddresses } from '../../api/server-addresses.ts'
import { exponential, jittered } from '../../base/backoff.ts'
import { type Clock, sleep } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { goOutTogether } from '../../base/node/go-out-together.ts'
import { LineReader } from '../../base/node/line-reader.ts'
import { readLine } from '../../base/node/read-line.ts'
import { keepTicket } from '../http/dial.ts'
import type { Connection } from './kubeconfig.ts'
import type { LinkReports } from './link-reports.ts'
import type { LinkRequests } from './link-requests.ts'
import { upgrade } from './upgrade.ts'

export interface NodeLinkOptions {
  readonly connection: Connection
  /** Go over the link while there is one. */
  readonly reports?: LinkReports
  readonly requests?: LinkRequests
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
  /** Told why the server cannot be reached, each time, and with nothing when it is. */
  readonly onReach?: ((error: StatusError | undefined) => void) | undefined
}

/** An agent that has asked for something that does not go over its link ends that session after so long. */
export const AGENT_RESTS_MS = 5_000
/** How a line begins that names addresses of the server; all others are ids of streams. */
const ADDRESSES = 'addresses '
const REQUEST_BYTES = 64 * 1024
/** The answer to a batch in which everything was refused is as long as what was refused. */
const LINE_BYTES = 16 * 1024 * 1024
/** After so long without a word the server is sent an empty line, and after so much longer without an answer it is given up. */
const QUIET_MS = 15_000
const ANSWER_MS = 10_000
/** A server that says nothing of what it takes sends a line this often, and hears one. */
const BEAT_MS = 20_000
/** Before the first attempt after a link that was there. */
const AGAIN_MS = 500
const awayMs = exponential(100, 5000)
const refusedMs = exponential(500, 15_000)

/**
 * An agent's connection to its server: waits for ids of streams, each of which is dialled on its own, and carries what the agent watches,
 * reports and asks. Made again whenever it is lost. Ends with the signal.
 */
export async function runNodeLink(options: NodeLinkOptions): Promise<void> {
  const { connection, clock, log, node, signal, random, onReach } = options
  let failures = 0
  while (!signal.aborted) {
    let pause = AGAIN_MS
    try {
      const { stream, headers } = await upgrade(connection, pathOf(node, 'link'), options)
      failures = 0
      onReach?.(undefined)
      await listen(stream, headers, options)
    } catch (error) {
      if (signal.aborted) return
      failures++
      const refused = error instanceof StatusError && error.code < 500 && error.code !== 429
      pause = refused ? refusedMs(failures) : awayMs(failures)
      log.debug('there is no link to the server', { node, error: String(error) })
      if (refused) {
        options.reports?.unlinked()
        options.requests?.unlinked()
      } else if (error instanceof StatusError) onReach?.(error)
    }
    await sleep(clock, jittered(pause, random), signal).catch(() => {})
  }
}

const pathOf = (node: string, what: string): string => `/apis/everynode.dev/v1/nodes/${encodeURIComponent(node)}/${what}`

/** Takes stream ids, one a line, answers to what was written and asked, and what watches say, until the connection ends or says nothing for too long. */
function listen(socket: Duplex, headers: IncomingHttpHeaders, options: NodeLinkOptions): Promise<void> {
  const { connection, clock, log, node, signal, random } = options
  const takesWatches = headers[TAKES_WATCHES] !== undefined
  const takesWrites = headers[TAKES_WRITES] !== undefined
  return new Promise(resolve => {
    const over = new AbortController()
    const send = (line: string) => {
      goOutTogether(socket)
      socket.write(line)
    }
    const reports = takesWrites ? options.reports?.attach(send) : undefined
    const requests = options.requests?.attach(takesWatches ? send : undefined, headers[TAKES_REQUESTS] !== undefined)
    const reader = new LineReader(LINE_BYTES, {
      line: line => {
        const text = line.toString()
        if (text.startsWith(BATCH_BEGINS)) reports?.heard(text)
        else if (text.startsWith(ADDRESSES)) options.onAddresses?.(parseAddresses(text.slice(ADDRESSES.length).replaceAll(' ', '\n')))
        else {
          const following = takesWatches ? requests?.line(text) : undefined
          if (following !== undefined) return following
          if (text !== '') void serve(text, options)
        }
        return 0
      },
      bytes: piece => requests?.bytes(piece),
    })
    const heard = keepAlive(socket, clock, takesWatches)
    const stop = () => socket.destroy()
    const leave = connection.onReplaced?.(stop)
    signal.addEventListener('abort', stop, { once: true })
    socket.on('error', stop)
    socket.on('data', (chunk: Buffer) => {
      heard()
      try {
        reader.take(chunk)
      } catch (error) {
        log.warn('nothing can be made of what came over the link', { node, error: String(error) })
        socket.destroy()
      }
    })
    socket.once('end', stop)
    socket.once('close', () => {
      over.abort()
      leave?.()
      signal.removeEventListener('abort', stop)
      reports?.detach()
      requests?.detach()
      resolve()
    })
    void keepTicket(connection, { clock, random, signal: over.signal })
  })
}

/** Destroys a socket over which nothing comes any more; to be told of whatever does. `answers`: an empty line is answered by one. */
function keepAlive(socket: Duplex, clock: Clock, answers: boolean): () => void {
  let heard = clock.now()
  let asked = 0
  let cancel = () => {}
  const look = () => {
    const silent = clock.now() - heard
    if (answers ? asked > heard && clock.now() - asked >= ANSWER_MS : silent > 3 * BEAT_MS) return void socket.destroy()
    if (answers && silent < QUIET_MS) {
      cancel = clock.after(QUIET_MS - silent, look)
      return
    }
    asked = clock.now()
    socket.write('\n')
    cancel = clock.after(answers ? ANSWER_MS : BEAT_MS, look)
  }
  look()
  socket.once('close', () => cancel())
  return () => {
    heard = clock.now()
  }
}

async function serve(id: string, options: NodeLinkOptions): Promise<void> {
  const { connection, clock, node, log, signal, onStream } = options
  try {
    const { stream } = await upgrade(connection, pathOf(node, `streams/${encodeURIComponent(id)}`), { clock, signal })
    const stop = () => stream.destroy()
    signal.addEventListener('abort', stop, { once: true })
    stream.once('close', () => signal.removeEventListener('abort', stop))
    const request = JSON.parse(await readLine(stream, REQUEST_BYTES, signal)) as StreamRequest
    onStream(request, stream)
  } catch (error) {
    log.warn('a stream could not be opened', { node, error: String(error) })
  }
}
