import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { FakeClock } from '../clock.ts'
import { giveBackMemory } from './give-back-memory.ts'

/** A process of its own: what else lives in the heap of a test run says nothing. Prints the bytes given back and what the clock still holds. */
const LEAVES_MUCH = `
import { FakeClock } from '${new URL('../clock.ts', import.meta.url)}'
import { giveBackMemory } from '${new URL('./give-back-memory.ts', import.meta.url)}'
const work = () => Array.from({ length: 300_000 }, (_, i) => ({ i, text: String(i) })).length
const clock = new FakeClock()
const stop = new AbortController()
const done = giveBackMemory(clock, stop.signal)
const given = []
for (const ms of [2000, 20_000]) {
  work()
  const before = process.memoryUsage().heapTotal
  for (let look = 0; look < 40 && before - process.memoryUsage().heapTotal < 10e6; look++) {
    await new Promise(resolve => setTimeout(resolve, 50))
    clock.advance(ms)
  }
  given.push(before - process.memoryUsage().heapTotal)
}
stop.abort()
await done
console.log(JSON.stringify({ given, pending: clock.pending }))
`

test('what a start, and later a burst of work, left in the heap is given back in the next idle moment', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', LEAVES_MUCH])
  const { given, pending } = JSON.parse(stdout) as { readonly given: readonly number[]; readonly pending: number }
  assert.ok(given.length === 2 && given.every(bytes => bytes > 10e6), `${given} bytes given back`)
  assert.equal(pending, 0)
})

test('a process that is calm gives back what the C library holds when it has grown, and thrice more', async () => {
  const program = `
import { FakeClock } from '${new URL('../clock.ts', import.meta.url)}'
import { giveBackMemory } from '${new URL('./give-back-memory.ts', import.meta.url)}'
const clock = new FakeClock()
const stop = new AbortController()
let trims = 0
const done = giveBackMemory(clock, stop.signal, () => trims++)
const counts = []
const look = async (enough) => {
  for (let looks = 0; looks < 40 && trims < enough; looks++) {
    await new Promise(resolve => setTimeout(resolve, 50))
    clock.advance(20_000)
  }
  counts.push(trims)
}
await look(5)
const grown = Buffer.alloc(100e6, 1)
await look(8)
await look(9)
stop.abort()
await done
console.log(JSON.stringify(counts), grown.length)
`
  const { stdout } = await promisify(execFile)(process.execPath, ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', program])
  assert.equal(stdout, '[4,8,8] 100000000\n')
})

test('a process that is to end does not wait for it', async () => {
  const clock = new FakeClock()
  const stop = new AbortController()
  const given = giveBackMemory(clock, stop.signal)
  stop.abort()
  await given
  assert.equal(clock.pending, 0)
})
