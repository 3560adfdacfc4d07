import { STUCK_MS } from '../../base/node/draining.ts'

/** What one client, one identity or one connection may ask of the server. */
export interface Limits {
  /** Open connections; later ones are closed at once. */
  readonly connections: number
  /** Of those, from one address and without a request of anybody known so far. */
  readonly newcomersEach: number
  /** Of one identity. */
  readonly connectionsEach: number
  /** Open watches and streams of one identity. */
  readonly watchesEach: number
  /** Requests of one identity a second, and how many it may make at once after a rest. */
  readonly perSecond: number
  readonly burst: number
  /** The headers of a request must have come within this time, and its body. */
  readonly headersMs: number
  readonly bodyMs: number
  /** Whoever takes nothing of an answer for this long is cut off, or, over HTTP/2, loses the answer within twice the time. */
  readonly stuckMs: number
  /** A connection without a request is closed after this time; sooner when nobody known has asked over it. */
  readonly idleMs: number
  readonly newcomerMs: number
}

export const LIMITS: Limits = {
  connections: 20_000,
  newcomersEach: 1000,
  connectionsEach: 500,
  watchesEach: 2000,
  perSecond: 2000,
  burst: 10_000,
  headersMs: 20_000,
  bodyMs: 60_000,
  stuckMs: STUCK_MS,
  // A client that reuses connections keeps them at least 90 s (Go); ours are kept longer.
  idleMs: 180_000,
  newcomerMs: 30_000,
}
