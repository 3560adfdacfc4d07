/** A thread that runs its share of scripts and tells how they went. */
import { parentPort, workerData } from 'node:worker_threads'
import { runScripts } from './run-scripts.ts'
import { Tally } from './simulate.ts'

export interface Share {
  readonly seed: number
  readonly count: number
}

export interface Told {
  readonly failures: readonly string[]
  readonly counts: ReadonlyMap<string, number>
}

const { seed, count } = workerData as Share
const tally = new Tally()
const failures = await runScripts(seed, count, tally)
parentPort!.postMessage({ failures, counts: tally.counts } satisfies Told)
