/** One client's flood is that client's trouble: another's small requests overtake it, and no node is lost. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { missing } from '../../tools/testing/programs.ts'
import { floodAndGet } from '../support/flood.ts'

test('small requests of one identity overtake another identity’s flood of lists and watches', { skip: missing('kubectl') }, async t => {
  const flood = { objects: 300, watchers: 50, listers: 300, seconds: 2, atLeast: 300 }
  const { flooded, overtaken, floodAnswers, withoutRetryAfter, notReady } = await floodAndGet(flood)
  t.diagnostic(`${flooded.length} small requests and ${floodAnswers} lists in the flood`)
  assert.ok(floodAnswers >= flood.atLeast, `only ${floodAnswers} lists of the flood were answered`)
  // 300 lists wait all the time; without fairness a small request would stand behind all of them.
  const sorted = [...overtaken].sort((a, b) => a - b)
  assert.ok(sorted[Math.floor((sorted.length - 1) * 0.99)]! <= 100, `lists answered before a small request: ${sorted.slice(-10).join(' ')}`)
  assert.ok(flooded.length > floodAnswers, `${flooded.length} small requests against ${floodAnswers} lists`)
  assert.deepEqual({ withoutRetryAfter, notReady }, { withoutRetryAfter: 0, notReady: [] })
})
