import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { microTimeOf, timeOf } from './time.ts'

test('Times are written in RFC 3339, with seconds or microseconds', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: Date.UTC(2100) }), { minLength: 1, maxLength: 3 }), times => {
      for (const ms of [...times, ...times.map(time => time + 1)]) {
        const iso = new Date(ms).toISOString()
        assert.equal(timeOf(ms), `${iso.slice(0, 19)}Z`)
        assert.equal(microTimeOf(ms), `${iso.slice(0, -1)}000Z`)
      }
    }),
  )
  assert.throws(() => timeOf(Number.NaN), RangeError)
})
