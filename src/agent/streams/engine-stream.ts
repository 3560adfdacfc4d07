import { connect } from 'node:net'
import { requestOver } from '../../base/node/request-over.ts'
import { SpdyConnection } from '../../base/node/spdy.ts'

/** Opens a one-time URL of the engine's streaming server as SPDY. Rejects with what the engine says when it refuses. */
export function openEngineStream(url: string, protocol: string, signal: AbortSignal): Promise<SpdyConnection> {
  return new Promise((resolve, reject) => {
    const { hostname, host, port, pathname, search } = new URL(url)
    const call = requestOver(() => connect(Number(port) || 80, hostname.replace(/^\[|\]$/g, '')), {
      method: 'POST',
      path: pathname + search,
      signal,
      headers: { Host: host, Connection: 'Upgrade', Upgrade: 'SPDY/3.1', 'X-Stream-Protocol-Version': protocol, 'Content-Length': '0' },
    })
    call.once('upgrade', (_response, socket, head) => {
      socket.setNoDelay?.(true)
      if (head.length > 0) socket.unshift(head)
      resolve(new SpdyConnection(socket, { client: true }))
    })
    call.once('response', response => {
      response.resume()
      reject(new Error(`the engine refused the stream with status ${response.statusCode}`))
    })
    call.once('error', reject)
    call.end()
  })
}
