/**
 * A long life by hand: `node bin/run.js test/sim/run-long.ts [--nodes 1000] [--days 30] [--step-hours 24]`. One JSON line for each step, then what
 * grew in the heap between the second step and the last, by constructor. Ends with 1 when heap or file grew by more than a twentieth.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Census, growth, heapCensus } from './heap-census.ts'
import { longRun } from './long-run.ts'

const { values } = parseArgs({
  options: { nodes: { type: 'string', default: '1000' }, days: { type: 'string', default: '30' }, 'step-hours': { type: 'string', default: '24' } },
})
const stepHours = Number(values['step-hours'])
const steps = Math.ceil((Number(values.days) * 24) / stepHours)
/** By then everything that is kept for a while is there. */
const SETTLED = 1
const directory = mkdtempSync(join(tmpdir(), 'everynode-long-run-'))
const snapshot = join(directory, 'heap.heapsnapshot')
try {
  let before: ReadonlyMap<string, Census> | undefined
  let grown: ReturnType<typeof growth> = []
  let began = performance.now()
  const weights = await longRun({
    file: join(directory, 'everynode.db'),
    nodes: Number(values.nodes),
    steps,
    stepHours,
    async onStep(weight, step) {
      process.stdout.write(`${JSON.stringify({ ...weight, seconds: Math.round((performance.now() - began) / 1000) })}\n`)
      if (step === SETTLED) before = await heapCensus(snapshot)
      if (step === steps - 1 && before) grown = growth(before, await heapCensus(snapshot))
      began = performance.now()
    },
  })
  for (const line of grown.slice(0, 20)) process.stdout.write(`${JSON.stringify(line)}\n`)
  const [settled, last] = [weights[Math.min(SETTLED, steps - 1)]!, weights.at(-1)!]
  const flat = last.heapBytes <= settled.heapBytes * 1.05 && last.fileBytes <= settled.fileBytes * 1.05
  process.stdout.write(`${flat ? 'flat' : 'grown'}: heap ${settled.heapBytes} → ${last.heapBytes}, file ${settled.fileBytes} → ${last.fileBytes} bytes\n`)
  process.exitCode = flat ? 0 : 1
} finally {
  rmSync(directory, { recursive: true, force: true })
}
