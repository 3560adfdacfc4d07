import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { Share, Told } from './worker.ts'

export interface Outcome {
  /** Each with what it takes to run it again. */
  readonly failures: readonly string[]
  /** How often each step, verdict and reason was reached. */
  readonly counts: ReadonlyMap<string, number>
}

/**
 * Runs so many scripts, dealt to so many threads. In a thread of their own they also take a third less time inside a test, whose runner
 * follows every promise of its own thread.
 */
export async function runInWorkers(seed: number, scripts: number, threads: number): Promise<Outcome> {
  const each = Math.ceil(scripts / threads)
  const shares = Array.from({ length: threads }, (_, i) => ({ seed: seed + i * each, count: Math.min(each, scripts - i * each) }))
  const told = await Promise.all(shares.map(runShare))
  const counts = new Map<string, number>()
  for (const { counts: some } of told) for (const [what, times] of some) counts.set(what, (counts.get(what) ?? 0) + times)
  return { failures: told.flatMap(({ failures }) => failures), counts }
}

async function runShare(share: Share): Promise<Told> {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: share })
  try {
    const [told] = (await once(worker, 'message')) as [Told]
    return told
  } finally {
    await worker.terminate()
  }
}
