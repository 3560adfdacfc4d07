/** Pieces of work that share this machine's processors, several at once. */
export interface Job {
  /** About how long it takes, in milliseconds; the longest begin first. */
  readonly cost: number
  /** Of the jobs that name the same thing here, one runs at a time. */
  readonly alone?: string
  run(): Promise<void>
}

/**
 * Does every job, `atOnce` of them at a time. Jobs that must be alone come first, so that their row is not what is left at the end.
 * Rejects when a job does.
 */
export async function runJobs(jobs: readonly Job[], atOnce: number): Promise<void> {
  const waiting = [...jobs].sort((a, b) => b.cost - a.cost)
  const taken = new Set<string>()
  const next = (): Job | undefined => {
    const single = waiting.findIndex(({ alone }) => alone !== undefined && !taken.has(alone))
    const index = single >= 0 ? single : waiting.findIndex(({ alone }) => alone === undefined)
    return index < 0 ? undefined : waiting.splice(index, 1)[0]
  }
  // Who finds nothing may go: what still waits is for whoever holds its turn now, and goes on with it.
  const work = async () => {
    for (let job = next(); job; job = next()) {
      if (job.alone !== undefined) taken.add(job.alone)
      try {
        await job.run()
      } finally {
        if (job.alone !== undefined) taken.delete(job.alone)
      }
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work))
}
