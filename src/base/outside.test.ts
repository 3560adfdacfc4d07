import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Outside } from './outside.ts'

test('others are expected for a second after somebody has asked', () => {
  let now = 0
  const outside = new Outside(() => now)
  const seen = [outside.expected]
  outside.heard()
  for (now of [0, 1000, 1001]) seen.push(outside.expected)
  assert.deepEqual(seen, [false, true, true, false])
})
