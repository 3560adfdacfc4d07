import type { KubeObject } from '../../api/meta/object.ts'
import { Expired } from '../../store/store.ts'
import type { ChangeEvent } from './event.ts'

/** So many changes count as new: encodings of older ones are dropped. */
const NEWEST = 256

/** The newest changes of one kind: what watches from a revision and lists at a revision live on. */
export class EventRing<T extends KubeObject> {
  readonly #limit: number
  #events: ChangeEvent<T>[] = []
  #head = 0
  #oldest: number

  /** Every change after `oldest` will be held, up to `limit` changes. */
  constructor(oldest: number, limit: number) {
    this.#oldest = oldest
    this.#limit = limit
  }

  get oldest(): number {
    return this.#oldest
  }
  get size(): number {
    return this.#events.length - this.#head
  }

  /** Returns the change that is no longer among the newest. */
  append(event: ChangeEvent<T>): ChangeEvent<T> | undefined {
    this.#events.push(event)
    const aged = this.size > NEWEST ? this.#events[this.#events.length - 1 - NEWEST] : undefined
    aged?.dropEncodings()
    if (this.size > this.#limit) this.#forgetFirst()
    this.#tidy()
    return aged
  }

  compact(revision: number): void {
    while (this.size > 0 && this.#events[this.#head]!.revision <= revision) this.#forgetFirst()
    this.#oldest = Math.max(this.#oldest, revision)
    this.#tidy()
  }

  /** The changes after a revision, in order. Throws `Expired`. */
  after(revision: number): readonly ChangeEvent<T>[] {
    if (revision < this.#oldest) throw new Expired(revision, this.#oldest)
    let low = this.#head
    let high = this.#events.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#events[middle]!.revision > revision) high = middle
      else low = middle + 1
    }
    return this.#events.slice(low)
  }

  /** The objects that have changed since a revision, as they were at it. */
  stateAt(revision: number): Map<string, T | undefined> {
    const state = new Map<string, T | undefined>()
    for (const { key, previous } of this.after(revision)) if (!state.has(key)) state.set(key, previous)
    return state
  }

  #forgetFirst(): void {
    const event = this.#events[this.#head]!
    this.#events[this.#head++] = undefined as unknown as ChangeEvent<T>
    this.#oldest = Math.max(this.#oldest, event.revision)
  }

  #tidy(): void {
    if (this.#head < 1024 || this.#head < this.#events.length / 2) return
    this.#events = this.#events.slice(this.#head)
    this.#head = 0
  }
}
