import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FakeClock } from './clock.ts'
import { Deadlines } from './deadlines.ts'

function world() {
  const clock = new FakeClock(0)
  const told: string[] = []
  const one = (name: string, then = () => {}) => ({
    over() {
      told.push(`${name} at ${clock.now()}`)
      then()
    },
  })
  return { clock, told, one, deadlines: new Deadlines(clock) }
}

test('what ends soon ends to the millisecond, and what ends at about the same moment later shares a timer', () => {
  const { clock, told, one, deadlines } = world()
  deadlines.enter(one('soon'), 1500)
  deadlines.enter(one('late'), 60_100)
  deadlines.enter(one('as late'), 60_900)
  deadlines.enter(one('latest'), 601_000)
  deadlines.enter(one('as the latest'), 605_000)
  assert.equal(clock.pending, 3)
  clock.advance(1_000_000)
  assert.deepEqual(told, ['soon at 1500', 'late at 61000', 'as late at 61000', 'latest at 605000', 'as the latest at 605000'])
})

test('who has left is not told, and the last one takes the timer along', () => {
  const { clock, told, one, deadlines } = world()
  const [a, b] = [one('a'), one('b')]
  const [at] = [deadlines.enter(a, 20_000), deadlines.enter(b, 20_000)]
  deadlines.leave(a, at)
  deadlines.leave(a, at)
  assert.equal(clock.pending, 1)
  deadlines.leave(b, at)
  assert.equal(clock.pending, 0)
  clock.advance(30_000)
  assert.deepEqual(told, [])
})

test('while some are told, others can leave and enter', () => {
  const { clock, told, one, deadlines } = world()
  const b = one('b')
  deadlines.enter(
    one('a', () => {
      deadlines.leave(b, 100)
      deadlines.enter(one('c'), 0)
    }),
    100,
  )
  deadlines.enter(b, 100)
  clock.advance(100)
  assert.deepEqual([told, clock.pending], [['a at 100', 'c at 100'], 0])
})
