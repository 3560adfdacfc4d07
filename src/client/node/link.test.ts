import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { type TestContext, test } from 'node:test'
import { FakeClock } from '../../base/clock.ts'
import { silentLog } from '../../base/log.ts'
import { issueAuthority } from '../../server/tls/issue.ts'
import { runNodeLink } from './link.ts'
import { LinkRequests } from './link-requests.ts'

const pair = issueAuthority('test', Date.now(), 1)
const turn = () => new Promise(setImmediate)
const until = async (condition: () => boolean) => {
  while (!condition()) await turn()
}

/** A server that answers an upgrade with these lines, and an agent whose clock stands. */
async function world(t: TestContext, answer: (socket: Duplex) => void) {
  const { key, certificate } = await pair
  const open = new Set<Duplex>()
  let port = 0
  let server: Server
  const listen = async () => {
    server = createServer({ key, cert: certificate })
    server.on('upgrade', (_request, socket) => {
      open.add(socket)
      socket.on('error', () => {})
      socket.once('close', () => open.delete(socket))
      answer(socket)
    })
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    port = (server.address() as AddressInfo).port
  }
  const leave = async () => {
    const closed = once(server, 'close')
    server.close()
    for (const socket of open) socket.destroy()
    await closed
  }
  await listen()
  const clock = new FakeClock()
  const stop = new AbortController()
  const told: string[] = []
  const requests = new LinkRequests()
  const running = runNodeLink({
    connection: { server: `https://127.0.0.1:${port}`, insecure: true, namespace: 'default' },
    requests,
    node: 'n1',
    clock,
    log: silentLog,
    signal: stop.signal,
    random: () => 0,
    onStream: () => assert.fail('no stream was asked for'),
    onReach: error => told.push(error ? error.reason : 'reached'),
  })
  t.after(async () => {
    stop.abort()
    await running
    await leave()
  })
  return { open, clock, told, requests, listen, leave }
}

const accepts = (socket: Duplex, ...said: readonly string[]) =>
  socket.write(['HTTP/1.1 101 Switching Protocols', 'Upgrade: everynode-link', 'Connection: Upgrade', ...said, '', ''].join('\r\n'))

/** Lets a link's time go by, a second after the other, in which what was sent arrives. */
async function pass(clock: FakeClock, seconds: number): Promise<void> {
  for (let n = 0; n < seconds; n++) {
    clock.advance(1000)
    for (let i = 0; i < 50; i++) await turn()
  }
}

test('a server that answers empty lines is asked when it is silent, and given up when it does not answer', async t => {
  let heard = ''
  let answering = true
  const { open, clock } = await world(t, socket => {
    accepts(socket, 'everynode-takes-watches: 1')
    socket.on('data', (chunk: Buffer) => {
      heard += String(chunk)
      if (answering) socket.write('\n')
    })
  })
  await until(() => open.size === 1)
  await pass(clock, 60)
  assert.equal(open.size, 1)
  assert.match(heard, /^\n{3,4}$/)
  answering = false
  const [first] = open
  await pass(clock, 9)
  assert.equal(first?.destroyed, false)
  await pass(clock, 17)
  await until(() => first?.destroyed === true)
})

test('a server that says nothing of what it takes hears a line every 20 s, and is given up after a minute', async t => {
  let heard = ''
  const { open, clock } = await world(t, socket => {
    accepts(socket)
    socket.on('data', (chunk: Buffer) => (heard += String(chunk)))
  })
  await until(() => heard === '\n')
  await pass(clock, 40)
  await until(() => heard === '\n\n\n')
  const [first] = open
  assert.equal(first?.destroyed, false)
  await pass(clock, 41)
  await until(() => first?.destroyed === true)
})

test('a link that is refused is waited for by nobody, and one to a server that is away by everybody', async t => {
  let refuse = true
  const { open, clock, told, requests, leave, listen } = await world(t, socket => {
    if (refuse) socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n')
    else accepts(socket, 'everynode-takes-watches: 1')
  })
  const { signal } = new AbortController()
  assert.equal(await requests.open('/a', signal), undefined)
  refuse = false
  await until(() => clock.pending > 0)
  await pass(clock, 1)
  await until(() => open.size === 1)
  await leave()
  const waiting = requests.open('/b', signal)
  await pass(clock, 2)
  await until(() => told.includes('ServiceUnavailable'))
  await listen()
  while (open.size === 0) await pass(clock, 1)
  assert.ok(await waiting)
  assert.deepEqual([told[0], told.at(-1)], ['reached', 'reached'])
})
