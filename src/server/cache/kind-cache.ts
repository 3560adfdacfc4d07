import type { KubeObject } from '../../api/meta/object.ts'
import type { Deadlines, Timed } from '../../base/deadlines.ts'
import { fnv1a32 } from '../../base/fnv.ts'
import { compareKeys, SortedKeys } from '../../base/sorted-keys.ts'
import { type Change, type Entry, Expired } from '../../store/store.ts'
import { Buckets, type Place } from './buckets.ts'
import { ChangeEvent, stamp } from './event.ts'
import { EventRing } from './event-ring.ts'
import type { FanOut } from './fan-out.ts'
import { FieldIndex } from './field-index.ts'
import { HeldObjects } from './held-objects.ts'
import type { Interner } from './intern.ts'
import type { CachedKind, CacheEvent, Listed, ListQuery, Selection, Watch, WatchCache, WatchQuery } from './types.ts'
import { type InitialState, Watcher, type WatcherOwner } from './watcher.ts'

/** What the caches of one store share. */
export interface Shared {
  /** All changes up to here are in the caches. */
  readonly revision: () => number
  /** Of watches. */
  readonly deadlines: Deadlines<Timed>
  readonly interner: Interner
  readonly fanOut: FanOut
  /** How many changes of each kind are kept for watches that begin in the past. */
  readonly events: number
}

/** One is told of how far it is each second. */
const GROUPS = 60
/** Objects of the initial state in one batch. */
const BATCH = 500

type Present<T> = readonly [key: string, object: T]

export class KindCache<T extends KubeObject = KubeObject> implements WatchCache<T>, WatcherOwner<T> {
  readonly kind: CachedKind<T>
  /** What the store's keys of this kind begin with. */
  readonly prefix: string
  readonly #shared: Shared
  #objects: HeldObjects<T>
  #keys = new SortedKeys()
  /** All objects in order, since they were last asked for; admission asks for all of a small kind with each write of another. */
  #all: readonly T[] | undefined
  #ring: EventRing<T>
  readonly #indexes: ReadonlyMap<string, (object: T) => string>
  /** Made when a field is first asked for. */
  readonly #built = new Map<string, FieldIndex<T>>()
  readonly #buckets: Buckets<T>
  readonly #watchers = new Set<Watcher<T>>()
  /** Those that want bookmarks, in groups that are served one after the other. */
  readonly #bookmarked: readonly Set<Watcher<T>>[] = Array.from({ length: GROUPS }, () => new Set())

  constructor(kind: CachedKind<T>, loadedAt: number, shared: Shared) {
    this.kind = kind
    this.prefix = `/${kind.group || 'core'}/${kind.resource}/`
    this.#shared = shared
    this.#objects = new HeldObjects(shared.interner, kind.restsBy)
    this.#ring = new EventRing(loadedAt, Math.min(kind.changes ?? shared.events, shared.events))
    this.#indexes = new Map(Object.entries(kind.indexes ?? {}))
    this.#buckets = new Buckets(this.#indexes)
  }

  get size(): number {
    return this.#objects.size
  }
  get watches(): number {
    return this.#watchers.size
  }
  /** How many past changes are held. */
  get events(): number {
    return this.#ring.size
  }

  /** Takes what the store held at the start; before anything else. */
  load(entries: readonly Entry[]): void {
    for (const { key, value, modified } of entries) this.#objects.load(key.slice(this.prefix.length), value, modified)
  }
  loaded(): void {
    this.#keys = SortedKeys.from(this.#objects.keys())
  }

