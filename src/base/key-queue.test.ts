import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FakeClock } from './clock.ts'
import { KeyQueue, TerminalError } from './key-queue.ts'

/** Lets everything that is ready to go on do so. */
const settle = () => new Promise<void>(resolve => setImmediate(resolve))
const halt = (stop: AbortController, ended: Promise<void>) => {
  stop.abort()
  return ended
}

function world(handler: (key: string) => Promise<{ after: number } | void>, workers = 2) {
  const clock = new FakeClock(0)
  const errors: string[] = []
  const stop = new AbortController()
  const queue = new KeyQueue<string>({ clock, backoff: n => n * 100, onError: (key, error) => errors.push(`${key}: ${(error as Error).message}`) })
  const ended = queue.run(handler, { workers, signal: stop.signal })
  return { clock, errors, queue, stop: () => halt(stop, ended) }
}

test('a key added many times before it is worked on is worked on once', async () => {
  const seen: string[] = []
  const { queue, stop } = world(async key => void seen.push(key), 1)
  for (const key of ['b', 'a', 'a', 'b', 'a']) queue.add(key)
  await settle()
  // The first is taken at once; adding it again while it is worked on is one more round.
  assert.deepEqual(seen, ['b', 'a', 'b'])
  await stop()
})

test('a key added while it is worked on is worked on once more, never twice at once', async () => {
  let running = 0
  let most = 0
  let rounds = 0
  const gates: (() => void)[] = []
  const { queue, stop } = world(async () => {
    most = Math.max(most, ++running)
    rounds++
    await new Promise<void>(resolve => gates.push(resolve))
    running--
  }, 8)
  queue.add('a')
  await settle()
  queue.add('a')
  queue.add('a')
  gates.shift()!()
  await settle()
  gates.shift()!()
  await settle()
  assert.deepEqual({ most, rounds, left: gates.length }, { most: 1, rounds: 2, left: 0 })
  await stop()
})

test('a failure is retried after its backoff, which grows and is forgotten by a success', async () => {
  const at: number[] = []
  const { queue, clock, errors, stop } = world(async () => {
    at.push(clock.now())
    if (at.length < 3) throw new Error('no')
  })
  queue.add('a')
  for (let i = 0; i < 5; i++) {
    await settle()
    clock.advance(100)
  }
  assert.deepEqual({ at, errors }, { at: [0, 100, 300], errors: ['a: no', 'a: no'] })
  await stop()
})

test('a terminal error rests the key until it is added again', async () => {
  let rounds = 0
  const { queue, clock, stop } = world(async () => {
    rounds++
    throw new TerminalError('never')
  })
  queue.add('a')
  await settle()
  clock.advance(1e9)
  await settle()
  assert.deepEqual({ rounds, timers: clock.pending }, { rounds: 1, timers: 0 })
  queue.add('a')
  await settle()
  assert.equal(rounds, 2)
  await stop()
})

test('the earliest of several pending times wins', async () => {
  const at: number[] = []
  const { queue, clock, stop } = world(async () => void at.push(clock.now()))
  queue.addAfter('a', 500)
  queue.addAfter('a', 200)
  queue.addAfter('a', 900)
  clock.advance(200)
  await settle()
  clock.advance(1000)
  await settle()
  assert.deepEqual(at, [200])
  await stop()
})

test('run resolves only when the handlers in flight have returned, and leaves no timer', async () => {
  let release = () => {}
  let ended = false
  const { queue, clock, stop } = world(() => new Promise<void>(resolve => (release = resolve)))
  queue.add('a')
  queue.addAfter('b', 1000)
  await settle()
  const stopped = stop().then(() => (ended = true))
  await settle()
  assert.equal(ended, false)
  release()
  await stopped
  assert.equal(clock.pending, 0)
})
