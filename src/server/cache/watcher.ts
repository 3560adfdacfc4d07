import type { KubeObject } from '../../api/meta/object.ts'
import { Expired } from '../../store/store.ts'
import type { Place } from './buckets.ts'
import type { ChangeEvent } from './event.ts'
import type { Bookmark, CacheEvent, Reader, Watch } from './types.ts'

/** A consumer that leaves more events than this lying cannot keep up. */
const LEFT_LYING = 10_000

/** Batches of a state, the last one returned; each is made when it is asked for, and some may be empty. */
export type InitialState<T extends KubeObject> = Iterator<readonly CacheEvent<T>[], readonly CacheEvent<T>[]>

export interface WatcherOptions<T extends KubeObject> {
  /** Only changes after this revision. */
  readonly after: number
  /** Absent: every object of the bucket. */
  readonly selects: ((object: T) => boolean) | undefined
  /** The state to begin with. */
  readonly initial: InitialState<T> | undefined
  /** Where it is entered. */
  readonly place: Place
  readonly owner: WatcherOwner<T>
}

/** Whoever has made watches. */
export interface WatcherOwner<T extends KubeObject> {
  /** Called once when the watch has ended, however. */
  closed(watcher: Watcher<T>): void
  /** Called when its time has come. */
  over(watcher: Watcher<T>): void
}

/** One watch: a bounded buffer between changes and an iterator. One `next` at a time. */
export class Watcher<T extends KubeObject = KubeObject> implements Watch<T> {
  readonly #after: number
  readonly #selects: ((object: T) => boolean) | undefined
  readonly #owner: WatcherOwner<T>
  readonly place: Place
  /** What its owner has to leave when it ends, and has put here. */
  endsAt: number | undefined = undefined
  group: Set<Watcher<T>> | undefined = undefined
  unlisten: (() => void) | undefined = undefined
  #initial: InitialState<T> | undefined
  #begun = false
  #buffer: CacheEvent<T>[] = []
  #waiting: { readonly resolve: (result: IteratorResult<readonly CacheEvent<T>[]>) => void; readonly reject: (error: Error) => void } | undefined
  #reader: Reader | undefined
  #last: number
  #ended = false
  #failure: Error | undefined

  constructor({ after, selects, initial, place, owner }: WatcherOptions<T>) {
    this.#after = after
    this.#selects = selects
    this.#owner = owner
    this.place = place
    this.#initial = initial
    this.#last = after
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  /** Takes changes in order of revision; those it has already seen, and those it does not want, are passed over. */
  take(events: readonly ChangeEvent<T>[]): void {
    if (this.#ended) return
    try {
      for (const event of events) {
        if (event.revision <= this.#last) continue
        this.#last = event.revision
        const seen = this.#see(event)
        if (seen) this.#buffer.push(seen)
      }
    } catch (error) {
      // Its selection cannot judge this object: that is nobody else's trouble.
      this.end(error instanceof Error ? error : new Error(String(error)))
      return
    }
    if (this.#buffer.length > LEFT_LYING) this.overrun()
    else this.#wake()
  }

  #see(event: ChangeEvent<T>): CacheEvent<T> | undefined {
    const selects = this.#selects
    if (!selects) return event
    const did = event.previous !== undefined && selects(event.previous)
    const does = event.type !== 'DELETED' && selects(event.object)
    if (does) return did ? event : event.entered()
    return did ? event.left() : undefined
  }

  /** Nothing up to `revision` is still to come. */
  bookmark(revision: number): void {
    if (this.#ended || revision < this.#last) return
    const bookmark: Bookmark = { type: 'BOOKMARK', revision, initialEventsEnd: false }
    this.#last = revision
    if (this.#buffer.at(-1)?.type === 'BOOKMARK') this.#buffer.pop()
    this.#buffer.push(bookmark)
    this.#wake()
  }

  /** Ends it: the consumer has to list again. */
  overrun(): void {
    this.#buffer = []
    this.#initial = undefined
    this.end(new Expired(this.#after, this.#last))
  }

  /** Ends it, after what lies in the buffer; with an error if there is one. */
  end(failure?: Error): void {
    if (this.#ended) return
    this.#ended = true
    this.#failure = failure
    this.#owner.closed(this)
    this.#wake()
  }

  over(): void {
    this.#owner.over(this)
  }

  async next(): Promise<IteratorResult<readonly CacheEvent<T>[]>> {
    while (this.#initial) {
      // What is large comes in parts, between which others get their turn.
      if (this.#begun) await new Promise(setImmediate)
      this.#begun = true
      const part = this.#initial?.next()
      if (!part || part.done) this.#initial = undefined
      if (part && part.value.length > 0) return { done: false, value: part.value }
    }
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject }
      this.#wake()
    })
  }

  async return(): Promise<IteratorResult<readonly CacheEvent<T>[]>> {
    this.#buffer = []
    this.#initial = undefined
    this.end()
    return { done: true, value: undefined }
  }

  whenReady(reader: Reader): void {
    this.#reader = reader
    this.#wake()
  }

  #wake(): void {
    const reader = this.#reader
    if (reader && (this.#initial || this.#buffer.length > 0 || this.#ended)) {
      this.#reader = undefined
      reader.ready()
    }
    const waiting = this.#waiting
    if (!waiting) return
    if (this.#buffer.length > 0) {
      const value = this.#buffer
      this.#buffer = []
      this.#waiting = undefined
      waiting.resolve({ done: false, value })
    } else if (this.#ended) {
      this.#waiting = undefined
      const failure = this.#failure
      this.#failure = undefined
      if (failure) waiting.reject(failure)
      else waiting.resolve({ done: true, value: undefined })
    }
  }
}
