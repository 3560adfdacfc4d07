import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { longRun } from '../sim/long-run.ts'

/** From here on nothing may grow but the revisions of the DaemonSets, of which ten each are kept. */
const SETTLED = 1

test('a cluster does not grow in hours of churn: its heap, its file, and what it holds', { timeout: 180_000 }, async () => {
  const directory = await mkdtemp(join(tmpdir(), 'everynode-long-run-'))
  try {
    const weights = await longRun({ file: join(directory, 'everynode.db'), nodes: 8, steps: 4, stepHours: 1 })
    const [settled, last] = [weights[SETTLED]!, weights.at(-1)!]
    const text = JSON.stringify(weights, undefined, 1)
    assert.ok(last.revision > settled.revision + 100, text)
    assert.ok(last.heapBytes < settled.heapBytes * 1.05, text)
    // The log is folded up when the disk has time: a few hundred kilobytes either way.
    assert.ok(last.fileBytes < settled.fileBytes + 1_000_000, text)
    assert.ok(last.objects < settled.objects * 1.1, text)
  } finally {
    await rm(directory, { recursive: true })
  }
})
