import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { connect, createServer, type Server, type TLSSocket } from 'node:tls'
import { FakeClock, systemClock } from '../../base/clock.ts'
import { silentLog } from '../../base/log.ts'
import type { KeyPair } from './authority.ts'
import { issueAuthority, issueKeyPair } from './issue.ts'
import { nodeRequest, serverRequest } from './requests.ts'
import { keepTicketsRenewed, keptTickets } from './tickets.ts'

const DAY = 86_400_000
let directory = ''
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'everynode-tickets-'))
})
afterEach(() => rm(directory, { recursive: true }))

test('the key is kept a week, and only its owner can read it', async () => {
  const clock = new FakeClock(1)
  const kept = () => keptTickets({ authority: 'a', directory, clock })
  const first = await kept()
  assert.equal((await stat(join(directory, 'session-tickets.key'))).mode & 0o777, 0o600)
  clock.advance(7 * DAY - 1)
  assert.deepEqual(await kept(), first)
  clock.advance(1)
  const second = await kept()
  assert.notDeepEqual(second.ticketKeys, first.ticketKeys)
  await writeFile(join(directory, 'session-tickets.key'), 'nonsense')
  assert.notDeepEqual((await kept()).ticketKeys, second.ticketKeys)
})

test('a server that runs for long uses each key for a week', async () => {
  const clock = new FakeClock(0)
  const stop = new AbortController()
  const options = { authority: 'a', directory, clock }
  const keys = [String((await keptTickets(options)).ticketKeys)]
  const days: number[] = []
  const keeping = keepTicketsRenewed({ ...options, log: silentLog, signal: stop.signal }, ({ ticketKeys }) => {
    days.push(clock.now() / DAY)
    keys.push(String(ticketKeys))
  })
  for (let half = 0; half < 32; half++) {
    while (clock.pending === 0) await new Promise(setImmediate)
    clock.advance(DAY / 2)
  }
  while (clock.pending === 0) await new Promise(setImmediate)
  assert.deepEqual(days, [7, 14])
  assert.equal(new Set(keys).size, 3)
  stop.abort()
  await keeping
  assert.equal(clock.pending, 0)
})

interface Met {
  readonly resumed: boolean
  readonly authorized: boolean
  readonly subject: string | undefined
}
/** A server as it is started each time; tells of the last who came. */
async function started(authority: KeyPair): Promise<{ readonly port: number; met(): Met | undefined; close(): Promise<void> }> {
  const { certificate, key } = await issueKeyPair(authority, serverRequest([]), Date.now())
  const tickets = await keptTickets({ authority: authority.certificate, directory, clock: systemClock })
  let met: Met | undefined
  const server: Server = createServer(
    { cert: certificate, key, ca: authority.certificate, requestCert: true, rejectUnauthorized: false, ...tickets },
    socket => {
      met = { resumed: socket.isSessionReused(), authorized: socket.authorized, subject: socket.getPeerX509Certificate()?.subject }
      socket.end('.')
    },
  )
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return { port, met: () => met, close: () => new Promise(resolve => server.close(() => resolve())) }
}

/** Comes and goes; gives back the ticket. */
async function come(port: number, pair: KeyPair, session?: Buffer): Promise<Buffer | undefined> {
  const shown = { cert: pair.certificate, key: pair.key }
  const socket: TLSSocket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...shown, ...(session && { session }) })
  let ticket: Buffer | undefined
  socket.on('session', given => {
    ticket = given
  })
  socket.resume()
  await once(socket, 'close')
  return ticket
}

test('after a restart a ticket says who comes', async () => {
  const authority = await issueAuthority('a', Date.now(), 1)
  const node = await issueKeyPair(authority, nodeRequest('n1'), Date.now())
  const before = await started(authority)
  const ticket = await come(before.port, node)
  const known = { authorized: true, subject: 'O=system:nodes\nCN=system:node:n1' }
  assert.deepEqual(before.met(), { resumed: false, ...known })
  await before.close()
  const after = await started(authority)
  await come(after.port, node, ticket)
  assert.deepEqual(after.met(), { resumed: true, ...known })
  await after.close()
})

test('a ticket of another authority is worth nothing, and one of a stranger leaves them a stranger', async () => {
  const authority = await issueAuthority('a', Date.now(), 1)
  const other = await issueAuthority('a', Date.now(), 1)
  const node = await issueKeyPair(authority, nodeRequest('n1'), Date.now())
  const before = await started(authority)
  const ticket = await come(before.port, node)
  await before.close()
  const key = await readFile(join(directory, 'session-tickets.key'), 'utf8')
  const after = await started(other)
  assert.equal(await readFile(join(directory, 'session-tickets.key'), 'utf8'), key)
  const strange = await come(after.port, node, ticket)
  const stranger = { authorized: false, subject: 'O=system:nodes\nCN=system:node:n1' }
  assert.deepEqual(after.met(), { resumed: false, ...stranger })
  await come(after.port, node, strange)
  assert.deepEqual(after.met(), { resumed: true, ...stranger })
  await after.close()
})
