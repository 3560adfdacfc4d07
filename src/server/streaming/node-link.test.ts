import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type IncomingHttpHeaders } from 'node:http2'
import { request } from 'node:https'
import type { Duplex } from 'node:stream'
import { after, before, test } from 'node:test'
import { Nodes } from '../../api/kinds/core/node.ts'
import { Pods } from '../../api/kinds/core/pod.ts'
import type { StreamRequest } from '../../api/node-stream.ts'
import { systemClock } from '../../base/clock.ts'
import { silentLog } from '../../base/log.ts'
import { HttpApi } from '../../client/http/rest.ts'
import type { Connection } from '../../client/node/kubeconfig.ts'
import { runNodeLink } from '../../client/node/link.ts'
import { liveConnection } from '../../client/node/live-connection.ts'
import { startTestServer, type TestServer } from '../http/test-server.ts'
import { nodeRequest } from '../tls/requests.ts'

let server: TestServer
let api: HttpApi
before(async () => {
  server = await startTestServer()
  api = new HttpApi(server.admin)
  for (const name of ['n1', 'n2']) await api.create({ kind: Nodes }, { metadata: { name }, spec: {} })
})
after(async () => {
  api.close()
  await server.close()
})

const podOn = async (name: string, nodeName: string, containers = ['c']) =>
  api.create({ kind: Pods, namespace: 'default' }, { metadata: { name }, spec: { nodeName, containers: containers.map(c => ({ name: c, image: 'i' })) } })

/** An agent's end of the link; resolves when the server knows it. */
async function agent(node: string, onStream: (request: StreamRequest, stream: Duplex) => void, known?: Connection) {
  const connection = known ?? (await connectionOf(node))
  const stop = new AbortController()
  const before = server.links.connected
  const done = runNodeLink({ connection, node, clock: systemClock, log: silentLog, signal: stop.signal, random: () => 0, onStream })
  while (server.links.connected === before) await new Promise(setImmediate)
  return async () => {
    stop.abort()
    await done
  }
}

async function connectionOf(node: string) {
  const { certificate, key } = await server.authority.issue(nodeRequest(node))
  return { ...server.admin, certificate, key }
}

/** The answer of a node that says its name. */
const saying = (node: string) => (_request: StreamRequest, stream: Duplex) => stream.end(`${JSON.stringify({ code: 200 })}\n${node}\n`)

const logs = (path: string): Promise<string> => text(`/api/v1/namespaces/default/pods/${path}`)

async function text(path: string): Promise<string> {
  const body = await api.stream(path, new AbortController().signal)
  let text = ''
  for await (const chunk of body) text += String(chunk)
  return text
}

test('logs come from the node of the pod, with the options that were asked for', async () => {
  const seen: StreamRequest[] = []
  const stop = await agent('n1', (request, stream) => {
    seen.push(request)
    stream.end(`${JSON.stringify({ code: 200 })}\nline 1\nline 2\n`)
  })
  await podOn('p', 'n1')
  assert.equal(await logs('p/log?tailLines=5&follow=True&timestamps=false&pretty=false'), 'line 1\nline 2\n')
  assert.deepEqual(seen, [{ path: '/containerLogs/default/p/c', query: { tailLines: ['5'], follow: ['true'] }, headers: {} }])
  await stop()
})

test('a link moves to a new connection when the certificate of its node is another', async () => {
  const connection = liveConnection(await connectionOf('n1'))
  const stop = await agent('n1', saying('n1'), connection)
  const connections = async () => /^apiserver_connections (\d+)$/m.exec(await text('/metrics'))?.[1]
  await podOn('session', 'n1')
  assert.equal(await logs('session/log'), 'n1\n')
  const open = await connections()
  const { certificate, key } = await connectionOf('n1')
  connection.replace(certificate, key)
  while (server.links.connected > 0) await new Promise(setImmediate)
  while (server.links.connected === 0) await new Promise(setImmediate)
  assert.equal(await logs('session/log'), 'n1\n')
  while ((await connections()) !== open) await new Promise(setImmediate)
  await stop()
})

/** The link of an agent of 0.1: a stream of an HTTP/2 session. */
async function sessionLink(node: string, as: string) {
  const { certificate, key } = await connectionOf(as)
  const session = connect(server.server, { ca: server.admin.authority, cert: certificate, key })
  const stream = session.request({ ':method': 'POST', ':path': `/apis/everynode.dev/v1/nodes/${node}/link` }, { endStream: false })
  const [headers] = (await once(stream, 'response')) as [IncomingHttpHeaders & { readonly ':status': number }]
  return { session, stream, headers }
}

