import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FakeClock } from '../../base/clock.ts'
import { FairQueue } from './fair-queue.ts'

const turn = () => new Promise(setImmediate)

/** Enters for each letter (capitals are urgent) and says who is let in, in order. */
function world(options: { readonly seats?: number; readonly seatsEach?: number; readonly waitingEach?: number }) {
  const clock = new FakeClock()
  const queue = new FairQueue({ clock, ...options })
  const log: string[] = []
  const enter = (who: string) => {
    const urgent = who !== who.toLowerCase()
    try {
      const waiting = queue.enter(who, urgent)
      if (!waiting) log.push(who)
      else
        waiting.then(
          () => log.push(who),
          error => log.push(`${who}:${error.code}`),
        )
    } catch (error) {
      log.push(`${who}:${(error as { code: number }).code}`)
    }
  }
  const leave = (who: string) => queue.leave(who, who !== who.toLowerCase())
  return { clock, queue, log, enter, leave }
}

test('who waits is let in by turns of identities, urgent requests first', async () => {
  const { log, enter, leave } = world({ seats: 1 })
  for (const who of 'aaabbcN') enter(who)
  assert.deepEqual(log, ['a'])
  for (let n = 1; n < 7; n++) {
    leave(log[n - 1]!)
    await turn()
  }
  assert.equal(log.join(''), 'aNabcab')
})

test('one identity has no more than its seats and its places in the queue', async () => {
  const { log, enter, leave, queue } = world({ seats: 10, seatsEach: 2, waitingEach: 1 })
  for (const who of 'aaaab') enter(who)
  assert.deepEqual(log, ['a', 'a', 'a:429', 'b'])
  leave('a')
  await turn()
  assert.deepEqual([log.at(-1), queue.running, queue.waiting], ['a', 3, 0])
})

test('who has waited too long is refused and leaves no trace', async () => {
  const { log, enter, leave, queue, clock } = world({ seats: 1 })
  for (const who of 'ab') enter(who)
  clock.advance(15_000)
  await turn()
  assert.deepEqual(log, ['a', 'b:429'])
  leave('a')
  await turn()
  assert.deepEqual([queue.running, queue.waiting, clock.pending], [0, 0, 0])
})

test('those who wait are let in one after the other until they have kept a turn of the event loop for 2 ms', async () => {
  let now = 0
  const queue = new FairQueue({ clock: new FakeClock(), seats: 8, elapsed: () => now })
  for (let n = 0; n < 8; n++) void queue.enter('first', false)
  let turns = 0
  const log: number[] = []
  const waiting = Array.from({ length: 7 }, async (_, n) => {
    await queue.enter(`w${n}`, false)
    now += 0.7
    log.push(turns)
  })
  for (let n = 0; n < 8; n++) queue.leave('first', false)
  for (; log.length < 7; turns++) await turn()
  await Promise.all(waiting)
  assert.deepEqual(log, [0, 0, 0, 1, 1, 1, 2])
})

test('who is patient waits as long as it takes', async () => {
  const { clock, queue, log, enter, leave } = world({ seats: 1 })
  enter('a')
  enter('b')
  void queue.enter('c', false, true)?.then(() => log.push('c'))
  clock.advance(60_000)
  await turn()
  assert.deepEqual(log, ['a', 'b:429'])
  leave('a')
  await turn()
  assert.deepEqual(log, ['a', 'b:429', 'c'])
})
