import assert from 'node:assert/strict'
import { test } from 'node:test'
import { exponential, jittered } from './backoff.ts'

test('the pause doubles with each failure in a row, up to the longest, however many there are', () => {
  assert.deepEqual([1, 2, 3, 4, 5, 5000].map(exponential(200, 1500)), [200, 400, 800, 1500, 1500, 1500])
})

test('jitter takes up to half of a pause away', () => {
  assert.deepEqual(
    [0, 0.5, 1].map(random => jittered(100, () => random)),
    [50, 75, 100],
  )
})
