/**
 * The store: revisions and keys, no kinds. Nothing of a write (answer, read, list, event, its revision) is visible to
 * anybody before it is durable; a group that fails fails all its writers and leaves no trace; revisions never go back.
 */
export interface Store {
  /** Writes up to this revision may have been acknowledged lazily and been lost before the store was opened; absent: none. */
  readonly lostUpTo?: number | undefined
  /** The newest committed revision; linearizable. */
  latest(): Promise<number>
  /** As `list`, for one key. */
  get(key: string, options?: { readonly revision?: number }): Promise<Entry | undefined>
  /** Entries in order of key. Throws `Expired` for a revision that history no longer holds, `RangeError` for one that does not exist yet. */
  list(prefix: string, options?: ListRange): Promise<Listing>
  /**
   * Compare and write one key; `ifRevision: 0` means that it must not exist. A `value` of undefined deletes, and what does
   * not exist cannot be deleted: a conflict with undefined. Throws `Unwritable`, or `Closed`.
   */
  write(write: Write): Promise<Written>
  /**
   * Everything newer than `after` under `prefix`, in order, once; what one commit wrote comes together. Progress says that
   * nothing up to a revision is still to come. Throws `Expired` when history no longer reaches back that far; ends when
   * the signal aborts or the store closes.
   */
  watch(prefix: string, options: { readonly after: number; readonly signal: AbortSignal }): AsyncIterable<readonly StoreEvent[]>
  /** Forgets history up to and including `revision`; what the newest revision shows stays. */
  compact(revision: number): Promise<void>
  /** Commits what was taken, then refuses everything. */
  close(): Promise<void>
}

export interface Entry {
  /** ASCII, so that every store orders keys alike. */
  readonly key: string
  readonly value: Uint8Array
  /** Revision of the write that created the key. */
  readonly created: number
  /** Revision of the newest write. */
  readonly modified: number
  /** How often the key has been written since it was created; 1 after the first. */
  readonly version: number
}

export interface ListRange {
  readonly limit?: number
  /** Only keys that come after this one. */
  readonly after?: string
  readonly revision?: number
}

export interface Listing {
  readonly entries: readonly Entry[]
  /** The revision that the listing shows. */
  readonly revision: number
  readonly more: boolean
}

/** How much of the past is kept in memory for watches and for reads at a revision. */
export interface HistoryLimits {
  readonly changes: number
  /** Of values; a value that is also the previous one of the next change counts once for each. */
  readonly bytes: number
}

export interface Write {
  readonly key: string
  /** Not to be changed any more; a change that carries it carries this very array. */
  readonly value: Uint8Array | undefined
  /** What the value says, where the writer has it at hand: no store looks at it, the change that carries the value carries it too. */
  readonly object?: object | undefined
  /** The revision that the key must have now; 0: it must not exist; absent: whatever. */
  readonly ifRevision?: number
  /** May be acknowledged before it is durable and carried by a later commit within 10 s (a Lease renewal that changes nothing but its time). */
  readonly lazy?: boolean
}

export type Written = { readonly revision: number } | { readonly conflict: Entry | undefined }

/** One change of one key; `value` is undefined when it was deleted. */
export interface Change {
  readonly key: string
  readonly revision: number
  readonly value: Uint8Array | undefined
  /** That of the write; undefined when it had none. */
  readonly object: object | undefined
  readonly previous: Entry | undefined
  readonly created: number
  readonly version: number
  /** The moment, in milliseconds of `performance.now()`, at which it was known to be durable; of stores that have a medium. */
  readonly decidedAt?: number
}
export type StoreEvent = Change | { readonly progress: number }

/** History no longer reaches back to the revision asked for. */
export class Expired extends Error {
  readonly oldest: number
  constructor(asked: number, oldest: number) {
    super(`revision ${asked} has been compacted; the oldest is ${oldest}`)
    this.name = 'Expired'
    this.oldest = oldest
  }
}

/** The medium refused the write (disk full, read only, failing): nothing was written. */
export class Unwritable extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'Unwritable'
  }
}

/** The store has been closed. */
export class Closed extends Error {
  constructor() {
    super('the store is closed')
    this.name = 'Closed'
  }
}

/** The place that was given cannot be used: in use, of a newer version, no permission. The message has the remedy. */
export class Unusable extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'Unusable'
  }
}