  /** Reads what has been loaded and not yet been asked for, a few objects at each turn, and gives their bytes up. */
  *readAhead(few: number): Generator<void, void, undefined> {
    const objects = this.#objects
    for (const _ of objects.readAhead(few)) {
      if (this.#objects !== objects) return
      yield
    }
  }

  /** Holds what another cache of the same kind has loaded; all watches have to list again. */
  become(other: KindCache<T>): void {
    this.#objects = other.#objects
    this.#keys = other.#keys
    this.#all = undefined
    this.#ring = other.#ring
    this.#built.clear()
    this.end(new Expired(0, other.#ring.oldest))
  }

  get(key: string): T | undefined {
    return this.#objects.get(key)
  }

  /** Takes one change of the store into the objects; returns it as those who watch will see it. */
  change({ key, revision, value, object, decidedAt }: Change): ChangeEvent<T> | undefined {
    const name = key.slice(this.prefix.length)
    const before = this.get(name)
    if (!value && !before) return undefined
    const after = value && (object ? stamp(object as T, revision) : this.#objects.admit(value, revision, before))
    this.#all = undefined
    if (after) {
      this.#objects.set(name, after)
      if (!before) this.#keys.add(name)
    } else {
      this.#objects.delete(name)
      this.#keys.delete(name)
    }
    for (const index of this.#built.values()) index.change(name, before, after)
    const type = !after ? 'DELETED' : before ? 'MODIFIED' : 'ADDED'
    const event = new ChangeEvent<T>(type, name, revision, after ?? stamp(before!, revision), before, decidedAt)
    const aged = this.#ring.append(event)
    const resting = aged && this.#objects.letRest(aged.key, aged.object)
    if (resting) aged.letRest(resting)
    return event
  }

  /** Enters a change with the watches that may want it; they get it with the next flush. */
  announce(event: ChangeEvent<T>): void {
    this.#buckets.add(event, this.#shared.fanOut)
  }

  compact(revision: number): void {
    this.#ring.compact(revision)
  }

  list(query?: ListQuery<T>): Listed<T> {
    if (query === undefined) {
      const items = this.#all ?? Object.freeze(Array.from(this.#keys.range(''), key => this.get(key)!))
      if (!this.kind.restsBy) this.#all = items
      return { items, revision: this.#shared.revision(), next: undefined, remaining: undefined }
    }
    const { limit = Infinity, revision = this.#shared.revision() } = query
    if (revision > this.#shared.revision()) throw new RangeError(`revision ${revision} does not exist yet`)
    const past = query.revision === undefined ? undefined : this.#ring.stateAt(revision)
    const selects = this.#selectorOf(query)
    const find = this.#objects.finder(query.texts)
    const items: T[] = []
    let last: string | undefined
    for (const key of this.#candidates(query, past)) {
      const object = past?.has(key) ? past.get(key) : find(key)
      if (!object || (selects && !selects(object))) continue
      if (items.length >= limit) return { items, revision, next: last, remaining: this.#remaining(query, last!) }
      items.push(object)
      last = key
    }
    return { items, revision, next: undefined, remaining: undefined }
  }

  async listInTurns(query: ListQuery<T>): Promise<Listed<T>> {
    const { limit = Infinity } = query
    const short = limit < Infinity && !query.matches
    if (!this.kind.restsBy || query.revision !== undefined || short) return this.list(query)
    const revision = this.#shared.revision()
    const present = this.#present(query)
    const items: T[] = []
    let last: string | undefined
    for (;;) {
      const { done, value } = present.next()
      for (const [key, object] of value) {
        if (items.length >= limit) return { items, revision, next: last, remaining: undefined }
        items.push(object)
        last = key
      }
      if (done) return { items, revision, next: undefined, remaining: undefined }
      await new Promise(setImmediate)
    }
  }

  having(field: string, value: string): readonly T[] {
    const found: T[] = []
    for (const key of this.#index(field).keys(value)) found.push(this.get(key)!)
    return found
  }

  changes(after: number): readonly ChangeEvent<T>[] {
    return this.#ring.after(after)
  }

  #remaining(query: ListQuery<T>, after: string): number | undefined {
    if (query.field || query.name !== undefined || query.matches) return undefined
    return this.#keys.count(this.#keyPrefix(query), after)
  }

  #keyPrefix({ namespace }: Selection<T>): string {
    return this.kind.namespaced && namespace !== undefined ? `${namespace}/` : ''
  }

  #keyOf({ namespace, name }: Selection<T>): string | undefined {
    if (name === undefined) return undefined
    if (!this.kind.namespaced) return name
    return namespace === undefined ? undefined : `${namespace}/${name}`
  }

  /** Keys in order that hold all that a query can select. */
  #candidates(query: ListQuery<T>, past: ReadonlyMap<string, T | undefined> | undefined): Iterable<string> {
    const { field, after } = query
    const only = this.#keyOf(query)
    const prefix = this.#keyPrefix(query)
    const within = (key: string) => (only === undefined ? key.startsWith(prefix) : key === only) && (after === undefined || key > after)
    let keys: Iterable<string>
    if (only !== undefined) keys = [only].filter(within)
    else if (field) keys = [...this.#index(field.name).keys(field.value)].filter(within).sort(compareKeys)
    else keys = this.#keys.range(prefix, after)
    if (!past?.size) return keys
    return [...new Set([...keys, ...[...past.keys()].filter(within)])].sort(compareKeys)
  }

  #index(field: string): FieldIndex<T> {
    let index = this.#built.get(field)
    if (index) return index
    const read = this.#indexes.get(field)
    if (!read) throw new TypeError(`${this.kind.resource} has no index of ${field}`)
    index = new FieldIndex(read)
    for (const key of this.#objects.keys()) index.change(key, undefined, this.get(key))
    this.#built.set(field, index)
    return index
  }

  /** What remains to be asked of an object that is under the query's prefix; undefined: nothing. */
  #selectorOf(selection: Selection<T>): ((object: T) => boolean) | undefined {
    const { field, name, namespace, matches } = selection
    const tests: ((object: T) => boolean)[] = []
    if (field) {
      const read = this.#indexes.get(field.name)
      if (!read) throw new TypeError(`${this.kind.resource} has no index of ${field.name}`)
      tests.push(object => read(object) === field.value)
      if (this.kind.namespaced && namespace !== undefined) tests.push(object => object.metadata.namespace === namespace)
    }
    // By its whole key nothing else is found.
    if (name !== undefined && (field || this.#keyOf(selection) === undefined)) tests.push(object => object.metadata.name === name)
    if (matches) tests.push(matches)
    if (tests.length <= 1) return tests[0]
    // Kept for as long as the watch: without the room that a list has which has grown.
    const all = tests.slice()
    return object => all.every(test => test(object))
  }

  watch(query: WatchQuery<T>): Watch<T> {
    const { after, bookmarks, signal, timeout } = query
    const now = this.#shared.revision()
    const backlog = after === 'initial' ? [] : this.#ring.after(after)
    const watcher = new Watcher<T>({
      after: after === 'initial' ? now : after,
      selects: this.#selectorOf(query),
      initial: after === 'initial' ? this.#initial(query, now) : undefined,
      place: this.#placeOf(query),
      owner: this,
    })
    if (bookmarks) watcher.group = this.#bookmarked[(query.client === undefined ? this.#watchers.size : fnv1a32(query.client)) % GROUPS]!
    watcher.group?.add(watcher)
    this.#buckets.enter(watcher)
    this.#watchers.add(watcher)
    if (timeout !== undefined) watcher.endsAt = this.#shared.deadlines.enter(watcher, timeout)
    if (signal) watcher.unlisten = listen(signal, () => watcher.end())
    if (signal?.aborted) watcher.end()
    else watcher.take(this.#within(query, backlog))
    return watcher
  }

  closed(watcher: Watcher<T>): void {
    this.#buckets.leave(watcher)
    this.#watchers.delete(watcher)
    watcher.group?.delete(watcher)
    if (watcher.endsAt !== undefined) this.#shared.deadlines.leave(watcher, watcher.endsAt)
    watcher.unlisten?.()
  }

  over(watcher: Watcher<T>): void {
    if (watcher.group && this.#shared.fanOut.idle) watcher.bookmark(this.#shared.revision())
    watcher.end()
  }

  #placeOf(query: WatchQuery<T>): Place {
    const { field, namespace } = query
    if (field) return { field: field.name, value: field.value }
    const key = this.#keyOf(query)
    if (key !== undefined) return { key }
    return this.kind.namespaced && namespace !== undefined ? { namespace } : 'all'
  }

  /** Changes that a watch's bucket would have given it. */
  #within(query: WatchQuery<T>, events: readonly ChangeEvent<T>[]): readonly ChangeEvent<T>[] {
    const only = this.#keyOf(query)
    const prefix = this.#keyPrefix(query)
    if (only === undefined && prefix === '') return events
    return events.filter(({ key }) => (only === undefined ? key.startsWith(prefix) : key === only))
  }

  /** The state of now in batches, the last one returned; some may be empty. */
  #initial(query: WatchQuery<T>, revision: number): InitialState<T> {
    const { markInitialEnd } = query
    const present = this.#present({ ...query, after: undefined })
    const added = ([key, object]: Present<T>): CacheEvent<T> => {
      const revision = Number(object.metadata.resourceVersion)
      return { type: 'ADDED', key, revision, object, previous: undefined, encodings: undefined, passing: true }
    }
    return (function* () {
      for (;;) {
        const { done, value } = present.next()
        if (done && !markInitialEnd) return value.map(added)
        if (value.length > 0 || !done) yield value.map(added)
        if (done) return [{ type: 'BOOKMARK', revision, initialEventsEnd: true } as const]
      }
    })()
  }

  /** The objects of now in batches, the last one returned, read when each is asked for, whatever changes meanwhile; some may be empty. */
  #present(query: ListQuery<T>): Iterator<readonly Present<T>[], readonly Present<T>[]> {
    const selects = this.#selectorOf(query)
    const snapshot = this.#objects.snapshot(this.#candidates(query, undefined), query.texts)
    return (function* () {
      for (let from = 0; ; from += BATCH) {
        const batch: Present<T>[] = []
        for (const [key, make] of snapshot.slice(from, from + BATCH)) {
          const object = make()
          if (!selects || selects(object)) batch.push([key, object])
        }
        if (from + BATCH >= snapshot.length) return batch
        yield batch
      }
    })()
  }

  /** Tells one group of those who want to know how far they are. Called once a second, with a number that is one more each time. */
  bookmark(turn: number): void {
    if (!this.#shared.fanOut.idle) return
    for (const watcher of this.#bookmarked[turn % GROUPS]!) watcher.bookmark(this.#shared.revision())
  }

  /** Ends all watches: with an error, they have to list again. */
  end(failure?: Error): void {
    for (const watcher of [...this.#watchers]) watcher.end(failure)
  }
}

function listen(signal: AbortSignal, call: () => void): () => void {
  signal.addEventListener('abort', call)
  return () => signal.removeEventListener('abort', call)
}
