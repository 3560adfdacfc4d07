import type { KubeObject } from '../../api/meta/object.ts'

/** What the cache must know of a resource. The field indexes are functions of an object; '' is a value like any other. */
export interface CachedKind<T extends KubeObject = KubeObject> {
  readonly group: string
  readonly resource: string
  readonly namespaced: boolean
  /** Fields by whose value watches and lists are found without a scan: `{ 'spec.nodeName': pod => … }`. */
  readonly indexes?: Readonly<Record<string, (object: T) => string>>
  /**
   * Objects that are seldom asked for once they are no longer new: they rest as texts, and are made anew, each time, for whoever asks.
   * Says which of them have more in common with each other than with the rest.
   */
  readonly restsBy?: (object: T) => string
  /** At most so many changes are kept for watches that begin in the past: of what changes all the time and nobody follows from far back. */
  readonly changes?: number
}

/** One change of one object, shared by all who watch it. Everything but `encodings` is frozen in practice: only the owner of that slot writes. */
export interface ObjectEvent<T extends KubeObject = KubeObject> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  /** `ns/name`, or `name` of a cluster-scoped object. */
  readonly key: string
  readonly revision: number
  /** As it is after the change; of a deletion the last state, with the deletion's revision as its resourceVersion. */
  readonly object: T
  /** As it was before the change; absent for an object that is new. */
  readonly previous: T | undefined
  /** The moment, in milliseconds of `performance.now()`, at which it was known to be durable; of live changes of a store with a medium. */
  readonly decidedAt?: number | undefined
  /**
   * A slot for what encoders make of this event, by form. The cache empties it once the event is no longer among the
   * newest few hundred of its kind, so that bytes are made once per change and form and then dropped.
   */
  encodings: Map<string, unknown> | undefined
  /** Of the first state of one watch: nobody else has it, so that nothing that is made of it is worth keeping. */
  readonly passing?: true
}

/** Nothing up to `revision` is still to come. */
export interface Bookmark {
  readonly type: 'BOOKMARK'
  readonly revision: number
  /** The state asked for with `initial` has been delivered whole. */
  readonly initialEventsEnd: boolean
}

export type CacheEvent<T extends KubeObject = KubeObject> = ObjectEvent<T> | Bookmark

/** Which objects. All that is given must hold. */
export interface Selection<T extends KubeObject> {
  readonly namespace?: string | undefined
  /** With `namespace` where the kind has one: exactly one object. */
  readonly name?: string | undefined
  /** A field of `indexes` and the value it must have. */
  readonly field?: { readonly name: string; readonly value: string } | undefined
  readonly matches?: ((object: T) => boolean) | undefined
  /** Texts that only such objects match as hold each of them as the whole value of some field: what rests need not be made to be passed over. */
  readonly texts?: readonly string[] | undefined
}

export interface ListQuery<T extends KubeObject> extends Selection<T> {
  /** Exactly this revision; throws `Expired` when it is no longer held. Absent: the present state of the cache. */
  readonly revision?: number | undefined
  /** At most this many items. */
  readonly limit?: number | undefined
  /** Only objects whose key (`ns/name`) comes after this one. */
  readonly after?: string | undefined
}

export interface Listed<T extends KubeObject> {
  /** In order of key. */
  readonly items: readonly T[]
  /** The revision that the items show. */
  readonly revision: number
  /** The key to go on after, when `limit` cut the list. */
  readonly next: string | undefined
  /** How many keys are left after `next`; known only where nothing but a namespace selects. */
  readonly remaining: number | undefined
}

