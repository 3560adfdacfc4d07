import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect as connectHttp2, constants } from 'node:http2'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls'
import { HttpApi } from '../../client/http/rest.ts'
import { startTestServer, type TestServer } from './test-server.ts'

let server: TestServer
let port: number
const limits = {
  connectionsEach: 2,
  newcomersEach: 8,
  watchesEach: 2,
  perSecond: 1,
  burst: 20,
  headersMs: 200,
  bodyMs: 300,
  stuckMs: 300,
  idleMs: 400,
  newcomerMs: 200,
}
before(async () => {
  server = await startTestServer({ limits })
  port = Number(new URL(server.server).port)
})
after(() => server.close())

const GOOD = { authorization: 'Bearer good' }
const MAPS = '/api/v1/namespaces/default/configmaps'

function tls(alpn: string, session?: Buffer): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, ca: server.admin.authority, ALPNProtocols: [alpn], ...(session && { session }) }
    const socket = connectTls(options, () => resolve(socket))
    socket.once('error', reject)
  })
}
/** What comes until the server ends the connection. */
async function untilEnd(socket: TLSSocket): Promise<string> {
  let text = ''
  socket.on('error', () => {})
  socket.on('data', chunk => (text += String(chunk)))
  await new Promise(resolve => socket.once('close', resolve))
  return text.split('\r\n', 1)[0]!
}
async function asBob(run: (api: HttpApi) => Promise<void>): Promise<void> {
  const api = new HttpApi({ server: server.server, authority: server.admin.authority, namespace: 'default', token: () => 'good' })
  try {
    await run(api)
  } finally {
    api.close()
  }
}
const ask = async (api: HttpApi, path: string): Promise<string> => {
  const { code, headers, body } = await api.transport.request({ method: 'GET', path, headers: {} })
  body.on('error', () => {}).resume()
  return `${code} ${headers['retry-after'] ?? ''}`.trim()
}

test('connections that say nothing, or too slowly, are ended', async () => {
  const silent = await tls('http/1.1')
  const half = await tls('http/1.1')
  half.write('GET /version HTTP/1.1\r\nHost: x\r\nX-Slow: ')
  const body = await tls('http/1.1')
  body.write(`POST ${MAPS} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer good\r\nContent-Length: 10\r\n\r\n{`)
  const http2 = await tls('h2')
  const nothing = await tls('h2')
  http2.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
  const [, , slowBody, ...rest] = await Promise.all([silent, half, body, http2, nothing].map(untilEnd))
  assert.equal(slowBody, 'HTTP/1.1 408 Request Timeout')
  assert.equal(rest.length, 2)
})

test('a session over which nothing is asked any more is ended although it pings; one with an open watch is not', { timeout: 20_000 }, async () => {
  const { authority, certificate, key } = server.admin
  const open = () => connectHttp2(server.server, { ca: authority, cert: certificate, key }).on('error', () => {})
  const [asking, watching] = [open(), open()]
  const watch = watching.request({ ':path': `${MAPS}?watch=true&timeoutSeconds=600` })
  watch.on('error', () => {})
  await once(asking.request({ ':path': '/version' }).resume(), 'close')
  const ping = (): unknown => asking.destroyed || asking.ping(() => ping())
  ping()
  await once(asking, 'close')
  // An answer of its server would come after the end of the session, had that been said.
  await new Promise(resolve => watching.ping(resolve))
  assert.deepEqual([watch.closed, watching.closed], [false, false])
  watching.destroy()
})

test('a body that does not come over HTTP/2 is waited for no longer than allowed', async () => {
  const session = connectHttp2(server.server, { ca: server.admin.authority })
  const stream = session.request({ ':method': 'POST', ':path': MAPS, ...GOOD, 'content-type': 'application/json' })
  stream.write('{')
  const code = await new Promise(resolve => stream.once('response', headers => resolve(headers[':status'])))
  assert.equal(code, 408)
  session.destroy()
})

async function openConnections(api: HttpApi): Promise<number> {
  const { body } = await api.transport.request({ method: 'GET', path: '/metrics', headers: {} })
  let text = ''
  for await (const chunk of body) text += String(chunk)
  return Number(/^apiserver_connections (\d+)$/m.exec(text)?.[1])
}

test('whoever is told that they were too slow and does not read it is cut off', { timeout: 20_000 }, async () => {
  const admin = new HttpApi(server.admin)
  const before = await openConnections(admin)
  const socket = await tls('http/1.1')
  socket.write('GET /version HTTP/1.1\r\nHost: x\r\nX-Slow: ')
  assert.equal(await openConnections(admin), before + 1)
  while ((await openConnections(admin)) > before) await sleep(50)
  socket.destroy()
  admin.close()
})

