import type { Clock } from '../../base/clock.ts'

export interface RatesOptions {
  readonly clock: Clock
  readonly perSecond: number
  readonly burst: number
}

interface Bucket {
  left: number
  filledAt: number
}

/** Beyond this many identities those whose bucket is full again are forgotten. */
const MOST = 10_000

/** How many requests each identity may still make: a bucket each, which fills up again with time. */
export class Rates {
  readonly #options: RatesOptions
  readonly #buckets = new Map<string, Bucket>()

  constructor(options: RatesOptions) {
    this.#options = options
  }

  /** Takes some from the bucket, in which one is enough; 0, or in how many seconds, at least one, there is something in it again. */
  take(identity: string, count = 1): number {
    const { clock, perSecond, burst } = this.#options
    const now = clock.now()
    let bucket = this.#buckets.get(identity)
    if (!bucket) {
      if (this.#buckets.size >= MOST) this.#forget(now)
      bucket = { left: burst, filledAt: now }
      this.#buckets.set(identity, bucket)
    }
    // A clock that was set back fills nothing.
    bucket.left = Math.min(burst, bucket.left + (Math.max(0, now - bucket.filledAt) / 1000) * perSecond)
    bucket.filledAt = now
    if (bucket.left < 1) return Math.max(1, Math.ceil((1 - bucket.left) / perSecond))
    bucket.left -= count
    return 0
  }

  #forget(now: number): void {
    const { perSecond, burst } = this.#options
    for (const [identity, { left, filledAt }] of this.#buckets) if (left + ((now - filledAt) / 1000) * perSecond >= burst) this.#buckets.delete(identity)
  }
}
