import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import { createServer, type Server, type TLSSocket } from 'node:tls'
import { FakeClock } from '../../base/clock.ts'
import { issueAuthority, issueKeyPair } from '../../server/tls/issue.ts'
import { nodeRequest, serverRequest } from '../../server/tls/requests.ts'
import { liveConnection } from '../node/live-connection.ts'
import { dial, renewTicket } from './dial.ts'

const HOUR = 3600_000
const authority = issueAuthority('a', Date.now(), 30)
const pairFor = async (request: Parameters<typeof issueKeyPair>[1]) => issueKeyPair(await authority, request, Date.now())

let server: Server
let certificateEnds = 0
before(async () => {
  const { certificate, key } = await pairFor({ ...serverRequest([]), days: 2 })
  certificateEnds = Date.now() + 48 * HOUR
  server = createServer({
    cert: certificate,
    key,
    ca: (await authority).certificate,
    requestCert: true,
    sessionTimeout: 7 * 24 * 3600,
    ticketKeys: Buffer.alloc(48),
  })
  server.on('secureConnection', socket => socket.on('error', () => {}).end('.'))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
})
after(() => server.close())

async function world(now = Date.now()) {
  const clock = new FakeClock(now)
  const { port } = server.address() as AddressInfo
  const { certificate, key } = await pairFor(nodeRequest('n1'))
  const connection = liveConnection({ server: `https://127.0.0.1:${port}`, authority: (await authority).certificate, certificate, key, namespace: 'default' })
  /** Comes and goes; how its session began. */
  const come = async (): Promise<'new' | 'resumed'> => {
    const socket: TLSSocket = await dial(connection, ['http/1.1'], clock)
    const resumed = socket.isSessionReused()
    socket.resume()
    await once(socket, 'close')
    return resumed ? 'resumed' : 'new'
  }
  return { clock, connection, come }
}

test('whoever comes back resumes their session, for a day', async () => {
  const { clock, come } = await world()
  assert.deepEqual([await come(), await come()], ['new', 'resumed'])
  clock.advance(24 * HOUR)
  assert.equal(await come(), 'new')
})

test('a session is resumed no longer than the certificate of its server is good', async () => {
  const { clock, come } = await world(certificateEnds - HOUR)
  assert.deepEqual([await come(), await come()], ['new', 'resumed'])
  clock.advance(2 * HOUR)
  assert.equal(await come(), 'new')
})

test('with a new certificate of its own a client begins anew', async () => {
  const { connection, come } = await world()
  await come()
  const { certificate, key } = await pairFor(nodeRequest('n1'))
  connection.replace(certificate, key)
  assert.deepEqual([await come(), await come()], ['new', 'resumed'])
})

test('whoever has a ticket gets a new one before it ends', async () => {
  const { clock, connection, come } = await world()
  const { signal } = new AbortController()
  assert.equal(await renewTicket(connection, clock, signal), false)
  await come()
  clock.advance(20 * HOUR)
  assert.equal(await renewTicket(connection, clock, signal), true)
  clock.advance(20 * HOUR)
  assert.equal(await come(), 'resumed')
  assert.equal(clock.pending, 0)
})

test('while nobody is there, nothing is made for TLS: not even a certificate that is none is looked at', async () => {
  const gone = createServer()
  gone.listen(0, '127.0.0.1')
  await once(gone, 'listening')
  const { port } = gone.address() as AddressInfo
  gone.close()
  await once(gone, 'close')
  const clock = new FakeClock(0)
  const connection = { server: `https://127.0.0.1:${port}`, authority: undefined, certificate: 'none', key: 'none', namespace: 'default' }
  await assert.rejects(dial(connection, ['h2'], clock), { code: 'ECONNREFUSED' })
  assert.equal(clock.pending, 0)
})

test('a certificate that is none is said as soon as somebody is there', async () => {
  const { connection, clock } = await world()
  await assert.rejects(dial({ ...connection, certificate: 'none', key: 'none' }, ['h2'], clock), { code: 'ERR_OSSL_PEM_NO_START_LINE' })
  assert.equal(clock.pending, 0)
})