test('whoever is refused an upgrade and stays, with more to say, is cut off', { timeout: 20_000 }, async () => {
  const admin = new HttpApi(server.admin)
  const before = await openConnections(admin)
  const socket = connectTls({ host: '127.0.0.1', port, ca: server.admin.authority, ALPNProtocols: ['http/1.1'], allowHalfOpen: true } as ConnectionOptions)
  socket.on('error', () => {})
  const frames = 'x'.repeat(100_000)
  socket.write(`GET /api/v1/namespaces/default/pods/p/exec HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n${frames}`)
  const [head] = (await once(socket, 'data')) as [Buffer]
  assert.match(head.toString(), /^HTTP\/1.1 401 Unauthorized\r\n/)
  while ((await openConnections(admin)) > before) await sleep(50)
  socket.destroy()
  admin.close()
})

test('an answer that nobody takes is not kept', { timeout: 20_000 }, async () => {
  const session = connectHttp2(server.server, {
    ca: server.admin.authority,
    cert: server.admin.certificate,
    key: server.admin.key,
    settings: { initialWindowSize: 0 },
  })
  session.on('error', () => {})
  // With the watch beside it the connection itself is not idle.
  const watch = session.request({ ':path': `${MAPS}?watch=true&timeoutSeconds=600` })
  const lying = session.request({ ':path': '/version' })
  const codes = [watch, lying].map(stream => once(stream, 'close').then(() => stream.rstCode))
  assert.equal(await codes[1], constants.NGHTTP2_CANCEL)
  assert.equal(watch.closed, false)
  session.destroy()
})

test('an identity has no more connections than its number; those that are closed count no more', async () => {
  const connections = [new HttpApi({ ...server.admin }), new HttpApi({ ...server.admin }), new HttpApi({ ...server.admin })]
  try {
    const codes: string[] = []
    for (const api of connections) codes.push(await ask(api, '/api'))
    assert.deepEqual(codes, ['200', '200', '429 1'])
    connections[0]!.close()
    for (let code = ''; code !== '200'; ) code = await ask(connections[2]!, '/api')
  } finally {
    for (const api of connections) api.close()
  }
})

test('an identity has no more watches than its number', () =>
  asBob(async api => {
    const codes = [await ask(api, `${MAPS}?watch=1`), await ask(api, `${MAPS}?watch=1`), await ask(api, `${MAPS}?watch=1`)]
    assert.deepEqual(codes, ['200', '200', '429 1'])
  }))

test('an identity that asks too often is told to come back later, and nobody else is', () =>
  asBob(async api => {
    const codes = new Set<string>()
    for (let n = 0; n < 40; n++) codes.add(await ask(api, '/api'))
    assert.deepEqual([...codes], ['200', '429 1'])
    const admin = new HttpApi(server.admin)
    assert.equal(await ask(admin, '/api'), '200')
    admin.close()
  }))

const PREFACE = Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), frame(4, 0, 0)])
function frame(type: number, flags: number, stream: number, payload: Uint8Array = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head[3] = type
  head[4] = flags
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}
/** Requests that the server has looked at so far. */
async function requestsSeen(api: HttpApi): Promise<number> {
  const { body } = await api.transport.request({ method: 'GET', path: '/metrics', headers: {} })
  let text = ''
  for await (const chunk of body) text += String(chunk)
  return [...text.matchAll(/^apiserver_request_total\{.*\} (\d+)$/gm)].reduce((sum, [, count]) => sum + Number(count), 0)
}

test('streams opened and reset at once cost their connection, and nobody else', async () => {
  const get = Buffer.from([0x82, 0x87, 0x84])
  const cancel = Buffer.from([0, 0, 0, 8])
  const resets = Array.from({ length: 5000 }, (_, n) => Buffer.concat([frame(1, 5, 2 * n + 1, get), frame(3, 0, 2 * n + 1, cancel)]))
  const api = new HttpApi(server.admin)
  const before = await requestsSeen(api)
  const socket = await tls('h2')
  socket.write(Buffer.concat([PREFACE, ...resets]))
  await untilEnd(socket)
  const seen = (await requestsSeen(api)) - before
  assert.ok(seen > 0 && seen < 2500, `${seen} of 5000 requests were looked at`)
  api.close()
})

test('of one address no more strangers than its number are let in, their sessions new or resumed; the next waits until one of them is gone', async () => {
  const first = await tls('http/1.1')
  const [session]: Buffer[] = await once(first.resume(), 'session')
  first.destroy()
  for (const resumed of [undefined, session]) {
    const sockets = await Promise.all(Array.from({ length: limits.newcomersEach }, () => tls('http/1.1', resumed)))
    assert.equal(
      sockets.every(socket => socket.isSessionReused()),
      resumed !== undefined,
    )
    let gone = 0
    for (const socket of sockets)
      socket
        .on('error', () => {})
        .once('close', () => gone++)
        .resume()
    const next = await tls('http/1.1')
    assert.ok(gone > 0, 'nobody had to leave')
    for (const socket of [...sockets, next]) socket.destroy()
  }
})
