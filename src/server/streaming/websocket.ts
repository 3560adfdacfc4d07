import type { IncomingMessage } from 'node:http'
import type { WebSocket, WebSocketServer } from 'ws'
import { badRequest } from '../../api/meta/status.ts'
import type { Upgrade } from '../http/listener.ts'

const MAX_MESSAGE = 1024 * 1024
/** Who has so much to read before it gets no answers to pings. */
const MOST_UNREAD = 4 * MAX_MESSAGE

let sockets: Promise<WebSocketServer> | undefined
const load = (): Promise<WebSocketServer> => {
  sockets ??= import('ws').then(({ WebSocketServer }) => {
    const server = new WebSocketServer({ noServer: true, clientTracking: false, perMessageDeflate: false, autoPong: false, maxPayload: MAX_MESSAGE })
    server.on('headers', (headers, request) => {
      const { protocol = '', auditId = '' } = chosen.get(request) ?? {}
      headers.push(`Audit-Id: ${auditId}`)
      if (protocol) headers.push(`Sec-WebSocket-Protocol: ${protocol}`)
    })
    return server
  })
  return sockets
}
const chosen = new WeakMap<IncomingMessage, { readonly protocol: string; readonly auditId: string }>()

export const isWebSocket = ({ request }: Upgrade): boolean => request.headers.upgrade?.toLowerCase() === 'websocket'

/** The first protocol of the client's list that is spoken here; '' when the client names none. */
export function chooseProtocol(offered: string | undefined, spoken: readonly string[]): string {
  const names = (offered ?? '')
    .split(',')
    .map(name => name.trim())
    // A token may be carried here by browsers; it is no protocol.
    .filter(name => name !== '' && !name.startsWith('base64url.bearer.authorization.k8s.io.'))
  if (names.length === 0) return ''
  const found = names.find(name => spoken.includes(name))
  if (found === undefined) throw badRequest(`none of the protocols ${names.join(', ')} is spoken here; spoken are ${spoken.join(', ')}`)
  return found
}

/** Takes the upgrade as a WebSocket with this protocol. It is paused until its reader has its listeners in place. */
export async function acceptWebSocket({ request, socket, head, auditId }: Upgrade, protocol: string): Promise<WebSocket> {
  chosen.set(request, { protocol, auditId })
  // Names such as `SPDY/3.1+…` are no tokens, so the library must not see what was offered.
  delete request.headers['sec-websocket-protocol']
  const server = await load()
  return new Promise(resolve => {
    server.handleUpgrade(request, socket, head, webSocket => {
      webSocket.on('error', () => webSocket.terminate())
      webSocket.on('ping', data => {
        if (webSocket.bufferedAmount < MOST_UNREAD) webSocket.pong(data)
      })
      webSocket.pause()
      resolve(webSocket)
    })
  })
}
