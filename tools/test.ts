/** `npm test`: everything. Closes with one line, `N passed, N failed, N skipped`. */

import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { AT_ONCE, runGate, SIMULATION } from './ok.ts'
import { runJobs } from './testing/jobs.ts'
import { installPrograms } from './testing/programs.ts'
import type { Result } from './testing/reporter.ts'
import { newRun, ROOT, testFiles, testJob } from './testing/run.ts'
import { wrongSkips } from './testing/skips.ts'
import { unpackPrograms } from './testing/unpacked.ts'

const MINUTE = 60_000
/** From then on nothing more is started: a run that hangs somewhere still ends, and says where. */
const until = Date.now() + 60 * MINUTE
const ci = process.env['CI'] === 'true'
installPrograms()
unpackPrograms()

// Each commit draws scripts of its own, the same ones every time it is tested.
const seed = commitSeed()
console.log(`simulation: seeds from ${seed}`)

const run = newRun()
run.results.push(...(await runGate({ simulation: false, draws: 2000 })))
// Far more scripts than the gate's, in the time that tests of whole processes leave: those mostly wait.
const simulation = testJob(run, SIMULATION, {
  timeout: 30 * MINUTE,
  deadline: 31 * MINUTE,
  until,
  idle: true,
  env: { SIM_SCRIPTS: '3000', SIM_THREADS: '2', SIM_SEED: String(seed + 1_000_000) },
})
// Several at once, but of those that do something to this host, which others would see, one after the other.
const whole = testFiles('test/integration/**/*.test.ts', 'test/e2e/**/*.test.ts').map(file =>
  testJob(run, [file], { timeout: 5 * MINUTE, deadline: 12 * MINUTE, until }, actsOnHost(file) ? 'host' : undefined),
)
await Promise.all([runJobs(whole, AT_ONCE), runJobs([simulation], 1)])
run.durations.save()

const { results } = run
for (const problem of wrongSkips(results, ci)) {
  console.error(`FAILED ${problem}`)
  results.push({ name: problem, file: 'test/allowed-skips.md', outcome: 'failed', ms: 0 })
}
const count = (outcome: Result['outcome']) => results.filter(r => r.outcome === outcome).length
for (const { name, why } of results.filter(r => r.outcome === 'skipped')) console.log(`skipped ${name}: ${why}`)
console.log('slowest:')
for (const { name, ms } of [...results].sort((a, b) => b.ms - a.ms).slice(0, 10)) console.log(`  ${(ms / 1000).toFixed(1)} s  ${name}`)
console.log(`${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped`)
process.exitCode = count('failed') === 0 ? 0 : 1

/** Whoever starts an engine asks `support/engine.ts` first whether there can be one; the parts of an agent are made to act on a host. */
function actsOnHost(file: string): boolean {
  return /from '\.\.\/(?:support\/(?:engine|hosts)\.ts|\.\.\/src\/agent\/)/.test(readFileSync(join(ROOT, file), 'utf8'))
}

/** A number from the commit that is checked out; by chance where there is none. */
function commitSeed(): number {
  const { stdout } = spawnSync('git', ['rev-parse', 'HEAD'], { cwd: ROOT, encoding: 'utf8' })
  const hash = /^[0-9a-f]{7}/.exec(stdout ?? '')?.[0]
  return hash ? Number.parseInt(hash, 16) : Math.floor(Math.random() * 2 ** 28)
}
