import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { Durations, dealNeighbours } from './durations.ts'

const root = mkdtempSync(join(tmpdir(), 'everynode-durations-'))
after(() => rmSync(root, { recursive: true, force: true }))

test('a file takes what it took last; one that never ran, what its size lets expect', () => {
  writeFileSync(join(root, 'new.test.ts'), 'x'.repeat(1000))
  const durations = new Durations(root)
  durations.note('old.test.ts', 1234.5)
  durations.save()
  const read = new Durations(root)
  assert.deepEqual([read.of('old.test.ts'), read.of('new.test.ts')], [1235, 50])
})

test('neighbours are dealt into parts of about the same cost, and none is empty', () => {
  const deal = (most: number, ...costs: readonly number[]) =>
    dealNeighbours(
      costs.map((_, index) => String(index)),
      most,
      file => costs[Number(file)]!,
    ).map(part => part.join(' '))
  assert.deepEqual(deal(2, 1, 1, 1, 1), ['0 1', '2 3'])
  assert.deepEqual(deal(3, 9, 1, 1, 1), ['0', '1 2 3'])
  assert.deepEqual(deal(3, 1, 1, 7, 1), ['0 1', '2', '3'])
  assert.deepEqual(deal(8, 1, 1), ['0', '1'])
})
