import type { Writable } from 'node:stream'
import { promisify } from 'node:util'
import { constants, createGzip, gzip } from 'node:zlib'
import type { StatusError } from '../../api/meta/status.ts'
import { type Clock, systemClock } from '../../base/clock.ts'
import { draining } from '../../base/node/draining.ts'
import type { ListText } from './encode.ts'
import type { Exchange, ResponseHeaders } from './exchange.ts'
import type { Turns } from './turns.ts'

export const JSON_HEADERS: ResponseHeaders = { 'content-type': 'application/json', 'cache-control': 'no-cache, private' }
const TEXT_HEADERS: ResponseHeaders = { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff', 'cache-control': 'no-cache, private' }

/** Answers from this many bytes on are compressed for clients that accept it. */
const GZIP_FROM = 128 * 1024
/** About as much of a list is made and written in one turn of the event loop. */
export const SLICE_BYTES = 64 * 1024
const gzipped = promisify(gzip)
const FAST = { level: constants.Z_BEST_SPEED }

const wantsGzip = (exchange: Exchange): boolean => /(^|[\s,])gzip\s*($|,|;\s*q=(?!0(\.0*)?\s*($|,)))/.test(String(exchange.headers['accept-encoding'] ?? ''))

/** Whether a person reads the answer. */
export const wantsPretty = (exchange: Exchange, query: URLSearchParams): boolean => {
  const asked = query.get('pretty')
  if (asked !== null) return asked === '1' || asked.toLowerCase() === 'true'
  return /^(curl|Wget|Mozilla)/.test(exchange.headers['user-agent'] ?? '')
}

/** Sends a text of JSON, compressed when it is large; one that is not small is over only when the client has taken it. */
export async function sendJson(exchange: Exchange, code: number, text: string, headers: ResponseHeaders, pretty = false): Promise<void> {
  const body = pretty ? `${JSON.stringify(JSON.parse(text), null, 2)}\n` : `${text}\n`
  if (body.length < SLICE_BYTES) return exchange.send(code, headers, body)
  if (body.length < GZIP_FROM || !wantsGzip(exchange)) return sendLarge(exchange, code, Buffer.from(body), headers)
  return sendLarge(exchange, code, await gzipped(body, FAST), { ...headers, 'content-encoding': 'gzip', vary: 'Accept-Encoding' })
}

async function sendLarge(exchange: Exchange, code: number, body: Buffer, headers: ResponseHeaders): Promise<void> {
  if (exchange.method === 'HEAD') return exchange.send(code, headers, body)
  const out = exchange.open(code, { ...headers, 'content-length': String(body.length) })
  if (!out.write(body)) await draining(out, exchange.signal, systemClock)()
  out.end()
}

export interface Slicing {
  readonly identity: string
  readonly clock: Clock
  readonly slices: Turns
}

/** Sends a list in slices that take turns with those of other lists, so that neither a long one nor many hold up anybody else. */
export async function sendList<T>(
  exchange: Exchange,
  code: number,
  items: readonly T[],
  text: ListText<T>,
  headers: ResponseHeaders,
  { identity, clock, slices }: Slicing,
): Promise<void> {
  if (!slices.take(identity)) await slices.turn(identity)
  let next = 0
  const slice = () => {
    let made = next === 0 ? text.before : ''
    while (next < items.length && made.length < SLICE_BYTES) made += (next > 0 ? ',' : '') + text.item(items[next++]!)
    return made
  }
  const first = slice()
  const packed = wantsGzip(exchange)
  if (next === items.length) return sendJson(exchange, code, first + text.after, headers)
  const out = exchange.open(code, packed ? { ...headers, 'content-encoding': 'gzip', vary: 'Accept-Encoding' } : headers)
  if (exchange.method === 'HEAD') return void out.end()
  let into: Writable = out
  if (packed) {
    into = createGzip(FAST)
    ;(into as ReturnType<typeof createGzip>).pipe(out)
  }
  const drained = draining(into, exchange.signal, clock)
  let flowing = into.write(first)
  while (next < items.length) {
    if (!flowing) await drained()
    await slices.turn(identity)
    if (exchange.aborted) return void into.destroy()
    flowing = into.write(slice())
  }
  into.end(`${text.after}\n`)
}

export function sendStatus(exchange: Exchange, error: StatusError, warnings: readonly string[] = [], pretty = false): void {
  const retry = error.status.details?.retryAfterSeconds
  const headers: ResponseHeaders = {
    ...JSON_HEADERS,
    ...(retry && { 'retry-after': String(retry) }),
    ...(warnings.length > 0 && { warning: warnings }),
    ...(error.code === 401 && { 'www-authenticate': 'Bearer realm="everynode"' }),
  }
  exchange.send(error.code, headers, `${pretty ? JSON.stringify(error.status, null, 2) : JSON.stringify(error.status)}\n`)
}

export const sendText = (exchange: Exchange, code: number, text: string, headers: ResponseHeaders = {}): void =>
  exchange.send(code, { ...TEXT_HEADERS, ...headers }, text)

export const sendNotFoundPage = (exchange: Exchange): void => sendText(exchange, 404, '404 page not found\n')
