import type { KubeObject } from '../../api/meta/object.ts'
import { type Clock, sleep, systemClock } from '../../base/clock.ts'
import { Deadlines } from '../../base/deadlines.ts'
import { deepFreeze } from '../../base/freeze.ts'
import { passingText } from '../../base/json-text.ts'
import { type Log, silentLog } from '../../base/log.ts'
import { type Change, Closed, type Listing, type Store, type StoreEvent } from '../../store/store.ts'
import { Encoder } from './encode.ts'
import type { ChangeEvent } from './event.ts'
import { FanOut } from './fan-out.ts'
import { Interner } from './intern.ts'
import { KindCache, type Shared } from './kind-cache.ts'
import type { CachedKind, Held, Located, Packed, WatchCache, WatchCaches } from './types.ts'

export interface CachesOptions {
  readonly store: Store
  readonly kinds: readonly CachedKind<never>[]
  readonly clock?: Clock
  readonly log?: Log
  /** How many changes of each kind are kept for watches that begin in the past. */
  readonly events?: number
}

/** Loads the caches of some kinds and keeps them as the store is. */
export async function openCaches({ store, kinds, clock = systemClock, log = silentLog, events = 20_000 }: CachesOptions): Promise<WatchCaches> {
  const caches = new Caches(store, clock, log, events)
  await caches.load(kinds as readonly CachedKind[])
  return caches
}

const PAGE = 1000
/** Objects read at one turn: a few milliseconds. */
const READ_AHEAD = 100
const BOOKMARK_TURN = 1000

interface Waiting {
  readonly revision: number
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

class Caches implements WatchCaches {
  readonly #store: Store
  readonly #clock: Clock
  readonly #log: Log
  readonly #shared: Shared
  readonly #byPrefix = new Map<string, KindCache>()
  /** The same by resource, then group: every request asks for several, and no text is put together for it. */
  readonly #byResource = new Map<string, Map<string, KindCache>>()
  /** Kinds that are being loaded: their changes meanwhile. */
  readonly #loading = new Map<string, Change[]>()
  readonly #stop = new AbortController()
  readonly #encoder = new Encoder()
  #following: Promise<unknown> = Promise.resolve()
  #cancelTimer = () => {}
  #revision = 0
  #turn = 0
  #waiting: Waiting[] = []

  constructor(store: Store, clock: Clock, log: Log, events: number) {
    this.#store = store
    this.#clock = clock
    this.#log = log
    this.#shared = { revision: () => this.#revision, deadlines: new Deadlines(clock), interner: new Interner(), fanOut: new FanOut(), events }
  }

  get revision(): number {
    return this.#revision
  }

  held(): Held {
    let [objects, events, watches] = [0, 0, 0]
    for (const cache of this.#byPrefix.values()) {
      objects += cache.size
      events += cache.events
      watches += cache.watches
    }
    return { objects, events, watches }
  }

  of<T extends KubeObject = KubeObject>(at: Located): WatchCache<T> | undefined {
    return this.#at(at) as unknown as WatchCache<T> | undefined
  }

  #at({ group, resource }: Located): KindCache | undefined {
    return this.#byResource.get(resource)?.get(group)
  }

