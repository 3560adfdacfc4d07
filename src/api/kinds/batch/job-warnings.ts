import type { Job } from '../../types/batch.ts'

const COMPLETIONS = 100_000
const PARALLELISM = 10_000
const TOO_MANY =
  'In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes might not be able to track completedIndexes when a big number of indexes fail'

/** A job of so many indexes that which of them failed may not be kept. */
export function indexedJobWarnings({ completionMode, completions, parallelism }: Job['spec'], path: string): readonly string[] {
  const many = completionMode === 'Indexed' && (completions ?? 0) > COMPLETIONS && (parallelism ?? 0) > PARALLELISM
  return many ? [`${path}: ${TOO_MANY}`] : []
}
