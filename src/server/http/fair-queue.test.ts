import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FakeClock } from '../../base/clock.ts'
import { FairQueue, type Rank } from './fair-queue.ts'

const turn = () => new Promise(setImmediate)

/** Capitals are urgent, digits are bulk. */
const rankOf = (who: string): Rank => (/\d/.test(who) ? 'bulk' : who === who.toLowerCase() ? 'ordinary' : 'urgent')

/** Enters for each letter and says who is let in, in order. */
function world(options: { readonly seats?: number; readonly seatsEach?: number; readonly waitingEach?: number }) {
  const clock = new FakeClock()
  const queue = new FairQueue({ clock, ...options })
  const log: string[] = []
  const enter = (who: string) => {
    try {
      const waiting = queue.enter(who, rankOf(who))
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
  const leave = (who: string) => queue.leave(who, rankOf(who))
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
  await turn()
  clock.advance(10_000)
  enter('c')
  await turn()
  clock.advance(5000)
  await turn()
  assert.deepEqual(log, ['a', 'b:429'])
  clock.advance(10_000)
  await turn()
  assert.deepEqual(log, ['a', 'b:429', 'c:429'])
  leave('a')
  await turn()
  assert.deepEqual([queue.running, queue.waiting, clock.pending], [0, 0, 0])
})

test('nothing looks after those who wait once they have been let in', async () => {
  const { log, enter, leave, clock } = world({ seats: 1 })
  for (const who of 'ab') enter(who)
  await turn()
  assert.equal(clock.pending, 1)
  leave('a')
  await turn()
  assert.deepEqual([log, clock.pending], [['a', 'b'], 0])
})

test('those who go together wait for the end of the turn, sixteen at a time until they have kept the next one for 2 ms', async () => {
  let now = 0
  const queue = new FairQueue({ clock: new FakeClock(), elapsed: () => now })
  let turns = 0
  const log: number[] = []
  const together = Array.from({ length: 60 }, async (_, n) => {
    await queue.enter(`w${n}`, 'ordinary', true)
    now += 0.07
    log.push(turns)
  })
  assert.deepEqual([queue.running, queue.waiting], [0, 60])
  // Nobody else waits for them.
  assert.equal(queue.enter('reader', 'ordinary'), undefined)
  for (; log.length < 60; turns++) await turn()
  await Promise.all(together)
  assert.deepEqual(
    [0, 1].map(n => log.filter(t => t === n).length),
    [32, 28],
  )
})

test('those who go together count among those who wait', () => {
  const queue = new FairQueue({ clock: new FakeClock(), waitingEach: 2 })
  for (let n = 0; n < 2; n++) void queue.enter('a', 'ordinary', true)
  assert.throws(() => queue.enter('a', 'ordinary', true), { code: 429 })
})

test('those who wait are let in one after the other until they have kept a turn of the event loop for 2 ms', async () => {
  let now = 0
  const queue = new FairQueue({ clock: new FakeClock(), seats: 8, elapsed: () => now })
  for (let n = 0; n < 8; n++) void queue.enter('first', 'ordinary')
  let turns = 0
  const log: number[] = []
  const waiting = Array.from({ length: 7 }, async (_, n) => {
    await queue.enter(`w${n}`, 'ordinary')
    now += 0.7
    log.push(turns)
  })
  for (let n = 0; n < 8; n++) queue.leave('first', 'ordinary')
  for (; log.length < 7; turns++) await turn()
  await Promise.all(waiting)
  assert.deepEqual(log, [0, 0, 0, 1, 1, 1, 2])
})

test('bulk waits as long as it takes', async () => {
  const { clock, log, enter, leave } = world({ seats: 1 })
  enter('a')
  enter('b')
  enter('1')
  await turn()
  clock.advance(60_000)
  await turn()
  assert.deepEqual(log, ['a', 'b:429'])
  leave('a')
  await turn()
  assert.deepEqual(log, ['a', 'b:429', '1'])
})

test('whoever runs the cluster waits for one of bulk at most, however many there are', async () => {
  const { log, enter, leave } = world({ seats: 1 })
  for (const who of '0123456') enter(who)
  for (const who of 'Ab') enter(who)
  for (let n = 1; n < 9; n++) {
    leave(log[n - 1]!)
    await turn()
  }
  assert.equal(log.join(''), '0A1b23456')
})