test('the link of an agent of 0.1 is a stream of its session, and takes the same', async () => {
  const { session, stream, headers } = await sessionLink('n1', 'n1')
  assert.deepEqual([headers[':status'], headers['everynode-takes-writes'], headers['everynode-takes-watches']], [200, '1', '1'])
  stream.write('watch 1 /api/v1/pods?watch=true&fieldSelector=spec.nodeName%3Dn3\n{"id":7,"writes":[]}\n')
  let heard = ''
  stream.on('data', (chunk: Buffer) => (heard += String(chunk)))
  while (heard === '') await new Promise(setImmediate)
  assert.equal(heard, '{"id":7,"answers":[]}\n')
  await podOn('other', 'n3')
  while (!/events 1 \d+\n.*"ADDED"/s.test(heard)) await new Promise(setImmediate)
  session.destroy()
  while (server.links.connected > 0) await new Promise(setImmediate)
})

test('nobody but the node itself may be its link over a session either', async () => {
  const { session, headers } = await sessionLink('n1', 'n2')
  assert.equal(headers[':status'], 403)
  assert.equal(server.links.connected, 0)
  session.destroy()
})

test('what the node says against a stream is what the client gets', async () => {
  const status = {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    reason: 'BadRequest',
    message: 'container "c" in pod "q" is waiting to start: ContainerCreating',
    code: 400,
  }
  const stop = await agent('n1', (_request, stream) => stream.end(`${JSON.stringify({ code: 400, status })}\n`))
  await podOn('q', 'n1')
  await assert.rejects(logs('q/log'), { code: 400, message: status.message })
  await stop()
})

test('a log request is refused for reasons that need no node', async () => {
  await podOn('two', 'n1', ['a', 'b'])
  const refused = async (path: string) =>
    logs(path).then(
      () => 'accepted',
      error => `${error.code} ${error.message}`,
    )
  assert.deepEqual(
    {
      which: await refused('two/log'),
      wrong: await refused('two/log?container=z'),
      missing: await refused('nope/log'),
      tail: await refused('two/log?container=a&tailLines=-1'),
      number: await refused('two/log?container=a&tailLines=x'),
      since: await refused('two/log?container=a&sinceSeconds=1&sinceTime=2026-01-01T00:00:00Z'),
    },
    {
      which: '400 a container name must be specified for pod two, choose one of: [a b]',
      wrong: '400 container z is not valid for pod two',
      missing: '404 pods "nope" not found',
      tail: '422 PodLogOptions "two" is invalid: tailLines: Invalid value: -1: must be greater than or equal to 0',
      number: '400 the query parameter tailLines must be a whole number, not "x"',
      since: '422 PodLogOptions "two" is invalid: sinceTime: Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified',
    },
  )
})

test('a node that is not connected is named, with the time since when', async () => {
  await podOn('far', 'n2')
  await assert.rejects(logs('far/log'), { code: 503, message: 'node n2 has not connected to this server' })
  const stop = await agent('n2', (_request, stream) => stream.destroy())
  await assert.rejects(logs('far/log'), { code: 503 })
  await stop()
  while (server.links.connected > 0) await new Promise(setImmediate)
  await assert.rejects(logs('far/log'), { code: 503, message: /^node n2 is not connected since \d{4}-\d\d-\d\dT[\d:.]+Z$/ })
})

test('a stream ends on the node when its client goes away', async () => {
  const closed = Promise.withResolvers<void>()
  const stop = await agent('n1', (_request, stream) => {
    stream.write(`${JSON.stringify({ code: 200 })}\nfirst\n`)
    stream.once('close', () => closed.resolve())
    stream.resume()
  })
  await podOn('follow', 'n1')
  const gone = new AbortController()
  const body = await api.stream('/api/v1/namespaces/default/pods/follow/log?follow=true', gone.signal)
  body.once('error', () => {})
  await new Promise(resolve => body.once('data', resolve))
  gone.abort()
  await closed.promise
  await stop()
})

test('agents of the same process are called directly', async () => {
  const remove = server.links.addLocal('n2', (request, stream) => stream.end(`${JSON.stringify({ code: 200 })}\n${request.path}\n`))
  await podOn('near', 'n2')
  assert.equal(await logs('near/log'), '/containerLogs/default/near/c\n')
  remove()
})

/** The code that an upgrade is answered with. */
async function dialAs(node: string, path: string): Promise<number> {
  const { certificate, key } = await server.authority.issue(nodeRequest(node))
  const headers = { connection: 'Upgrade', upgrade: 'everynode-link' }
  const dialled = request(`${server.server}${path}`, { ca: server.admin.authority, cert: certificate, key, headers, agent: false })
  return new Promise((resolve, reject) => {
    dialled.once('response', response => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
    dialled.once('upgrade', (_response, socket) => {
      socket.destroy()
      resolve(101)
    })
    dialled.once('error', reject)
    dialled.end()
  })
}

test('nobody but the node itself may be its link, and a stream id that was not given out opens nothing', async () => {
  const nodes = '/apis/everynode.dev/v1/nodes'
  assert.deepEqual(
    [
      await dialAs('n2', `${nodes}/n1/link`),
      await dialAs('n2', `${nodes}/n1/streams/00`),
      await dialAs('n1', `${nodes}/n1/streams/00`),
      await dialAs('n1', '/api/v1/pods'),
    ],
    [403, 403, 404, 400],
  )
})