export interface WatchQuery<T extends KubeObject> extends Selection<T> {
  /**
   * Everything newer than this revision; throws `Expired` when history no longer reaches back. `'initial'`: the present
   * state as ADDED first, then every change.
   */
  readonly after: number | 'initial'
  /** With `'initial'`: a bookmark with `initialEventsEnd` follows the state. */
  readonly markInitialEnd?: boolean | undefined
  /** About once a minute, and at the deadline. */
  readonly bookmarks?: boolean | undefined
  /** Who watches: watches of one client, of whatever kinds, get their bookmarks at the same moment, so that they go out together. */
  readonly client?: string | undefined
  /** Ends the watch by itself after so many milliseconds. */
  readonly timeout?: number | undefined
  /** Ends the watch; the iterator then returns without an error. */
  readonly signal?: AbortSignal | undefined
}

/** One watch. `return` ends it. */
export interface Watch<T extends KubeObject = KubeObject> extends AsyncIterableIterator<readonly CacheEvent<T>[]> {
  return(): Promise<IteratorResult<readonly CacheEvent<T>[]>>
  /** Tells once, now or later, when `next` need not wait: whoever holds very many has no promise kept waiting for each. */
  whenReady(reader: Reader): void
}

/** Who reads a watch: an object, since a function for each of very many costs as much again. */
export interface Reader {
  ready(): void
}

/** The objects of one kind as the store has them, and how they change. All that it hands out is frozen. */
export interface WatchCache<T extends KubeObject = KubeObject> {
  readonly kind: CachedKind<T>
  readonly size: number
  /** By `ns/name`, or `name`. */
  get(key: string): T | undefined
  list(query?: ListQuery<T>): Listed<T>
  /** The same, with turns for others where many objects at rest have to be made for it. */
  listInTurns(query: ListQuery<T>): Promise<Listed<T>>
  /** The present objects with this value of a field of `indexes`, in no order: what `list` finds by field, at a tenth of the cost. */
  having(field: string, value: string): readonly T[]
  /** What has changed since a revision, in order; throws `Expired` when it is too old. */
  changes(after: number): readonly ObjectEvent<T>[]
  /**
   * Registered before it returns: nothing is missed from here on. Throws `Expired` at once when `after` is too old, and
   * from the iterator when the consumer cannot keep up. The events of one tick come together.
   */
  watch(query: WatchQuery<T>): Watch<T>
}

/** Which kind. */
export interface Located {
  readonly group: string
  readonly resource: string
}

/** An object for the store, its revision not in it; both go into one write, so that the cache need not read what was just written. */
export interface Packed {
  readonly value: Uint8Array
  /** What the bytes say, its parts frozen and shared with those of others. */
  readonly object: object
}

export interface Held {
  readonly objects: number
  /** Past changes, kept for watches that begin there. */
  readonly events: number
  readonly watches: number
}

/** The caches of all kinds over one store; one revision for all. */
export interface WatchCaches {
  of<T extends KubeObject = KubeObject>(at: Located): WatchCache<T> | undefined
  /** Adds a kind while the others serve; resolves with its cache when it is loaded. */
  add<T extends KubeObject>(kind: CachedKind<T>): Promise<WatchCache<T>>
  /** Forgets a kind; its watches end. */
  remove(at: Located): void
  /** Puts frozen parts that others have in the place of equal parts, from the second level on, of a fresh JSON value. */
  adopt(fresh: object): void
  /**
   * What to store for an object of a kind that follows `before`; `renewed`: in which only a time is another. The object is not changed,
   * but its parts, those of its metadata too, may be frozen.
   */
  pack(at: Located, object: KubeObject, before: KubeObject | undefined, renewed?: boolean): Packed
  /** All changes up to here are in the caches. */
  readonly revision: number
  /** What they hold, for who watches over memory. */
  held(): Held
  /** Resolves (undefined, at once, when it is already so) when the caches hold everything up to `revision`. */
  reached(revision: number, signal?: AbortSignal): Promise<void> | undefined
  /** Resolves when the caches hold everything that the store had committed at the call: a read that is linearizable. */
  fresh(signal?: AbortSignal): Promise<void> | undefined
  /** Forgets history up to and including `revision`, here and in the store. */
  compact(revision: number): Promise<void>
  close(): Promise<void>
}
