import { exponential } from './backoff.ts'
import type { Clock } from './clock.ts'

/** Thrown by a handler to say that retrying cannot help; the key rests until it is added again. */
export class TerminalError extends Error {}

export type KeyHandler<K> = (key: K, signal: AbortSignal) => Promise<{ readonly after: number } | void>

export interface KeyQueueOptions<K> {
  readonly clock: Clock
  /** Delay in milliseconds before the nth consecutive failure of one key is retried; 5 ms doubling to 1,000 s when absent. */
  readonly backoff?: (failures: number) => number
  readonly onError: (key: K, error: unknown) => void
}

/**
 * A queue of keys, not of events. A key added many times before it is worked on is worked on once; a key added while it
 * is being worked on is worked on once more afterwards; no key is ever worked on twice at once. Bounded by the number of keys.
 */
export class KeyQueue<K> {
  /** Keys that wait for a worker, in order of arrival. */
  readonly #ready = new Set<K>()
  /** Where among them the next one is: a new walk would pass over the places of all that were taken before. */
  #walk = this.#ready.values()
  readonly #active = new Set<K>()
  /** Keys added while active. */
  readonly #again = new Set<K>()
  readonly #failures = new Map<K, number>()
  readonly #delayed = new Map<K, { at: number; cancel: () => void }>()
  readonly #options: KeyQueueOptions<K>
  readonly #backoff: (failures: number) => number
  #wake: (() => void) | undefined

  constructor(options: KeyQueueOptions<K>) {
    this.#options = options
    this.#backoff = options.backoff ?? exponential(5, 1_000_000)
  }

  /** Keys waiting or being worked on; not the delayed ones. */
  get size(): number {
    return this.#ready.size + this.#active.size
  }
  get delayed(): number {
    return this.#delayed.size
  }

  add(key: K): void {
    const delayed = this.#delayed.get(key)
    if (delayed) {
      delayed.cancel()
      this.#delayed.delete(key)
    }
    if (this.#active.has(key)) this.#again.add(key)
    else {
      this.#ready.add(key)
      this.#wake?.()
    }
  }

  /** Adds `key` after `ms`; the earliest of several pending times wins. */
  addAfter(key: K, ms: number): void {
    if (ms <= 0) {
      this.add(key)
      return
    }
    const at = this.#options.clock.now() + ms
    const pending = this.#delayed.get(key)
    if (pending && pending.at <= at) return
    pending?.cancel()
    this.#delayed.set(key, { at, cancel: this.#options.clock.after(ms, () => this.add(key)) })
  }

  /** Drops what is known of a key that will not come back: its failures and its pending time. */
  forget(key: K): void {
    this.#failures.delete(key)
    this.#delayed.get(key)?.cancel()
    this.#delayed.delete(key)
  }

  /** Works with up to `workers` handlers at once until `signal` aborts; resolves when those in flight have returned. */
  async run(handler: KeyHandler<K>, { workers, signal }: { readonly workers: number; readonly signal: AbortSignal }): Promise<void> {
    await new Promise<void>(resolve => {
      const start = () => {
        if (signal.aborted) {
          if (this.#active.size === 0) resolve()
          return
        }
        while (this.#active.size < workers && this.#ready.size > 0) {
          const key = this.#take()
          this.#active.add(key)
          void this.#work(key, handler, signal).then(start)
        }
      }
      this.#wake = start
      signal.addEventListener('abort', start, { once: true })
      start()
    })
    this.#wake = undefined
    for (const { cancel } of this.#delayed.values()) cancel()
    this.#delayed.clear()
  }

  #take(): K {
    let next = this.#walk.next()
    if (next.done) {
      this.#walk = this.#ready.values()
      next = this.#walk.next()
    }
    const key = next.value as K
    this.#ready.delete(key)
    return key
  }

  async #work(key: K, handler: KeyHandler<K>, signal: AbortSignal): Promise<void> {
    try {
      const again = await handler(key, signal)
      this.#failures.delete(key)
      if (again) this.addAfter(key, again.after)
    } catch (error) {
      if (!signal.aborted) this.#failed(key, error)
    } finally {
      this.#active.delete(key)
      if (this.#again.delete(key)) this.#ready.add(key)
    }
  }

  #failed(key: K, error: unknown): void {
    this.#options.onError(key, error)
    if (error instanceof TerminalError) {
      this.#failures.delete(key)
      return
    }
    const failures = (this.#failures.get(key) ?? 0) + 1
    this.#failures.set(key, failures)
    this.addAfter(key, this.#backoff(failures))
  }
}
