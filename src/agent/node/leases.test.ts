import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Api } from '../../api/access.ts'
import { unavailable } from '../../api/meta/status.ts'
import { microTimeOf } from '../../api/meta/time.ts'
import type { Reports } from '../../api/reports.ts'
import type { Lease } from '../../api/types/coordination.ts'
import { FakeClock } from '../../base/clock.ts'
import { silentLog } from '../../base/log.ts'
import { LeaseKeeper } from './leases.ts'

const settle = () => new Promise<void>(resolve => setImmediate(resolve))

/** The lease of one node with a server that is away at some times; says when it is asked, in seconds, and whether it answered. */
function world(away: (second: number) => boolean, clock = new FakeClock(0), reached?: Reports['reached']) {
  const asked: string[] = []
  const stop = new AbortController()
  let revision = 0
  const write = async (_: unknown, lease: Lease): Promise<Lease> => {
    const second = clock.now() / 1000
    asked.push(`${second}${away(second) ? ' in vain' : ''}`)
    assert.equal(lease.spec.renewTime, microTimeOf(clock.now()))
    if (away(second)) throw unavailable('away')
    return { ...lease, metadata: { ...lease.metadata, resourceVersion: String(++revision) } }
  }
  const api = { create: write, update: write } as unknown as Api
  const leases = new LeaseKeeper({
    api,
    reports: { ...api, ...(reached && { reached }) },
    clock,
    log: silentLog,
    signal: stop.signal,
    holder: node => node,
    random: () => 0,
  })
  const done = leases.run()
  return {
    asked,
    leases,
    async pass(seconds: number, stepMs = 50) {
      for (let ms = 0; ms < seconds * 1000; ms += stepMs) {
        clock.advance(stepMs)
        await settle()
      }
    },
    async end() {
      stop.abort()
      await done
      assert.equal(clock.pending, 0)
    },
  }
}

test('a lease is renewed every 10 s', async () => {
  const { asked, leases, pass, end } = world(() => false)
  await leases.keep('n', 'uid')
  await pass(35)
  assert.deepEqual(asked, ['0', '10', '20', '30'])
  await end()
})

test('a timer that fires a millisecond early costs no renewal', async () => {
  class Early extends FakeClock {
    override after(ms: number, callback: () => void) {
      return super.after(ms - 1, callback)
    }
  }
  const { asked, leases, pass, end } = world(() => false, new Early(0))
  await leases.keep('n', 'uid')
  await pass(25, 1)
  assert.deepEqual(asked, ['0', '9.999', '19.998'])
  await end()
})

test('a renewal that failed is tried again, ever more slowly, until one succeeds', async () => {
  const { asked, leases, pass, end } = world(second => second >= 10 && second < 13)
  await leases.keep('n', 'uid')
  await pass(25)
  assert.deepEqual(asked, ['0', '10 in vain', '10.1 in vain', '10.3 in vain', '10.7 in vain', '11.5 in vain', '13.1', '20'])
  await end()
})

test('while the server stays away it is asked every 3.5 s and at the times of a renewal', async () => {
  const { asked, leases, pass, end } = world(second => second > 0)
  await leases.keep('n', 'uid')
  await pass(24)
  assert.deepEqual(
    asked.slice(-4),
    ['16.3', '19.8', '20', '23.3'].map(time => `${time} in vain`),
  )
  await end()
})

test('a renewal waits for a server that is away, and says when it was sent', async () => {
  const clock = new FakeClock(0)
  const back = Promise.withResolvers<void>()
  const { asked, leases, pass, end } = world(
    () => false,
    clock,
    async () => (clock.now() < 10_000 ? undefined : back.promise),
  )
  await leases.keep('n', 'uid')
  await pass(33)
  back.resolve()
  await pass(5)
  assert.deepEqual(asked, ['0', '33.05'])
  await end()
})

test('a node that is gone is not asked about again', async () => {
  const { asked, leases, pass, end } = world(() => true)
  await leases.keep('n', 'uid')
  leases.drop('n')
  await pass(20)
  assert.deepEqual(asked, ['0 in vain'])
  await end()
})
