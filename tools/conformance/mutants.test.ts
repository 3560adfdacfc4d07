import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { it } from 'node:test'
import { ROOT } from '../testing/run.ts'
import { MUTANTS } from './mutants.ts'

it('every fault to plant has exactly one place to be planted at', () => {
  const places = MUTANTS.map(({ name, file, find }) => [name, readFileSync(join(ROOT, file), 'utf8').split(find).length - 1] as const)
  assert.deepEqual(
    places.filter(([, count]) => count !== 1),
    [],
  )
})
