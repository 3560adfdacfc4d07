import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FakeClock } from '../../base/clock.ts'
import { StatsSampler } from './sampler.ts'

function rig() {
  const clock = new FakeClock()
  let samples = 0
  const take = async () => {
    samples++
    return { node: { at: clock.now(), cpuNanoSeconds: samples * 1e9, memoryBytes: 1 }, containers: new Map() }
  }
  const sampler = new StatsSampler({ take, clock, signal: new AbortController().signal })
  /** Asks as often as told at once, moves the clock when it is waited for. */
  const ask = async (times = 1) => {
    const before = samples
    const asked = Promise.all(Array.from({ length: times }, () => sampler.stats()))
    const turn = Promise.withResolvers<void>()
    setImmediate(turn.resolve)
    await turn.promise
    const waited = (clock.next() ?? clock.now()) - clock.now()
    if (waited > 0) clock.advance(waited)
    const [stats] = await asked
    return { waited, taken: samples - before, window: stats?.node?.windowMs }
  }
  return { clock, ask }
}

test('who asks first waits a second; who asks again gets the rate since the last time', async () => {
  const { clock, ask } = rig()
  assert.deepEqual(await ask(), { waited: 1000, taken: 2, window: 1000 })
  clock.advance(15_000)
  assert.deepEqual(await ask(), { waited: 0, taken: 1, window: 15_000 })
})

test('an answer holds for a second, and many that ask at once are one', async () => {
  const { clock, ask } = rig()
  assert.deepEqual(await ask(5), { waited: 1000, taken: 2, window: 1000 })
  clock.advance(999)
  assert.deepEqual(await ask(), { waited: 0, taken: 0, window: 1000 })
})

test('a sample that is older than a minute is taken anew', async () => {
  const { clock, ask } = rig()
  await ask()
  clock.advance(60_001)
  assert.deepEqual(await ask(), { waited: 1000, taken: 2, window: 1000 })
})
