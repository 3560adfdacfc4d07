/** The bytes of an answer as they come. */
export interface WatchBody extends AsyncIterable<Buffer> {
  /** No more of it is wanted. */
  destroy(): void
}

export interface AskedElsewhere {
  readonly method: string
  /** Path and query. */
  readonly path: string
  /** The media type of the body. */
  readonly type: string
  readonly body?: string | undefined
  readonly signal?: AbortSignal | undefined
}

export interface AnsweredElsewhere {
  readonly code: number
  readonly text: string
}

/** A way that watches and requests for one object go instead of being HTTP requests of their own. */
export interface Elsewhere {
  /** The body of the answer to a GET, however long the server is away; undefined: there is no such way now. The body throws what the watch is refused with. */
  open(path: string, signal: AbortSignal): Promise<WatchBody | undefined>
  /** The answer to a request; undefined: there is no such way now. Rejects with a 503 when the way is lost meanwhile. */
  ask(asked: AskedElsewhere): Promise<AnsweredElsewhere> | undefined
}
