/**
 * Simulations by hand: `node test/sim/run.ts [--scripts N] [--seed S] [--threads N]`, or `--script FILE` to replay one. Ends with how often each step,
 * verdict and reason was reached; one never reached fails a run that is long enough.
 */
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { runInWorkers } from './in-workers.ts'
import { ENOUGH, unreached } from './run-scripts.ts'
import { parseScript } from './script.ts'
import { simulate, Tally } from './simulate.ts'

const { values } = parseArgs({
  options: {
    scripts: { type: 'string', default: '3000' },
    threads: { type: 'string', default: '1' },
    seed: { type: 'string' },
    script: { type: 'string' },
  },
})
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31))

async function replay(file: string) {
  const tally = new Tally()
  await simulate(parseScript(readFileSync(file, 'utf8')), seed, tally)
  return { failures: [], counts: tally.counts }
}

console.log(`seed ${seed}`)
const { script } = values
const { failures, counts } = script === undefined ? await runInWorkers(seed, Number(values.scripts), Number(values.threads)) : await replay(script)
for (const failure of failures) console.log(failure)
for (const [what, times] of [...counts].sort()) console.log(`${String(times).padStart(8)}  ${what}`)
const missing = unreached(counts)
if (missing.length > 0) console.log(`never reached: ${missing.join(', ')}`)
console.log(`${script ? 1 : values.scripts} scripts, ${failures.length} failed`)
process.exitCode = failures.length > 0 || (missing.length > 0 && script === undefined && Number(values.scripts) >= ENOUGH) ? 1 : 0
