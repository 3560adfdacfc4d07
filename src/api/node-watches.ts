/**
 * The watches that an agent has open over its link. It begins one by a line `watch NUMBER PATH`, path and query as those of a GET,
 * and ends it by `unwatch NUMBER`; a number is used once. Each is a request of its own: who asks, what they may, limits, audit and
 * metrics are as for any other. What would be the body of the answer comes in pieces: a line `events NUMBER BYTES`, then so many
 * bytes. One line says that there are no more: `ended NUMBER`, or `refused NUMBER CODE BODY` with the body of that answer as a JSON text.
 */
export interface WatchBegins {
  readonly number: number
  /** Path and query; undefined: the watch ends. */
  readonly path: string | undefined
}
export type WatchGoesOn =
  | { readonly type: 'events'; readonly number: number; readonly bytes: number }
  | { readonly type: 'ended'; readonly number: number }
  | { readonly type: 'refused'; readonly number: number; readonly code: number; readonly body: string }

/** A header of the server's answer to whoever opens a link: it takes watches. */
export const TAKES_WATCHES = 'everynode-takes-watches'
/** Watches of one link that are open at one time. */
export const WATCHES_OPEN = 256

export const beginsText = ({ number, path }: WatchBegins): string => (path === undefined ? `unwatch ${number}\n` : `watch ${number} ${path}\n`)

/** What a line of an agent says of a watch; undefined when it says nothing of one. */
export function watchBegins(line: string): WatchBegins | undefined {
  const [, begins, number, path] = /^(watch|unwatch) (\d{1,15})(?: (\/[!-~]*))?$/.exec(line) ?? []
  if (begins === undefined || (begins === 'watch') !== (path !== undefined)) return undefined
  return { number: Number(number), path }
}

export function goesOnText(said: WatchGoesOn): string {
  const head = `${said.type} ${said.number}`
  if (said.type === 'events') return `${head} ${said.bytes}\n`
  return said.type === 'ended' ? `${head}\n` : `${head} ${said.code} ${JSON.stringify(said.body)}\n`
}

/** What a line of the server says of a watch; undefined when it says nothing of one. Throws when a body is no JSON. */
export function watchGoesOn(line: string): WatchGoesOn | undefined {
  const [, type, number, value, body] = /^(events|ended|refused) (\d{1,15})(?: (\d{1,9}))?(?: (".*"))?$/.exec(line) ?? []
  if (type === 'events' && value !== undefined) return { type, number: Number(number), bytes: Number(value) }
  if (type === 'ended') return { type, number: Number(number) }
  if (type === 'refused' && value !== undefined && body !== undefined)
    return { type, number: Number(number), code: Number(value), body: JSON.parse(body) as string }
  return undefined
}
