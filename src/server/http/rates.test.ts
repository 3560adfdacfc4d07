import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FakeClock } from '../../base/clock.ts'
import { Rates } from './rates.ts'

test('an identity may make its burst, then as many as time gives it, whatever others do', () => {
  const clock = new FakeClock()
  const rates = new Rates({ clock, perSecond: 2, burst: 3 })
  const ask = (who: string) => [...who].map(one => rates.take(one)).join(' ')
  assert.equal(ask('aaaab'), '0 0 0 1 0')
  clock.advance(1000)
  assert.equal(ask('aaa'), '0 0 1')
  clock.advance(3_600_000)
  assert.equal(ask('aaaa'), '0 0 0 1')
})

test('the buckets of many who ask once are forgotten', () => {
  const clock = new FakeClock()
  const rates = new Rates({ clock, perSecond: 1, burst: 1 })
  assert.equal(rates.take('first'), 0)
  for (let n = 1; n < 10_000; n++) rates.take(`i${n}`)
  clock.advance(1000)
  rates.take('last')
  assert.deepEqual([rates.take('first'), rates.take('last')], [0, 1])
})
