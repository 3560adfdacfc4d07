/** The gate before every commit: format, lint, imports, docs, kinds, types, unit tests, simulation. */
import { spawn } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { type Job, runJobs } from './testing/jobs.ts'
import type { Result } from './testing/reporter.ts'
import { newRun, ROOT, sharedJobs, type TestRun, testFiles, testJob } from './testing/run.ts'

const BIN = join(ROOT, 'node_modules/.bin')
const CACHE = join(ROOT, 'node_modules/.cache/everynode')
export const SIMULATION = testFiles('test/sim/sim.test.ts')
export const UNIT = [
  'src/**/*.test.ts',
  'tools/**/*.test.ts',
  'test/sim/**/*.test.ts',
  'test/conformance/**/*.test.ts',
  'test/fuzz/**/*.test.ts',
  'test/unit/**/*.test.ts',
  'bench/**/*.test.ts',
]

const KNIP = ['--cache', '--cache-location', join(CACHE, 'knip'), '--no-progress', '--no-config-hints', '--include', 'files,exports,types,dependencies']
const checks: readonly [name: string, command: string, args: readonly string[]][] = [
  ['format and lint', join(BIN, 'biome'), ['check', '--error-on-warnings', '.']],
  ['imports', process.execPath, ['tools/check-imports.ts']],
  ['docs', process.execPath, ['tools/check-docs.ts']],
  ['kinds', process.execPath, ['tools/check-kinds.ts']],
  ['dead code', join(BIN, 'knip'), KNIP],
  ['lockfile', process.execPath, ['tools/check-lock.ts']],
  ['types', join(BIN, 'tsc'), ['--noEmit', '--incremental', '--tsBuildInfoFile', join(CACHE, 'types.tsbuildinfo')]],
]

/** Jobs at once: some wait for a disk or a clock while others compute. */
export const AT_ONCE = availableParallelism() + 1
/** The short ones fill the gaps that the long ones leave. */
const PARTS = 3 * AT_ONCE

/** Before the tests, because they tell the most in the least time. */
const checkJobs = ({ results }: TestRun): Job[] =>
  checks.map(([name, command, args]) => ({
    cost: Number.POSITIVE_INFINITY,
    async run() {
      const began = Date.now()
      const child = spawn(command, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] })
      const code = new Promise<number>((done, fail) => child.once('error', fail).once('close', status => done(status ?? 1)))
      const [stdout, stderr, status] = await Promise.all([text(child.stdout), text(child.stderr), code])
      const ms = Date.now() - began
      console.log(`${status === 0 ? 'ok    ' : 'FAILED'} ${name} (${(ms / 1000).toFixed(1)} s)`)
      if (status !== 0) console.log(stdout, stderr)
      results.push({ name: `check: ${name}`, file: 'tools/ok.ts', outcome: status === 0 ? 'passed' : 'failed', ms })
    },
  }))

/** Runs the checks and the fast tests beside each other; the simulation only when asked. `draws` is how many worlds each property of the judgement tries. */
export async function runGate({ simulation, draws }: { readonly simulation: boolean; readonly draws?: number }): Promise<Result[]> {
  const run = newRun()
  const options = { timeout: 60_000, deadline: 300_000, ...(draws && { env: { RUNS: String(draws) } }) }
  const fast = testFiles(...UNIT).filter(file => !SIMULATION.includes(file))
  // The simulation is the longest by far.
  const first = simulation ? [{ ...testJob(run, SIMULATION, options), cost: Number.POSITIVE_INFINITY }] : []
  await runJobs([...first, ...checkJobs(run), ...sharedJobs(run, fast, PARTS, options)], AT_ONCE)
  run.durations.save()
  return run.results
}

if (import.meta.main) {
  const began = Date.now()
  const results = await runGate({ simulation: true })
  const failed = results.filter(r => r.outcome === 'failed').length
  for (const { name, why } of results.filter(r => r.outcome === 'skipped')) console.log(`skipped ${name}: ${why}`)
  const counts = `${results.filter(r => r.outcome === 'passed').length} passed, ${failed} failed, ${results.filter(r => r.outcome === 'skipped').length} skipped`
  console.log(`${counts} in ${((Date.now() - began) / 1000).toFixed(1)} s`)
  process.exitCode = failed === 0 ? 0 : 1
}
