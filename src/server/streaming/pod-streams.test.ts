import assert from 'node:assert/strict'
import { request } from 'node:https'
import { Duplex } from 'node:stream'
import { after, before, test } from 'node:test'
import { connect } from 'node:tls'
import { type RawData, WebSocket } from 'ws'
import { Nodes } from '../../api/kinds/core/node.ts'
import { Pods } from '../../api/kinds/core/pod.ts'
import type { StreamRequest } from '../../api/node-stream.ts'
import { CLOSED, frame, RESIZE, readFrames, STATUS, STDERR, STDIN, STDOUT } from '../../base/node/channel-frames.ts'
import { SpdyConnection, type SpdyStream } from '../../base/node/spdy.ts'
import { startTestServer, type TestServer } from '../http/test-server.ts'

const FAILED = { metadata: {}, status: 'Failure', reason: 'NonZeroExitCode', message: 'exit 3', details: { causes: [{ reason: 'ExitCode', message: '3' }] } }
const EXEC = '/api/v1/namespaces/default/pods/p/exec?command=cat&stdin=true&stdout=true&stderr=true'
const FORWARD = '/api/v1/namespaces/default/pods/p/portforward'

let server: TestServer
const asked: StreamRequest[] = []

/** A node whose commands repeat on stdout what they read, tell sizes on stderr, and end with 3 when their input ends. */
async function serve(asking: StreamRequest, stream: Duplex): Promise<void> {
  asked.push(asking)
  if (asking.path.startsWith('/portForward/')) {
    if (asking.query['port']?.[0] === '1')
      return void stream.end(`${JSON.stringify({ code: 500, status: { status: 'Failure', message: 'connection refused', code: 500 } })}\n`)
    stream.write('{"code":200}\n')
    stream.pipe(stream)
    return
  }
  if (asking.query['command']?.[0] === 'missing')
    return void stream.end(
      `${JSON.stringify({ code: 404, status: { kind: 'Status', status: 'Failure', reason: 'NotFound', message: 'no such file', code: 404 } })}\n`,
    )
  stream.write('{"code":200}\n')
  for await (const { channel, payload } of readFrames(stream)) {
    if (channel === STDIN) stream.write(frame(STDOUT, payload))
    if (channel === RESIZE) stream.write(frame(STDERR, payload))
    if (channel === CLOSED || String(payload) === 'end') break
  }
  stream.end(frame(STATUS, JSON.stringify(FAILED)))
}

before(async () => {
  server = await startTestServer()
  const api = server.registry.as({ user: { name: 'admin', groups: ['system:masters'] } })
  await api.create({ kind: Nodes }, { metadata: { name: 'n1' }, spec: {} })
  await api.create({ kind: Pods, namespace: 'default' }, { metadata: { name: 'p' }, spec: { nodeName: 'n1', containers: [{ name: 'c', image: 'i' }] } })
  server.links.addLocal('n1', (asking, stream) => void serve(asking, stream).catch(() => {}))
})
after(() => server.close())

const tls = () => ({ ca: server.admin.authority, cert: server.admin.certificate, key: server.admin.key })
const bytesOf = (data: RawData): Buffer => (Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data as Buffer))

/** A WebSocket that is open, what it has received, and its end. */
async function webSocket(path: string, protocol: string) {
  const socket = new WebSocket(`${server.server.replace('https', 'wss')}${path}`, [protocol], tls())
  const got: Buffer[] = []
  socket.on('message', data => got.push(bytesOf(data)))
  const closed = new Promise<number>(resolve => socket.once('close', code => resolve(code)))
  await new Promise<void>((resolve, reject) => {
    socket.once('open', () => resolve())
    socket.once('error', reject)
  })
  return { socket, got, closed }
}

