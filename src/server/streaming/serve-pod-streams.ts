import type { Duplex } from 'node:stream'
import { Pods } from '../../api/kinds/core/pod.ts'
import { badRequest, methodNotAllowed, notFound, StatusError, unavailable } from '../../api/meta/status.ts'
import type { User } from '../../api/meta/user.ts'
import type { StreamRequest } from '../../api/node-stream.ts'
import type { Pod } from '../../api/types/core/pod.ts'
import type { Exchange } from '../http/exchange.ts'
import type { Upgrade } from '../http/listener.ts'
import type { StreamCall } from '../http/routes.ts'
import { acceptUpgrade } from '../http/upgrade.ts'
import { refusal } from '../registry/authorizer.ts'
import { bridgeCommand, commandOptions } from './command.ts'
import { SPDY_COMMAND_PROTOCOLS, spdyClient } from './command-spdy.ts'
import { COMMAND_PROTOCOLS, webSocketClient } from './command-websocket.ts'
import { chooseContainer } from './containers.ts'
import { logQuery } from './log-query.ts'
import type { PodStreamsOptions } from './pod-streams.ts'
import { forwardOverChannels, forwardOverSpdy, PORT_FORWARD_CHANNELS, PORT_FORWARD_SPDY, PORT_FORWARD_TUNNEL, portOf } from './port-forward.ts'
import { acceptWebSocket, chooseProtocol, isWebSocket } from './websocket.ts'

const SERVER: User = { name: 'system:apiserver', groups: ['system:masters'] }

/** `pods/log`. */
export async function serveLog(options: PodStreamsOptions, call: StreamCall, exchange: Exchange): Promise<void> {
  if (call.info.verb !== 'get' || call.info.rest !== undefined) throw methodNotAllowed(Pods)
  const pod = await podOf(options, call, 'get')
  const query = logQuery(pod.metadata.name, call.query)
  const container = chooseContainer(pod, call.query.get('container') || undefined)
  const node = nodeOf(pod)
  const request: StreamRequest = { path: `/containerLogs/${pod.metadata.namespace}/${pod.metadata.name}/${container}`, query, headers: {} }
  const stream = await options.links.open(node, request, exchange.signal)
  const out = exchange.open(200, { 'content-type': 'text/plain', 'cache-control': 'no-cache, private' })
  if (exchange.method === 'HEAD') {
    stream.destroy()
    out.end()
    return
  }
  await new Promise<void>(resolve => {
    stream.once('error', () => out.destroy())
    stream.once('close', resolve)
    out.once('close', () => stream.destroy())
    stream.once('end', () => stream.end())
    stream.pipe(out)
  })
}

/** `pods/exec` and `pods/attach`. */
export async function serveCommand(options: PodStreamsOptions, call: StreamCall, upgrade: Upgrade, exec: boolean): Promise<void> {
  const pod = await podOf(options, call, 'create')
  const { options: wanted, query } = commandOptions(call.query, exec)
  const container = chooseContainer(pod, call.query.get('container') || undefined)
  const path = `/${exec ? 'exec' : 'attach'}/${pod.metadata.namespace}/${pod.metadata.name}/${container}`
  const { headers } = upgrade.request
  const webSocket = isWebSocket(upgrade)
  const protocol = webSocket
    ? chooseProtocol(headers['sec-websocket-protocol'], COMMAND_PROTOCOLS)
    : chooseSpdyProtocol(upgrade, headers['x-stream-protocol-version'], SPDY_COMMAND_PROTOCOLS, 'channel.k8s.io')
  // The node is asked before the client is told yes: what it refuses is an ordinary answer.
  const node = await open(options, pod, { path, query, headers: {} }, upgrade)
  try {
    const client = webSocket
      ? webSocketClient(await acceptWebSocket(upgrade, protocol), protocol || 'channel.k8s.io')
      : await spdyClient(upgrade, protocol, wanted, options.clock)
    await bridgeCommand(client, node)
  } finally {
    node.destroy()
  }
}

