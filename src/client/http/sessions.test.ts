import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type ClientHttp2Session, createSecureServer, type Http2SecureServer } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import { FakeClock } from '../../base/clock.ts'
import { issueAuthority } from '../../server/tls/issue.ts'
import type { Connection } from '../node/kubeconfig.ts'
import { Sessions } from './sessions.ts'

let server: Http2SecureServer
let port = 0
const pair = issueAuthority('test', Date.now(), 1)
const listen = async () => {
  const { key, certificate } = await pair
  server = createSecureServer({ key, cert: certificate })
  server.on('session', session => sessions.add(session))
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  port = (server.address() as AddressInfo).port
}
/** Those that the server has. */
const sessions = new Set<{ destroy(): void }>()
const close = async () => {
  const closed = once(server, 'close')
  server.close()
  for (const session of sessions) session.destroy()
  sessions.clear()
  await closed
}
before(listen)
after(close)

/** Sessions to the server; counts the dials that nobody answered, and keeps what was told. */
function world(more: { readonly restMs?: number } = {}) {
  const clock = new FakeClock(0)
  const told: string[] = []
  let failed = 0
  const connection: Connection = {
    server: `https://127.0.0.1:${port}`,
    insecure: true,
    namespace: 'default',
    unreachable: () => failed++,
  }
  const client = new Sessions({
    connection,
    clock,
    random: () => 0,
    ...more,
    onReach: error => told.push(error ? error.reason : 'reached'),
  })
  return {
    client,
    clock,
    told,
    /** Resolves when so many dials have failed and whoever waits has heard of it. */
    async failures(count: number) {
      while (failed < count || clock.pending < 2) await new Promise(setImmediate)
      assert.equal(failed, count)
    },
  }
}

test('all who ask share one session', async () => {
  const { client } = world()
  const [one, two] = await Promise.all([client.get(), client.get()])
  assert.equal(one, two)
  assert.equal(await client.get(), one)
  client.close()
})

test('whoever asks while the server is away hears so at once; those who wait try together, ever more slowly, until it is back', async () => {
  const w = world()
  await close()
  await assert.rejects(w.client.get(), { reason: 'ServiceUnavailable' })
  const { signal } = new AbortController()
  const waiting = [w.client.wait(signal), w.client.wait(signal)]
  await w.failures(2)
  // Half of 100 ms that double with each failure, and never more than half of 5 s.
  for (const [i, pause] of [100, 200, 400, 800, 1600, 2500, 2500].entries()) {
    w.clock.advance(pause - 1)
    await w.failures(2 + i)
    w.clock.advance(1)
    await w.failures(3 + i)
  }
  await listen()
  w.clock.advance(2500)
  const [one, two] = await Promise.all(waiting)
  assert.equal(one, two)
  assert.deepEqual(w.told, ['ServiceUnavailable', 'reached'])
  w.client.close()
})

test('whoever waits no longer is told why', async () => {
  const w = world()
  await close()
  const stop = new AbortController()
  const waiting = Promise.all([1, 2].map(() => assert.rejects(w.client.wait(stop.signal), /enough/)))
  await w.failures(1)
  stop.abort(new Error('enough'))
  await waiting
  assert.equal(w.clock.pending, 0)
  await listen()
})

test('after a replacement and after a loss there is a new session', async () => {
  const { client } = world()
  sessions.clear()
  const first = await client.get()
  client.replace()
  const second = await client.get()
  assert.notEqual(second, first)
  assert.equal((second as { readonly closed: boolean }).closed, false)
  const lost = once(second as never, 'close')
  while (sessions.size < 2) await new Promise(setImmediate)
  for (const session of sessions) session.destroy()
  await lost
  assert.notEqual(await client.get(), second)
  client.close()
  await assert.rejects(client.get(), /is closed/)
})

test('a session over which nothing was asked for so long is ended, if its client wants that', async () => {
  const { client, clock } = world({ restMs: 5000 })
  const first = (await client.get()) as ClientHttp2Session
  const [one, two] = [client.used(first), client.used(first)]
  one()
  clock.advance(9000)
  two()
  clock.advance(4999)
  client.used(first)()
  clock.advance(4999)
  assert.equal(first.closed, false)
  const closed = once(first, 'close')
  clock.advance(1)
  await closed
  assert.notEqual(await client.get(), first)
  client.close()
})
