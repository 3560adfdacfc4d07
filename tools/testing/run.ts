/** Runs test files in child processes and gathers every result. */
import { globSync } from 'node:fs'
import { relative, resolve } from 'node:path'
import { Durations, dealNeighbours } from './durations.ts'
import { type Job, runJobs } from './jobs.ts'
import type { Result } from './reporter.ts'
import { runShard } from './shard.ts'

export const ROOT = resolve(import.meta.dirname, '../..')

export const testFiles = (...patterns: readonly string[]): string[] =>
  [...new Set(patterns.flatMap(pattern => globSync(pattern, { cwd: ROOT })))].filter(file => !file.includes('node_modules')).sort()

export interface TestOptions {
  /** Milliseconds that one test may take. */
  readonly timeout: number
  /** Milliseconds that a process may take before it is ended and what it had not finished counts as failed. */
  readonly deadline: number
  /** The time, in milliseconds of `Date.now()`, from which on no further process is started: what is left counts as failed. */
  readonly until?: number
  readonly env?: Readonly<Record<string, string>>
  /** A copy of the tree to run in, instead of this one. */
  readonly root?: string
  /** Failures are expected; nothing is printed. */
  readonly quiet?: boolean
  /** Takes only the time that nobody else on the machine wants. */
  readonly idle?: boolean
}

/** Where results go, and how long files took before. */
export interface TestRun {
  readonly results: Result[]
  readonly durations: Durations
}

export const newRun = (): TestRun => ({ results: [], durations: new Durations(ROOT) })

/** One process for these files: its results join the run, a line says how it went, failures are printed as they come. */
export function testJob(run: TestRun, files: readonly string[], options: TestOptions, alone?: string): Job {
  const { quiet = false, root = ROOT, until = Number.POSITIVE_INFINITY } = options
  const { durations } = run
  const what = files.length === 1 ? files[0]! : `${files.length} files from ${files[0]}`
  const onResult = (result: Result) => {
    run.results.push(result)
    if (result.outcome === 'failed' && !quiet) process.stderr.write(`\nFAILED ${result.name}\n  in ${relative(root, result.file)}\n${result.why ?? ''}\n`)
  }
  return {
    cost: files.reduce((sum, file) => sum + durations.of(file), 0),
    ...(alone !== undefined && { alone }),
    async run() {
      if (Date.now() > until) return onResult({ name: `${what}: not run, the whole had taken too long`, file: files[0]!, outcome: 'failed', ms: 0 })
      const began = Date.now()
      const took = new Map<string, number>(files.map(file => [file, 0]))
      const { passed, failed, skipped } = await runShard(files, {
        ...options,
        root,
        onResult(result) {
          const file = relative(root, result.file)
          took.set(file, (took.get(file) ?? 0) + result.ms)
          onResult(result)
        },
      })
      const ms = Date.now() - began
      for (const file of files) durations.note(file, files.length === 1 ? ms : took.get(file)!)
      const counts = `${passed} passed, ${failed} failed, ${skipped} skipped`
      if (!quiet) console.log(`${failed === 0 ? 'ok    ' : 'FAILED'} ${what} (${counts}, ${(ms / 1000).toFixed(1)} s)`)
    },
  }
}

/** Processes that share these files among them; so many parts that the last ones to run are short. */
export const sharedJobs = (run: TestRun, files: readonly string[], parts: number, options: TestOptions): Job[] =>
  dealNeighbours(files, parts, file => run.durations.of(file)).map(part => testJob(run, part, options))

export interface RunOptions extends TestOptions {
  /** Processes at once; with `shared` each takes its part of the files in one go, else a process per file. */
  readonly processes: number
  readonly shared: boolean
}

/** Resolves with every leaf test's result. */
export async function runTests(files: readonly string[], options: RunOptions): Promise<Result[]> {
  const { shared, processes } = options
  const run = newRun()
  await runJobs(shared ? sharedJobs(run, files, processes, options) : files.map(file => testJob(run, [file], options)), processes)
  return run.results
}