/** An upgraded SPDY connection. */
async function spdy(path: string, protocol: string): Promise<SpdyConnection> {
  const socket = connect({ host: '127.0.0.1', port: Number(new URL(server.server).port), ...tls() })
  const headers = { connection: 'Upgrade', upgrade: 'SPDY/3.1', 'x-stream-protocol-version': `v9.channel.k8s.io, ${protocol}` }
  const dialled = request(`${server.server}${path}`, { method: 'POST', headers, createConnection: () => socket })
  return new Promise((resolve, reject) => {
    dialled.once('error', reject)
    dialled.once('response', response => reject(new Error(`refused with ${response.statusCode}`)))
    dialled.once('upgrade', (response, upgraded, head) => {
      assert.equal(response.headers['x-stream-protocol-version'], protocol)
      if (head.length > 0) upgraded.unshift(head)
      resolve(new SpdyConnection(upgraded, { client: true }))
    })
    dialled.end()
  })
}

/** The bytes within the messages of a WebSocket with a protocol whose name the library's client cannot offer. */
async function tunnel(path: string, protocol: string): Promise<Duplex> {
  const socket = connect({ host: '127.0.0.1', port: Number(new URL(server.server).port), ...tls() })
  const headers = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
    'sec-websocket-protocol': protocol,
  }
  const dialled = request(`${server.server}${path}`, { headers, createConnection: () => socket })
  const upgraded = await new Promise<Duplex>((resolve, reject) => {
    dialled.once('response', response => reject(new Error(`refused with ${response.statusCode}`)))
    dialled.once('upgrade', (response, stream) => {
      assert.equal(response.headers['sec-websocket-protocol'], protocol)
      resolve(stream)
    })
    dialled.end()
  })
  const inner = new Duplex({
    read() {},
    write(chunk: Buffer, _encoding, done) {
      // One binary message, masked with zeros.
      const head = Buffer.from([0x82, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])
      head.writeUInt32BE(chunk.length, 6)
      upgraded.write(Buffer.concat([head, chunk]), done)
    },
    destroy(_error, done) {
      upgraded.destroy()
      done(null)
    },
  })
  let held: Buffer = Buffer.alloc(0)
  upgraded.on('data', (chunk: Buffer) => {
    held = Buffer.concat([held, chunk])
    for (;;) {
      const short = held.length > 1 ? held[1]! & 0x7f : 0
      const start = short === 127 ? 10 : short === 126 ? 4 : 2
      if (held.length < start) return
      const length = short === 127 ? held.readUInt32BE(6) : short === 126 ? held.readUInt16BE(2) : short
      if (held.length < start + length) return
      if ((held[0]! & 15) !== 8) inner.push(held.subarray(start, start + length))
      held = held.subarray(start + length)
    }
  })
  upgraded.once('close', () => inner.push(null))
  return inner
}
const all = async (stream: SpdyStream): Promise<string> => {
  let text = ''
  for await (const chunk of stream) text += String(chunk)
  return text
}

for (const protocol of ['v5.channel.k8s.io', 'v4.channel.k8s.io']) {
  test(`a command over ${protocol}: output, resizing, the end of input, then one Status`, async () => {
    const { socket, got, closed } = await webSocket(EXEC, protocol)
    assert.equal(socket.protocol, protocol)
    socket.send(Buffer.from([STDIN, ...Buffer.from('hello')]))
    socket.send(Buffer.from([RESIZE, ...Buffer.from('{"Width":1}')]))
    socket.send(protocol.startsWith('v5') ? Buffer.from([CLOSED, STDIN]) : Buffer.from([STDIN, ...Buffer.from('end')]))
    assert.equal(await closed, 1000)
    const text = got.map(one => `${one[0]} ${one.subarray(1)}`).filter(one => one !== '1 end')
    assert.deepEqual(text, ['1 hello', '2 {"Width":1}', `3 ${JSON.stringify(FAILED)}`])
    assert.deepEqual(asked.at(-1), {
      path: '/exec/default/p/c',
      query: { stdin: ['true'], stdout: ['true'], stderr: ['true'], command: ['cat'] },
      headers: {},
    })
  })
}

test('base64 channels carry text', async () => {
  const { socket, got, closed } = await webSocket(EXEC, 'base64.channel.k8s.io')
  socket.send(`0${Buffer.from('end').toString('base64')}`)
  await closed
  assert.deepEqual(got.map(String), [`1${Buffer.from('end').toString('base64')}`, `3${Buffer.from('exit 3').toString('base64')}`])
})

