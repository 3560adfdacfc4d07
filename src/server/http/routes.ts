import type { User } from '../../api/meta/user.ts'
import type { Served } from '../registry/request.ts'
import type { Closing } from './closing.ts'
import type { Exchange } from './exchange.ts'
import type { Upgrade } from './listener.ts'
import type { ResourceRequest } from './request-info.ts'

/** A request that is not for objects: discovery, health, metrics, … */
export interface PathCall {
  readonly exchange: Exchange
  readonly user: User
  /** The path cut at its slashes, decoded. */
  readonly segments: readonly string[]
  readonly query: URLSearchParams
}
export interface PathRoute {
  /** Who has no name may ask too. */
  readonly anonymous?: boolean
  /** `GET` and `HEAD` when absent. */
  readonly methods?: readonly string[]
  readonly serve: (call: PathCall) => void | Promise<void>
}

/** What a caller is known by, of a request or an upgrade. */
export type AskedBy = Pick<Exchange, 'headers' | 'peer' | 'auditId'>

/** A subresource that streams (logs, exec, …): takes the exchange or the upgraded socket whole. */
export interface StreamCall {
  readonly info: ResourceRequest
  readonly served: Served | undefined
  readonly user: User
  readonly query: URLSearchParams
  readonly closing: Closing
  /** Answers a line with a batch of writes of whoever opened the stream; throws when it is none, or they are not known any more. */
  readonly write: (line: Buffer) => Promise<string>
  /** Serves a request that came over the stream as one of whoever opened it, who is looked at again. */
  readonly ask: (request: (by: AskedBy) => Exchange) => void
}
export interface StreamRoute {
  readonly serve?: (call: StreamCall, exchange: Exchange) => Promise<void>
  readonly upgrade?: (call: StreamCall, upgrade: Upgrade) => Promise<void>
}
