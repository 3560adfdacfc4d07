import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { FakeClock } from '../clock.ts'
import { collectLargeHeapLess } from './large-heap.ts'

function world(...sizes: number[]) {
  const clock = new FakeClock(0)
  const flags: string[] = []
  const stop = new AbortController()
  const engine = { usedBytes: () => sizes.shift() ?? 0, setFlag: (flag: string) => flags.push(flag) }
  return { clock, flags, stop, done: collectLargeHeapLess(clock, stop.signal, engine) }
}

test('the heap is looked at until it is large, and then the flag is set, once', async () => {
  const { clock, flags, done } = world(20e6, 399e6, 401e6)
  clock.advance(2000)
  await Promise.resolve()
  await Promise.resolve()
  assert.deepEqual(flags, [])
  clock.advance(2000)
  await done
  assert.deepEqual([flags, clock.pending], [['--external-memory-accounted-in-global-limit'], 0])
})

test('whoever stops looks no more', async () => {
  const { clock, flags, stop, done } = world(20e6)
  stop.abort()
  await done
  assert.deepEqual([flags, clock.pending], [[], 0])
})

test('the engine knows the flag', () => {
  const { status, stderr } = spawnSync(process.execPath, ['--external-memory-accounted-in-global-limit', '--eval', ''], { encoding: 'utf8' })
  assert.deepEqual([status, stderr], [0, ''])
})
