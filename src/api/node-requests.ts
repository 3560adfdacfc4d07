/**
 * What an agent asks over its link. It begins a watch by a line `watch NUMBER PATH`, path and query as those of a GET, and asks for
 * anything else by `ask NUMBER METHOD BYTES TYPE PATH`, followed by so many bytes of a body of that media type; `unwatch NUMBER` says that
 * no more of either is wanted. A number is used once. Each is a request of its own: who asks, what they may, limits, audit and metrics are as
 * for any other. What would be the body of a watch's answer comes in pieces: a line `events NUMBER BYTES`, then so many bytes. One line
 * says that there are no more: `ended NUMBER`, or `refused NUMBER CODE BODY` with the body of that answer as a JSON text. Anything else
 * is answered once: `answer NUMBER CODE BYTES`, then the body.
 */
export interface WatchBegins {
  readonly number: number
  /** Path and query; undefined: the watch, or whatever has that number, ends. */
  readonly path: string | undefined
}
export interface AskBegins {
  readonly number: number
  readonly method: string
  /** Of the body. */
  readonly bytes: number
  readonly type: string
  readonly path: string
}
export type RequestGoesOn =
  | { readonly type: 'events'; readonly number: number; readonly bytes: number }
  | { readonly type: 'answer'; readonly number: number; readonly code: number; readonly bytes: number }
  | { readonly type: 'ended'; readonly number: number }
  | { readonly type: 'refused'; readonly number: number; readonly code: number; readonly body: string }

/** Headers of the server's answer to whoever opens a link: it takes watches, and other requests. */
export const TAKES_WATCHES = 'everynode-takes-watches'
export const TAKES_REQUESTS = 'everynode-takes-requests'
/** Requests of one link that are open at one time, watches among them. */
export const REQUESTS_OPEN = 256
/** Bytes of the body of a request. */
export const ASKED_BYTES = 1024 * 1024

export const beginsText = ({ number, path }: WatchBegins): string => (path === undefined ? `unwatch ${number}\n` : `watch ${number} ${path}\n`)
export const askText = ({ number, method, bytes, type, path }: AskBegins): string => `ask ${number} ${method} ${bytes} ${type} ${path}\n`

/** What a line of an agent says of a watch; undefined when it says nothing of one. */
export function watchBegins(line: string): WatchBegins | undefined {
  const [, begins, number, path] = /^(watch|unwatch) (\d{1,15})(?: (\/[!-~]*))?$/.exec(line) ?? []
  if (begins === undefined || (begins === 'watch') !== (path !== undefined)) return undefined
  return { number: Number(number), path }
}

/** What a line of an agent asks that is no watch; undefined when it asks nothing. */
export function askBegins(line: string): AskBegins | undefined {
  const [, number, method, bytes, type, path] = /^ask (\d{1,15}) ([A-Z]{1,10}) (\d{1,7}) ([!-~]{1,100}) (\/[!-~]*)$/.exec(line) ?? []
  if (method === undefined || type === undefined || path === undefined) return undefined
  return { number: Number(number), method, bytes: Number(bytes), type, path }
}

export function goesOnText(said: RequestGoesOn): string {
  const head = `${said.type} ${said.number}`
  if (said.type === 'events') return `${head} ${said.bytes}\n`
  if (said.type === 'answer') return `${head} ${said.code} ${said.bytes}\n`
  return said.type === 'ended' ? `${head}\n` : `${head} ${said.code} ${JSON.stringify(said.body)}\n`
}

/** What a line of the server says of a request; undefined when it says nothing of one. Throws when a body is no JSON. */
export function requestGoesOn(line: string): RequestGoesOn | undefined {
  const [, type, number, value, more] = /^(events|answer|ended|refused) (\d{1,15})(?: (\d{1,9}))?(?: (".*"|\d{1,9}))?$/.exec(line) ?? []
  if (type === 'events' && value !== undefined) return { type, number: Number(number), bytes: Number(value) }
  if (type === 'ended') return { type, number: Number(number) }
  if (value === undefined || more === undefined) return undefined
  const text = more.startsWith('"')
  if (type === 'refused' && text) return { type, number: Number(number), code: Number(value), body: JSON.parse(more) as string }
  return type === 'answer' && !text ? { type, number: Number(number), code: Number(value), bytes: Number(more) } : undefined
}
