/** Runs one load in a process of its own, so that asking and answering are not on one core. */
import { type Ask, type Load, load, type Served, type Target } from './raw-client.ts'

export interface LoadJob {
  readonly target: Target
  readonly asks: readonly Ask[]
  readonly load: Load
}
export type LoadResult = { readonly served: Served } | { readonly failed: string }

process.once('message', (job: LoadJob) => {
  const tell = (result: LoadResult) => process.send?.(result, () => process.exit(0))
  load(job.target, job.asks, job.load).then(
    served => tell({ served }),
    error => tell({ failed: String(error) }),
  )
})
