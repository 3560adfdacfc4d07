import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatAge, formatDuration } from './age.ts'

const S = 1000
const M = 60 * S
const H = 60 * M
const D = 24 * H
const Y = 365 * D

for (const [ms, shown] of [
  [-2 * S, '<invalid>'],
  [-1.9 * S, '0s'],
  [0, '0s'],
  [119 * S, '119s'],
  [2 * M, '2m'],
  [3 * M + 12 * S, '3m12s'],
  [10 * M + 5 * S, '10m'],
  [179 * M, '179m'],
  [3 * H, '3h'],
  [7 * H + 59 * M, '7h59m'],
  [47 * H, '47h'],
  [48 * H, '2d'],
  [5 * D + 3 * H, '5d3h'],
  [8 * D + 3 * H, '8d'],
  [729 * D, '729d'],
  [2 * Y, '2y'],
  [2 * Y + 3 * D, '2y3d'],
  [8 * Y + 3 * D, '8y'],
] as const) {
  test(`${ms} ms show as ${shown}`, () => assert.equal(formatDuration(ms), shown))
}

test('without a time the age is unknown', () => {
  assert.deepEqual([formatAge(undefined, 0), formatAge('', 0), formatAge('soon', 0)], ['<unknown>', '<unknown>', '<unknown>'])
})
