import type { ClientRequest, RequestOptions } from 'node:http'
// Importing `node:http` evaluates all that it exports, one of them a getter that loads a whole HTTP client: 12 MB.
import { request } from 'node:https'
import type { Duplex } from 'node:stream'

/** One HTTP/1.1 request over a connection that the caller makes, with TLS or without; the default port of `Host` is 80. */
export const requestOver = (connect: () => Duplex, options: RequestOptions): ClientRequest =>
  request({ defaultPort: 80, ...options, agent: undefined, createConnection: connect })
