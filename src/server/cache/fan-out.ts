import type { KubeObject } from '../../api/meta/object.ts'
import type { ChangeEvent } from './event.ts'
import type { Watcher } from './watcher.ts'

/** So many watchers are served before others get a turn of the event loop. */
const SLICE = 200
/** A bucket that is further behind has lost its watchers. */
const BEHIND = 20_000

/** The watchers that want the same changes, and the changes that they have not been given yet. */
export class Bucket<T extends KubeObject = KubeObject> {
  readonly watchers = new Set<Watcher<T>>()
  waiting: ChangeEvent<T>[] = []
  queued = false
}

interface Turn {
  readonly bucket: Bucket
  readonly events: readonly ChangeEvent<KubeObject>[]
  readonly watchers: readonly Watcher<KubeObject>[]
  next: number
}

/**
 * Gives changes to watchers, bucket after bucket in the order in which they got something: at once while few are
 * concerned, in slices when there are many. While a bucket waits for its turn, its changes collect.
 */
export class FanOut {
  #queue: Bucket[] = []
  #turn: Turn | undefined
  #scheduled = false

  add<T extends KubeObject>(bucket: Bucket<T>, event: ChangeEvent<T>): void {
    bucket.waiting.push(event)
    if (bucket.waiting.length > BEHIND) for (const watcher of bucket.watchers) watcher.overrun()
    this.#enqueue(bucket)
  }

  /** Whether everything that was added has been given. */
  get idle(): boolean {
    return !this.#turn && this.#queue.length === 0
  }

  /** Serves those in the queue, or leaves it to the turn that is under way. */
  flush(): void {
    if (!this.#scheduled) this.#serve()
  }

  #enqueue<T extends KubeObject>(bucket: Bucket<T>): void {
    if (bucket.queued) return
    bucket.queued = true
    this.#queue.push(bucket as unknown as Bucket)
  }

  #serve(): void {
    let left = SLICE
    for (;;) {
      this.#turn ??= this.#nextTurn()
      const turn = this.#turn
      if (!turn) return
      while (turn.next < turn.watchers.length) {
        if (left-- === 0) {
          this.#scheduled = true
          setImmediate(() => {
            this.#scheduled = false
            this.#serve()
          })
          return
        }
        turn.watchers[turn.next++]!.take(turn.events)
      }
      this.#turn = undefined
    }
  }

  #nextTurn(): Turn | undefined {
    const bucket = this.#queue.shift()
    if (!bucket) return undefined
    bucket.queued = false
    const events = bucket.waiting
    bucket.waiting = []
    return { bucket, events, watchers: [...bucket.watchers], next: 0 }
  }
}
