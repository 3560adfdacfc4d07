import type { IncomingHttpHeaders } from 'node:http'
import type { Duplex, Writable } from 'node:stream'
import type { Ending } from './closing.ts'
import type { Outlet } from './outlet.ts'

/** Who is at the other end of a connection, as far as TLS knows. */
export interface Peer {
  readonly address: string
  /** Names the connection among those that are open. */
  readonly connection: string
  /** The client certificate, if the client showed one. */
  readonly certificate?: PeerCertificate
}
export interface PeerCertificate {
  /** Signed by the client authority and within its time when the connection began. */
  readonly trusted: boolean
  readonly commonName: string
  readonly organizations: readonly string[]
  /** Milliseconds since 1970. */
  readonly notAfter: number
}

export type ResponseHeaders = Readonly<Record<string, string | readonly string[]>>

/** One request and its answer, over HTTP/1.1, HTTP/2 or a link alike. Exactly one of `send` and those that open is called, once. */
export interface Exchange {
  readonly method: string
  /** Path and query as they were sent. */
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly peer: Peer
  /** Nothing else can be answered here: watches, or requests for one object. */
  readonly only?: 'watches' | 'objects'
  /** Names the request in the audit log and, as header `Audit-Id`, in its answer. */
  readonly auditId: string
  /** Aborts when the client goes away before the answer is complete. */
  readonly signal: AbortSignal
  /** Whether the signal has, or would have, aborted. */
  readonly aborted: boolean
  /** Ends it when the signal would abort, at once if it already has: less to hold than a signal. For one caller. */
  endWhenGone(one: Ending): void
  /** The whole body; rejects with 413 beyond `limit` bytes, reading no further, and with 408 when it takes longer than the server allows. */
  readBody(limit: number): Promise<Buffer>
  send(code: number, headers: ResponseHeaders, body: Uint8Array | string): void
  /** Sends the headers at once; the body is what is written to the stream. */
  open(code: number, headers: ResponseHeaders): Writable
  /** As `open`, for what is written from time to time. */
  openOutlet(code: number, headers: ResponseHeaders): Outlet
  /** As `open`, and what the client sends goes on to be read; undefined, with nothing sent, over HTTP/1.1, where that takes an upgrade. */
  openBothWays(code: number, headers: ResponseHeaders): Duplex | undefined
  /** The status code sent, 0 before. */
  readonly code: number
}
