import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Stretches } from './stretches.ts'

test('work goes on for two milliseconds, looked at every 32 steps, and anew after a pause', async () => {
  let now = 100
  const stretches = new Stretches(() => now)
  const stepsUntilOver = (each: number) => {
    for (let steps = 1; ; steps++) {
      now += each
      if (stretches.over()) return steps
    }
  }
  assert.equal(stepsUntilOver(1), 32)
  let others = false
  setImmediate(() => (others = true))
  await stretches.pause()
  assert.equal(others, true)
  assert.equal(stepsUntilOver(0.05), 64)
})