test('a command over SPDY starts when all its streams are there and ends with a Status on the error stream', async () => {
  const connection = await spdy(EXEC, 'v4.channel.k8s.io')
  const [error, stdin, stdout, stderr] = await Promise.all(['error', 'stdin', 'stdout', 'stderr'].map(streamtype => connection.open({ streamtype })))
  stdin!.end('hello'.repeat(50_000))
  assert.equal(await all(stdout!), 'hello'.repeat(50_000))
  assert.equal(await all(stderr!), '')
  assert.equal(await all(error!), JSON.stringify(FAILED))
  connection.end()
  await connection.closed
})

test('what the node refuses, and what no command can be, is answered before the upgrade', async () => {
  const refused = (path: string, protocol = 'v5.channel.k8s.io') =>
    webSocket(path, protocol).then(
      () => 'accepted',
      error => (error as Error).message.replace('Unexpected server response: ', ''),
    )
  assert.deepEqual(
    {
      missing: await refused(EXEC.replace('cat', 'missing')),
      nothing: await refused('/api/v1/namespaces/default/pods/p/exec?stdout=true'),
      noStream: await refused('/api/v1/namespaces/default/pods/p/exec?command=x'),
      ttyAndStderr: await refused(`${EXEC}&tty=1`),
      container: await refused(`${EXEC}&container=z`),
      pod: await refused(EXEC.replace('/p/', '/nope/')),
      protocol: await refused(EXEC, 'v9.channel.k8s.io'),
      elsewhere: await refused('/api/v1/namespaces/default/pods/p/log'),
      ports: await refused(FORWARD, 'v4.channel.k8s.io'),
      port: await refused(`${FORWARD}?ports=0`, 'v4.channel.k8s.io'),
    },
    {
      missing: '404',
      nothing: '400',
      noStream: '400',
      ttyAndStderr: '400',
      container: '400',
      pod: '404',
      protocol: '400',
      elsewhere: '400',
      ports: '400',
      port: '400',
    },
  )
})

/** Forwards one connection over SPDY: what comes back for what is sent, or the error. */
async function forwarded(connection: SpdyConnection, id: string, port: string, text: string): Promise<string> {
  const pair = { port, requestid: id }
  const error = await connection.open({ streamtype: 'error', ...pair })
  error.end()
  const data = await connection.open({ streamtype: 'data', ...pair })
  data.end(text)
  const [back, failure] = await Promise.all([all(data), all(error)])
  return failure || back
}

test('ports are forwarded over SPDY, alone and within WebSocket messages, and an error says why', async () => {
  const plain = await spdy(FORWARD, 'portforward.k8s.io')
  const tunnelled = new SpdyConnection(await tunnel(FORWARD, 'SPDY/3.1+portforward.k8s.io'), { client: true })
  const large = 'x'.repeat(200_000)
  for (const connection of [plain, tunnelled]) {
    assert.deepEqual(
      await Promise.all([
        forwarded(connection, '0', '8080', 'one'),
        forwarded(connection, '1', '8080', large),
        forwarded(connection, '2', '1', 'x'),
        forwarded(connection, '3', 'x', ''),
      ]),
      ['one', large, 'connection refused', '"x" is no port: it must be between 1 and 65535'],
    )
  }
  plain.close()
  tunnelled.close()
})

test('ports are forwarded over numbered channels that begin with the port', async () => {
  const { socket, got, closed } = await webSocket(`${FORWARD}?ports=8080&ports=1`, 'v4.channel.k8s.io')
  const heard = new Promise<void>(resolve => socket.on('message', () => got.length >= 6 && resolve()))
  socket.send(Buffer.from([0, ...Buffer.from('hello')]))
  await heard
  assert.deepEqual(got.map(one => (one.length === 3 ? `${one[0]} port ${one.readUInt16LE(1)}` : `${one[0]} ${one.subarray(1)}`)).sort(), [
    '0 hello',
    '0 port 8080',
    '1 port 8080',
    '2 port 1',
    '3 connection refused',
    '3 port 1',
  ])
  socket.close()
  await closed
})
