import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FakeClock } from './clock.ts'
import { Deadlines } from './deadlines.ts'

function world() {
  const clock = new FakeClock(0)
  const over: string[] = []
  return { clock, over, deadlines: new Deadlines<string>(clock, one => over.push(`${one} at ${clock.now()}`)) }
}

test('what ends soon ends to the millisecond, and what ends at about the same moment later shares a timer', () => {
  const { clock, over, deadlines } = world()
  deadlines.enter('soon', 1500)
  deadlines.enter('late', 60_100)
  deadlines.enter('as late', 60_900)
  assert.equal(clock.pending, 2)
  clock.advance(100_000)
  assert.deepEqual(over, ['soon at 1500', 'late at 61000', 'as late at 61000'])
})

test('who has left is not told, and the last one takes the timer along', () => {
  const { clock, over, deadlines } = world()
  const [a, b] = [deadlines.enter('a', 20_000), deadlines.enter('b', 20_000)]
  deadlines.leave('a', a)
  deadlines.leave('a', a)
  assert.equal(clock.pending, 1)
  deadlines.leave('b', b)
  assert.equal(clock.pending, 0)
  clock.advance(30_000)
  assert.deepEqual(over, [])
})

test('while some are told, others can leave and enter', () => {
  const clock = new FakeClock(0)
  const over: string[] = []
  const at = new Map<string, number>()
  const deadlines: Deadlines<string> = new Deadlines(clock, one => {
    over.push(`${one} at ${clock.now()}`)
    if (one !== 'a') return
    deadlines.leave('b', at.get('b')!)
    deadlines.enter('c', 0)
  })
  for (const one of ['a', 'b']) at.set(one, deadlines.enter(one, 100))
  clock.advance(100)
  assert.deepEqual([over, clock.pending], [['a at 100', 'c at 100'], 0])
})
