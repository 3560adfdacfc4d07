import assert from 'node:assert/strict'
import { test } from 'node:test'
import { memoryCourse } from './memory.ts'

test('memory is flat when its last quarter lies where its second did, whatever peaks there were', () => {
  const steady = [100, 180, 250, 240, 260, 250, 400, 255, 250, 245, 260, 250]
  assert.deepEqual(memoryCourse(steady), { settled: 250, end: 250, flat: true })
  const growing = Array.from({ length: 12 }, (_, n) => 100 + 40 * n)
  assert.deepEqual(memoryCourse(growing), { settled: 260, end: 500, flat: false })
  assert.deepEqual(memoryCourse([200]), { settled: 0, end: 200, flat: false })
})
