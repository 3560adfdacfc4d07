import { SortedKeys } from '../base/sorted-keys.ts'
import { History } from './history.ts'
import { listAt, type Page } from './listing.ts'
import {
  type Change,
  Closed,
  type Entry,
  type HistoryLimits,
  type Listing,
  type ListRange,
  type Store,
  type StoreEvent,
  type Write,
  type Written,
} from './store.ts'

interface Waiting {
  readonly write: Write
  readonly resolve: (written: Written) => void
  readonly reject: (error: unknown) => void
}

/** A store that forgets with the process. Writes of one tick are one group, committed in a later microtask. */
export class MemoryStore implements Store {
  readonly #entries = new Map<string, Entry>()
  readonly #keys = new SortedKeys()
  readonly #history: History
  readonly #beforeCommit: (writes: readonly Write[]) => void
  #waiting: Waiting[] = []
  #closed = false

  /** `beforeCommit` stands for the medium: what it throws is what all writers of the group get, and nothing is written. */
  constructor(options: { readonly history?: HistoryLimits; readonly beforeCommit?: (writes: readonly Write[]) => void } = {}) {
    this.#history = new History(1, options.history)
    this.#beforeCommit = options.beforeCommit ?? (() => {})
  }

  async latest(): Promise<number> {
    return this.#history.newest
  }

  async get(key: string, { revision }: { readonly revision?: number } = {}): Promise<Entry | undefined> {
    if (revision === undefined) return this.#entries.get(key)
    const past = this.#history.stateAt(revision, key, '')
    return past.has(key) ? past.get(key) : this.#entries.get(key)
  }

  list(prefix: string, range: ListRange = {}): Promise<Listing> {
    return listAt(this.#history, (...page) => this.#page(...page), prefix, range)
  }

  #page(prefix: string, after: string, limit: number): Page {
    const entries: Entry[] = []
    const revision = this.#history.newest
    for (const key of this.#keys.range(prefix, after)) {
      if (entries.length === limit) return { revision, entries, more: true }
      entries.push(this.#entries.get(key)!)
    }
    return { revision, entries, more: false }
  }

  write(write: Write): Promise<Written> {
    if (this.#closed) return Promise.reject(new Closed())
    return new Promise((resolve, reject) => {
      if (this.#waiting.push({ write, resolve, reject }) === 1) queueMicrotask(() => this.#commit())
    })
  }

  #commit(): void {
    let group = this.#waiting
    if (group.length === 0) return
    this.#waiting = []
    try {
      this.#beforeCommit(group.map(({ write }) => write))
    } catch (error) {
      for (const { write, reject } of group) if (!write.lazy) reject(error)
      group = group.filter(({ write }) => write.lazy)
    }
    const changes: Change[] = []
    const answers = group.map(({ write }) => this.#apply(write, changes))
    this.#history.append(changes)
    group.forEach(({ resolve }, index) => {
      resolve(answers[index]!)
    })
  }

  #apply({ key, value, object, ifRevision }: Write, changes: Change[]): Written {
    const previous = this.#entries.get(key)
    if (ifRevision !== undefined && ifRevision !== (previous?.modified ?? 0)) return { conflict: previous }
    if (!value && !previous) return { conflict: undefined }
    const revision = this.#history.newest + changes.length + 1
    const created = previous?.created ?? revision
    const version = (previous?.version ?? 0) + 1
    if (value) {
      this.#entries.set(key, { key, value, created, modified: revision, version })
      this.#keys.add(key)
    } else {
      this.#entries.delete(key)
      this.#keys.delete(key)
    }
    changes.push({ key, revision, value, object, previous, created, version })
    return { revision }
  }

  watch(prefix: string, { after, signal }: { readonly after: number; readonly signal: AbortSignal }): AsyncIterable<readonly StoreEvent[]> {
    return this.#history.watch(prefix, after, signal)
  }

  async compact(revision: number): Promise<void> {
    this.#history.compact(revision)
  }

  async close(): Promise<void> {
    this.#commit()
    this.#closed = true
    this.#history.close()
  }
}
