import type { Status } from './types/meta.ts'

/**
 * What travels on one stream between server and node, before the raw bytes: the server sends a `StreamRequest` as one
 * line of JSON, the node answers with a `StreamHead` as one line of JSON, then both directions are plain bytes.
 */
export interface StreamRequest {
  /** `/containerLogs/NAMESPACE/POD/CONTAINER`, `/exec/…`, `/attach/…`, `/portForward/…`, `/stats/summary`. */
  readonly path: string
  readonly query: Readonly<Record<string, readonly string[]>>
  readonly headers: Readonly<Record<string, string>>
}

/** Accepted when `code` is below 300; otherwise `status` says why not and the stream ends. */
export interface StreamHead {
  readonly code: number
  readonly status?: Status
}
