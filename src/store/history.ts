import { type Change, type Entry, Expired, type HistoryLimits, type StoreEvent } from './store.ts'

/** The caches take what was written as soon as it was, and keep what watches begin at: this is for the moment between. */
const HISTORY: HistoryLimits = { changes: 4096, bytes: 8 << 20 }

/** The newest changes, in memory: what watches and reads at a revision live on. Bounded; its `oldest` rises as it forgets. */
export class History {
  readonly #limits: HistoryLimits
  #changes: Change[] = []
  /** Index of the first change still held. */
  #head = 0
  #bytes = 0
  #newest: number
  /** Every change after this revision is held. */
  #oldest: number
  #closed = false
  readonly #sleepers = new Set<() => void>()

  constructor(newest: number, limits: HistoryLimits = HISTORY) {
    this.#newest = newest
    this.#oldest = newest
    this.#limits = limits
  }

  get newest(): number {
    return this.#newest
  }
  get oldest(): number {
    return this.#oldest
  }

  /**
   * Takes what one commit wrote, in order of revision, and wakes the watches. What it takes is held until the next commit
   * whatever its size, so that a watch that is waiting for it is never too late.
   */
  append(changes: readonly Change[]): void {
    const last = changes[changes.length - 1]
    if (!last) return
    const before = this.#changes.length
    for (const change of changes) {
      this.#changes.push(change)
      this.#bytes += weight(change)
    }
    this.#newest = last.revision
    while (this.#head < before && (this.#changes.length - this.#head > this.#limits.changes || this.#bytes > this.#limits.bytes)) this.#forgetFirst()
    this.#tidy()
    this.#wake()
  }

  compact(revision: number): void {
    const upTo = Math.min(revision, this.#newest)
    while (this.#head < this.#changes.length && this.#changes[this.#head]!.revision <= upTo) this.#forgetFirst()
    this.#oldest = Math.max(this.#oldest, upTo)
    this.#tidy()
    this.#wake()
  }

  /** The last state at `revision` of each key under `prefix` and after `after` that has changed since. */
  stateAt(revision: number, prefix: string, after: string): Map<string, Entry | undefined> {
    if (revision < this.#oldest) throw new Expired(revision, this.#oldest)
    if (revision > this.#newest) throw new RangeError(`revision ${revision} does not exist yet; the newest is ${this.#newest}`)
    const state = new Map<string, Entry | undefined>()
    for (let index = this.#firstAfter(revision); index < this.#changes.length; index++) {
      const { key, previous } = this.#changes[index]!
      if (key > after && key.startsWith(prefix) && !state.has(key)) state.set(key, previous)
    }
    return state
  }

  async *watch(prefix: string, after: number, signal: AbortSignal): AsyncGenerator<readonly StoreEvent[], void, undefined> {
    let seen = after
    let wake: (() => void) | undefined
    const rouse = () => wake?.()
    signal.addEventListener('abort', rouse)
    this.#sleepers.add(rouse)
    try {
      while (!signal.aborted) {
        if (seen < this.#oldest) throw new Expired(seen, this.#oldest)
        if (seen < this.#newest) {
          const events: StoreEvent[] = []
          let last = 0
          for (let index = this.#firstAfter(seen); index < this.#changes.length; index++) {
            const change = this.#changes[index]!
            if (!change.key.startsWith(prefix)) continue
            events.push(change)
            last = change.revision
          }
          seen = this.#newest
          if (last < seen) events.push({ progress: seen })
          yield events
        } else if (this.#closed) return
        else
          await new Promise<void>(resolve => {
            wake = resolve
          })
      }
    } finally {
      this.#sleepers.delete(rouse)
      signal.removeEventListener('abort', rouse)
    }
  }

  close(): void {
    this.#closed = true
    this.#wake()
  }

  #wake(): void {
    for (const rouse of this.#sleepers) rouse()
  }

  #forgetFirst(): void {
    const change = this.#changes[this.#head]!
    this.#changes[this.#head++] = undefined as unknown as Change
    this.#bytes -= weight(change)
    this.#oldest = change.revision
  }

  #tidy(): void {
    if (this.#head < 1024 || this.#head < this.#changes.length / 2) return
    this.#changes = this.#changes.slice(this.#head)
    this.#head = 0
  }

  #firstAfter(revision: number): number {
    let low = this.#head
    let high = this.#changes.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#changes[middle]!.revision > revision) high = middle
      else low = middle + 1
    }
    return low
  }
}

const weight = (change: Change): number => 200 + (change.value?.length ?? 0) + (change.previous?.value.length ?? 0)
