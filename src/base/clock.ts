/** Time as a parameter: everything that waits or dates asks one of these. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number
  /** Calls `callback` once after `ms`; returns a function that cancels it. */
  after(ms: number, callback: () => void): () => void
}

export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, Math.min(ms, 0x7fffffff))
    return () => clearTimeout(timer)
  },
}

/** Resolves after `ms`; rejects with the signal's reason if it aborts first. */
export function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const cancel = clock.after(ms, () => {
      signal?.removeEventListener('abort', stop)
      resolve()
    })
    const stop = () => {
      cancel()
      reject(signal?.reason)
    }
    signal?.addEventListener('abort', stop, { once: true })
  })
}

/** A clock that a test moves: `advance` runs what is due, in order of time, then of registration. */
export class FakeClock implements Clock {
  #now: number
  #sequence = 0
  readonly #timers = new Map<number, { at: number; callback: () => void }>()

  constructor(now = Date.UTC(2026, 0, 1)) {
    this.#now = now
  }

  now(): number {
    return this.#now
  }

  after(ms: number, callback: () => void): () => void {
    const id = this.#sequence++
    this.#timers.set(id, { at: this.#now + Math.max(0, ms), callback })
    return () => this.#timers.delete(id)
  }

  /** When the next timer is due, if there is one. */
  next(): number | undefined {
    let next: number | undefined
    for (const { at } of this.#timers.values()) if (next === undefined || at < next) next = at
    return next
  }

  get pending(): number {
    return this.#timers.size
  }

  advance(ms: number): void {
    const until = this.#now + ms
    for (;;) {
      let due: number | undefined
      for (const [id, { at }] of this.#timers) if (at <= until && (due === undefined || at < this.#timers.get(due)!.at)) due = id
      if (due === undefined) break
      const { at, callback } = this.#timers.get(due)!
      this.#timers.delete(due)
      this.#now = Math.max(this.#now, at)
      callback()
    }
    this.#now = until
  }
}
