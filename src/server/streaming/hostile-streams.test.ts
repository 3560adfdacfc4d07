/** Streams whose client speaks WebSocket or SPDY as nobody should: each is ended, and none makes the server hold more and more. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import { after, before, test } from 'node:test'
import { connect, type TLSSocket } from 'node:tls'
import { constants, deflateSync } from 'node:zlib'
import { pour, times } from '../../../test/support/pour.ts'
import { Nodes } from '../../api/kinds/core/node.ts'
import { Pods } from '../../api/kinds/core/pod.ts'
import { SPDY_DICTIONARY } from '../../base/node/spdy-dictionary.ts'
import { controlFrame, dataHead, PING, SYN_STREAM } from '../../base/node/spdy-frames.ts'
import { startTestServer, type TestServer } from '../http/test-server.ts'

const EXEC = '/api/v1/namespaces/default/pods/p/exec?command=cat&stdin=true&stdout=true'
const FORWARD = '/api/v1/namespaces/default/pods/p/portforward'

let server: TestServer
before(async () => {
  server = await startTestServer()
  const api = server.registry.as({ user: { name: 'admin', groups: ['system:masters'] } })
  await api.create({ kind: Nodes }, { metadata: { name: 'n1' }, spec: {} })
  await api.create({ kind: Pods, namespace: 'default' }, { metadata: { name: 'p' }, spec: { nodeName: 'n1', containers: [{ name: 'c', image: 'i' }] } })
  server.links.addLocal('n1', (_, stream: Duplex) => {
    stream.write('{"code":200}\n')
    stream.resume()
  })
})
after(() => server.close())

/** An upgraded connection, after its 101. */
async function upgraded(path: string, headers: Readonly<Record<string, string>>): Promise<TLSSocket> {
  const { authority: ca, certificate: cert, key } = server.admin
  const socket = connect({ host: '127.0.0.1', port: Number(new URL(server.server).port), ca, cert, key })
  socket.on('error', () => {})
  await once(socket, 'secureConnect')
  const lines = Object.entries({ host: 'x', connection: 'Upgrade', ...headers }).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.write(`GET ${path} HTTP/1.1\r\n${lines.join('')}\r\n`)
  const [head] = (await once(socket, 'data')) as [Buffer]
  assert.match(head.toString('latin1'), /^HTTP\/1.1 101 /)
  return socket
}
const webSocket = (path: string, protocol: string) =>
  upgraded(path, {
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
    'sec-websocket-protocol': protocol,
  })
const spdy = (path: string, protocol: string) => upgraded(path, { upgrade: 'SPDY/3.1', 'x-stream-protocol-version': protocol })

/** Resolves when the server has ended the connection. */
async function ends(socket: TLSSocket, bytes: Buffer): Promise<void> {
  socket.resume()
  socket.write(bytes)
  await once(socket, 'close')
}

test('a WebSocket whose frames are none is ended', { timeout: 30_000 }, async t => {
  const frames: Readonly<Record<string, Buffer>> = {
    'longer than there is memory': Buffer.from([0x82, 0xff, 0x7f, 255, 255, 255, 255, 255, 255, 255, 1, 2, 3, 4]),
    'longer than is taken': Buffer.from([0x82, 0xff, 0, 0, 0, 0, 0x7f, 255, 255, 255, 1, 2, 3, 4]),
    'not masked': Buffer.from([0x82, 0x03, 0, 1, 2]),
    'with bits that mean nothing': Buffer.from([0xf2, 0x81, 1, 2, 3, 4, 0]),
    'of no known kind': Buffer.from([0x8f, 0x80, 1, 2, 3, 4]),
    'that go on with nothing': Buffer.from([0x80, 0x81, 1, 2, 3, 4, 0]),
    'a ping in pieces': Buffer.from([0x09, 0x80, 1, 2, 3, 4]),
  }
  for (const [name, bytes] of Object.entries(frames)) {
    t.diagnostic(name)
    await ends(await webSocket(EXEC, 'v5.channel.k8s.io'), bytes)
    await ends(await webSocket(FORWARD, 'SPDY/3.1+portforward.k8s.io'), bytes)
  }
})

test('pings over a WebSocket whose answers nobody reads are not all answered', { timeout: 30_000 }, async () => {
  const socket = await webSocket(EXEC, 'v5.channel.k8s.io')
  socket.pause()
  const ping = Buffer.concat([Buffer.from([0x89, 0xfd, 1, 2, 3, 4]), Buffer.alloc(125)])
  assert.equal(
    await pour(
      socket,
      times(400_000, () => ping, 1_000),
    ),
    'taken',
  )
  socket.write(Buffer.from([0x88, 0x80, 1, 2, 3, 4]))
  let answered = 0
  socket.on('data', chunk => (answered += chunk.length))
  socket.resume()
  await once(socket, 'close')
  assert.ok(answered > 0 && answered < 25_000_000, `${answered} bytes of 50 million`)
})

test('SPDY that is none is ended', { timeout: 30_000 }, async t => {
  const packed = (text: Buffer) => deflateSync(text, { dictionary: SPDY_DICTIONARY, finishFlush: constants.Z_SYNC_FLUSH })
  const stream = (block: Buffer) => controlFrame(SYN_STREAM, 0, Buffer.concat([Buffer.from([0, 0, 0, 1, 0, 0, 0, 0, 0, 0]), block]))
  const frames: Readonly<Record<string, Buffer>> = {
    'headers that unfold': stream(packed(Buffer.alloc(50_000_000))),
    'headers that are not packed': stream(Buffer.from('no, not at all')),
    'more headers than there are': stream(packed(Buffer.from([0x7f, 255, 255, 255]))),
    'a frame longer than is taken': dataHead(1, 0, 0xffffff),
  }
  for (const [name, bytes] of Object.entries(frames)) {
    t.diagnostic(name)
    await ends(await spdy(EXEC, 'v4.channel.k8s.io'), bytes)
    await ends(await spdy(FORWARD, 'portforward.k8s.io'), bytes)
  }
})

test('whoever does not read the answers to SPDY pings is not read from either', { timeout: 30_000 }, async () => {
  const socket = await spdy(FORWARD, 'portforward.k8s.io')
  socket.pause()
  const ping = controlFrame(PING, 0, Buffer.from([0, 0, 0, 1]))
  assert.equal(
    await pour(
      socket,
      times(3_000_000, () => ping, 20_000),
    ),
    'held back',
  )
  socket.destroy()
})