/** `pods/portforward`. */
export async function servePorts(options: PodStreamsOptions, call: StreamCall, upgrade: Upgrade): Promise<void> {
  const pod = await podOf(options, call, 'create')
  nodeOf(pod)
  const { headers } = upgrade.request
  const to = (port: number, signal: AbortSignal): Promise<Duplex> =>
    options.links.open(
      nodeOf(pod),
      { path: `/portForward/${pod.metadata.namespace}/${pod.metadata.name}`, query: { port: [String(port)] }, headers: {} },
      signal,
    )
  if (!isWebSocket(upgrade)) {
    const protocol = chooseSpdyProtocol(upgrade, headers['x-stream-protocol-version'], [PORT_FORWARD_SPDY], PORT_FORWARD_SPDY)
    acceptUpgrade(upgrade, 'SPDY/3.1', { 'X-Stream-Protocol-Version': protocol })
    if (upgrade.head.length > 0) upgrade.socket.unshift(upgrade.head)
    return forwardOverSpdy(upgrade.socket, to)
  }
  const protocol = chooseProtocol(headers['sec-websocket-protocol'], [PORT_FORWARD_TUNNEL, PORT_FORWARD_CHANNELS])
  if (protocol === PORT_FORWARD_TUNNEL) {
    const { createWebSocketStream } = await import('ws')
    return forwardOverSpdy(createWebSocketStream(await acceptWebSocket(upgrade, protocol)), to)
  }
  const ports = call.query
    .getAll('ports')
    .flatMap(text => text.split(','))
    .map(portOf)
  if (ports.length === 0) throw badRequest('you must specify at least 1 port: ?ports=8080')
  return forwardOverChannels(await acceptWebSocket(upgrade, protocol), ports, to)
}

/** Opens a stream that ends with the client's connection. */
function open({ links }: PodStreamsOptions, pod: Pod, request: StreamRequest, { socket }: Upgrade): Promise<Duplex> {
  const gone = new AbortController()
  socket.once('close', () => gone.abort(unavailable('the client went away')))
  return links.open(nodeOf(pod), request, gone.signal)
}

function chooseSpdyProtocol({ request }: Upgrade, offered: string | readonly string[] | undefined, spoken: readonly string[], unsaid: string): string {
  if (request.headers.upgrade?.toLowerCase() !== 'spdy/3.1') throw badRequest('unable to upgrade: only websocket and SPDY/3.1 are spoken')
  const names = String(offered ?? '')
    .split(',')
    .map(name => name.trim())
    .filter(name => name !== '')
  if (names.length === 0) return unsaid
  const found = names.find(name => spoken.includes(name))
  if (found === undefined)
    throw new StatusError(
      'Forbidden',
      `unable to upgrade: unable to negotiate protocol: client supports [${names.join(' ')}], server accepts [${spoken.join(' ')}]`,
    )
  return found
}

/** The pod that a stream is about, if the user may use this subresource of it. */
export async function podOf({ handler, authorizer }: PodStreamsOptions, { info, served, user }: StreamCall, verb: string): Promise<Pod> {
  const { namespace, name, subresource } = info
  if (!served || namespace === undefined || name === undefined) throw notFound(Pods, name ?? '')
  const attributes = { user, verb, group: '', version: 'v1', resource: 'pods', subresource, namespace, name }
  const decision = await authorizer.authorize(attributes)
  if (!decision.allowed) throw refusal(attributes, decision.reason)
  return (await handler.handle({ verb: 'get', caller: { user: SERVER }, served, namespace, name })).body as Pod
}

export function nodeOf(pod: Pod): string {
  const { nodeName } = pod.spec
  if (!nodeName) throw badRequest(`pod ${pod.metadata.name} does not have a host assigned`)
  return nodeName
}