  #put(cache: KindCache): void {
    const { group, resource } = cache.kind
    this.#byPrefix.set(cache.prefix, cache)
    const ofResource = this.#byResource.get(resource) ?? new Map<string, KindCache>()
    this.#byResource.set(resource, ofResource.set(group, cache))
  }

  async load(kinds: readonly CachedKind[]): Promise<void> {
    this.#revision = await this.#store.latest()
    // All are asked for at once: the store reads one while another is taken in.
    const loaded = await Promise.all(kinds.map(kind => this.#loadKind(kind, this.#revision)))
    for (const cache of loaded) this.#put(cache)
    this.#following = Promise.all([this.#follow(), this.#readAhead()])
    this.#turnLater()
  }

  async #loadKind(kind: CachedKind, revision: number): Promise<KindCache> {
    const cache = new KindCache(kind, revision, this.#shared)
    const ask = (after: string) => this.#store.list(cache.prefix, { limit: PAGE, after, revision })
    for (let asked: Promise<Listing> | undefined = ask(''); asked; ) {
      const { entries, more }: Listing = await asked
      // The store reads a page while the one before is taken in.
      asked = more ? ask(entries[entries.length - 1]!.key) : undefined
      cache.load(entries)
    }
    cache.loaded()
    return cache
  }

  async add<T extends KubeObject>(kind: CachedKind<T>): Promise<WatchCache<T>> {
    const prefix = prefixOf(kind)
    if (this.#byPrefix.has(prefix) || this.#loading.has(prefix)) throw new TypeError(`${prefix} is already cached`)
    const meanwhile: Change[] = []
    this.#loading.set(prefix, meanwhile)
    try {
      const cache = (await this.#loadKind(kind as unknown as CachedKind, this.#revision)) as unknown as KindCache<T>
      for (const change of meanwhile) cache.change(change)
      this.#put(cache as unknown as KindCache)
      return cache
    } finally {
      this.#loading.delete(prefix)
    }
  }

  remove(at: Located): void {
    const prefix = prefixOf(at)
    this.#byPrefix.get(prefix)?.end()
    this.#byPrefix.delete(prefix)
    this.#byResource.get(at.resource)?.delete(at.group)
  }

  adopt(fresh: object): void {
    this.#shared.interner.adopt(fresh)
  }

  pack(at: Located, object: KubeObject, before: KubeObject | undefined, renewed = false): Packed {
    const bare = withoutRevision(object)
    // What soon rests as a text has no parts that would be shared; what is renewed has those of the state before.
    if (renewed || this.#at(at)?.kind.restsBy) {
      return { value: this.#encoder.encode(passingText(bare)), object: deepFreeze({ ...bare, metadata: { ...bare.metadata } }) }
    }
    const { parts, text } = this.#shared.interner.pack(bare, before)
    return { value: this.#encoder.encode(text), object: parts }
  }

  reached(revision: number, signal?: AbortSignal): Promise<void> | undefined {
    if (this.#revision >= revision) return undefined
    if (this.#stop.signal.aborted) return Promise.reject(new Closed())
    return new Promise((resolve, reject) => {
      const waiting: Waiting = { revision, resolve: () => settle(resolve), reject: error => settle(() => reject(error)) }
      const stop = () => {
        this.#waiting = this.#waiting.filter(each => each !== waiting)
        waiting.reject(signal?.reason)
      }
      const settle = (done: () => void) => {
        signal?.removeEventListener('abort', stop)
        done()
      }
      this.#waiting.push(waiting)
      signal?.addEventListener('abort', stop)
      if (signal?.aborted) stop()
    })
  }

  async fresh(signal?: AbortSignal): Promise<void> {
    await this.reached(await this.#store.latest(), signal)
  }

  /** Reads all that was loaded, so that the first list or watch of many objects need not; others get their turns meanwhile. */
  async #readAhead(): Promise<void> {
    for (const cache of [...this.#byPrefix.values()])
      try {
        for (const _ of cache.readAhead(READ_AHEAD)) {
          await new Promise(setImmediate)
          if (this.#stop.signal.aborted) return
        }
      } catch (error) {
        this.#log.error('an object in the store cannot be read', { resource: cache.kind.resource, error })
      }
  }

  /** Follows the store until closed. Should history have run away from it, everything is loaded anew and all watches end. */
  async #follow(): Promise<void> {
    const { signal } = this.#stop
    while (!signal.aborted) {
      try {
        for await (const events of this.#store.watch('/', { after: this.#revision, signal })) this.#take(events)
        return
      } catch (error) {
        if (signal.aborted) return
        this.#log.error('lost the thread of the store; loading again', { error })
        await this.#loadAgain().catch((error: unknown) => {
          this.#log.error('cannot load from the store', { error })
          return sleep(this.#clock, 1000, signal).catch(() => {})
        })
      }
    }
  }

  async #loadAgain(): Promise<void> {
    const revision = await this.#store.latest()
    const fresh = new Map<string, KindCache>()
    for (const [prefix, { kind }] of this.#byPrefix) fresh.set(prefix, await this.#loadKind(kind, revision))
    this.#advance(revision)
    for (const [prefix, loaded] of fresh) this.#byPrefix.get(prefix)?.become(loaded)
  }

  #take(events: readonly StoreEvent[]): void {
    const announcements: [KindCache, ChangeEvent<KubeObject>][] = []
    let revision = this.#revision
    for (const event of events) {
      if ('progress' in event) {
        revision = event.progress
        continue
      }
      revision = event.revision
      const prefix = prefixOfKey(event.key)
      const cache = this.#byPrefix.get(prefix)
      const seen = cache?.change(event)
      if (seen) announcements.push([cache!, seen])
      else this.#loading.get(prefix)?.push(event)
    }
    this.#advance(revision)
    for (const [cache, event] of announcements) cache.announce(event)
    this.#shared.fanOut.flush()
  }

  #advance(revision: number): void {
    this.#revision = revision
    if (this.#waiting.length === 0) return
    const due = this.#waiting.filter(each => each.revision <= revision)
    if (due.length === this.#waiting.length) this.#waiting = []
    else if (due.length > 0) this.#waiting = this.#waiting.filter(each => each.revision > revision)
    for (const { resolve } of due) resolve()
  }

  #turnLater(): void {
    this.#cancelTimer = this.#clock.after(BOOKMARK_TURN, () => {
      this.#turn++
      for (const cache of this.#byPrefix.values()) cache.bookmark(this.#turn)
      this.#turnLater()
    })
  }

  async compact(revision: number): Promise<void> {
    for (const cache of this.#byPrefix.values()) cache.compact(Math.min(revision, this.#revision))
    await this.#store.compact(revision)
  }

  async close(): Promise<void> {
    this.#stop.abort()
    this.#cancelTimer()
    for (const cache of this.#byPrefix.values()) cache.end()
    for (const { reject } of this.#waiting.splice(0)) reject(new Closed())
    await this.#following
  }
}

const withoutRevision = (object: KubeObject): KubeObject =>
  object.metadata.resourceVersion === undefined
    ? object
    : { ...object, metadata: { ...object.metadata, resourceVersion: undefined } as unknown as KubeObject['metadata'] }

const prefixOf = ({ group, resource }: Located): string => `/${group || 'core'}/${resource}/`

/** `/core/pods/` of `/core/pods/default/a`. */
const prefixOfKey = (key: string): string => key.slice(0, key.indexOf('/', key.indexOf('/', 1) + 1) + 1)
