import type { Api } from '../api/access.ts'
import type { KubeObject } from '../api/meta/object.ts'
import { type Clock, sleep } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import { type ListWatchTarget, listWatch } from './list-watch.ts'

/** A key went from `old` to `object`; either is absent where there is none. Objects are frozen. */
export interface Change<T extends KubeObject> {
  readonly key: string
  readonly object?: T | undefined
  readonly old?: T | undefined
}

/** Read-only view of what the server has. */
export interface Lister<T extends KubeObject> {
  get(key: string): T | undefined
  list(): Iterable<T>
  by(index: string, value: string): Iterable<T>
}

export interface InformerOptions<T extends KubeObject> {
  readonly api: Api
  readonly target: ListWatchTarget<T>
  readonly clock: Clock
  readonly log: Log
  /** A number in [0, 1) for the jitter of reconnecting. */
  readonly random?: () => number
  readonly indexes?: Readonly<Record<string, Indexer<T>>>
}
/** The value that an object is found by, of its name, labels, annotations, owners or spec; undefined: it is not to be found. */
export type Indexer<T> = (object: T) => string | undefined

/** `namespace/name`, or `name` for what has no namespace. */
export const keyOf = (object: { readonly metadata: { readonly namespace?: string | undefined; readonly name?: string | undefined } }): string =>
  object.metadata.namespace ? `${object.metadata.namespace}/${object.metadata.name}` : `${object.metadata.name}`

const NONE: readonly never[] = Object.freeze([])

/** Keys by value; most values of large indexes have one. Objects that change and stay where they are need nothing done. */
type Index = Map<string, string | Set<string>>

/** A local copy of one kind, kept current, with indexes. Listeners are called in the order of the changes, synchronously. */
export class Informer<T extends KubeObject> implements Lister<T> {
  readonly #options: InformerOptions<T>
  readonly #objects = new Map<string, T>()
  readonly #indexers = new Map<string, Indexer<T>>()
  readonly #indexes = new Map<string, Index>()
  readonly #listeners = new Set<(change: Change<T>) => void>()
  readonly #waiters = new Set<{ revision: number; resolve: () => void }>()
  #revision = 0
  #markSynced!: () => void
  /** Resolves when the first full state is there. */
  readonly synced: Promise<void> = new Promise(resolve => {
    this.#markSynced = resolve
  })

  constructor(options: InformerOptions<T>) {
    this.#options = options
    for (const [name, indexer] of Object.entries(options.indexes ?? {})) this.index(name, indexer)
  }

  /** The newest revision that this copy has reached. */
  get revision(): number {
    return this.#revision
  }
  get size(): number {
    return this.#objects.size
  }

  get(key: string): T | undefined {
    return this.#objects.get(key)
  }
  list(): Iterable<T> {
    return this.#objects.values()
  }
  by(index: string, value: string): Iterable<T> {
    const keys = this.#indexes.get(index)?.get(value)
    if (keys === undefined) return NONE
    return typeof keys === 'string' ? [this.#objects.get(keys)!] : this.#each(keys)
  }
  *#each(keys: ReadonlySet<string>): Iterable<T> {
    for (const key of keys) yield this.#objects.get(key)!
  }

  /** Adds an index; the same name again keeps the first. */
  index(name: string, indexer: Indexer<T>): void {
    if (this.#indexers.has(name)) return
    this.#indexers.set(name, indexer)
    const index: Index = new Map()
    this.#indexes.set(name, index)
    for (const [key, object] of this.#objects) move(index, key, undefined, indexer(object))
  }

  /** Calls `listener` for every change from now on; what is here already comes first as changes without `old`. Returns the way to stop. */
  subscribe(listener: (change: Change<T>) => void): () => void {
    for (const [key, object] of this.#objects) listener({ key, object })
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Resolves when this copy has reached `revision`; rejects when the signal aborts or after 30 s. */
  async caughtUp(revision: number, signal: AbortSignal): Promise<void> {
    if (this.#revision >= revision) return
    const expired = new AbortController()
    const either = AbortSignal.any([signal, expired.signal])
    let waiter: { revision: number; resolve: () => void } | undefined
    const reached = new Promise<void>(resolve => {
      waiter = { revision, resolve }
      this.#waiters.add(waiter)
    })
    try {
      await Promise.race([
        reached,
        sleep(this.#options.clock, CATCH_UP_MS, either).then(() => {
          throw new Error(`the local copy of ${this.#options.target.kind.resource} has not reached revision ${revision}`)
        }),
      ])
    } finally {
      if (waiter) this.#waiters.delete(waiter)
      expired.abort()
    }
  }

  /** Keeps the copy current until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { api, target, clock, log, random } = this.#options
    const onError = (error: unknown) => log.debug('list-watch failed, going on', { resource: target.kind.resource, error })
    for await (const delta of listWatch(api, target, { clock, signal, onError, held: () => this.#objects.size, ...(random && { random }) })) {
      if (delta.type === 'replace') {
        this.#replace(delta.objects)
        this.#reach(delta.revision)
        this.#markSynced()
      } else {
        for (const event of delta.events) if (event.type !== 'BOOKMARK') this.#set(keyOf(event.object), event.type === 'DELETED' ? undefined : event.object)
        this.#reach(delta.revision)
      }
    }
  }

  #replace(objects: readonly T[]): void {
    const gone = new Set(this.#objects.keys())
    for (const object of objects) {
      const key = keyOf(object)
      gone.delete(key)
      if (this.#objects.get(key)?.metadata.resourceVersion !== object.metadata.resourceVersion) this.#set(key, object)
    }
    for (const key of gone) this.#set(key, undefined)
  }

  #set(key: string, object: T | undefined): void {
    const old = this.#objects.get(key)
    if (!old && !object) return
    if (!old || !object || differs(old, object))
      for (const [name, indexer] of this.#indexers) move(this.#indexes.get(name)!, key, old && indexer(old), object && indexer(object))
    if (object) this.#objects.set(key, object)
    else this.#objects.delete(key)
    const change = { key, object, old }
    for (const listener of this.#listeners) {
      try {
        listener(change)
      } catch (error) {
        // A fault of one listener is not to stop the copy that the others live by.
        this.#options.log.error('a listener failed', { resource: this.#options.target.kind.resource, key, error })
      }
    }
  }

  #reach(revision: number): void {
    this.#revision = Math.max(this.#revision, revision)
    for (const waiter of this.#waiters) if (waiter.revision <= this.#revision) waiter.resolve()
  }
}

/** Whether anything may differ that an index reads; most changes are of a status and leave the rest the objects they were. */
const differs = (a: KubeObject & { readonly spec?: unknown }, b: KubeObject & { readonly spec?: unknown }): boolean =>
  a.spec !== b.spec ||
  a.metadata.uid !== b.metadata.uid ||
  a.metadata.labels !== b.metadata.labels ||
  a.metadata.annotations !== b.metadata.annotations ||
  a.metadata.ownerReferences !== b.metadata.ownerReferences

function move(index: Index, key: string, before: string | undefined, now: string | undefined): void {
  if (before === now) return
  if (before !== undefined) unlink(index, before, key)
  if (now === undefined) return
  const there = index.get(now)
  if (there === undefined) index.set(now, key)
  else if (typeof there === 'string') index.set(now, new Set([there, key]))
  else there.add(key)
}

function unlink(index: Index, value: string, key: string): void {
  const there = index.get(value)
  if (typeof there === 'string') index.delete(value)
  else if (there?.delete(key) && there.size === 1) for (const last of there) index.set(value, last)
}

/** How long a controller waits for its own writes to come back before it gives up and starts anew. */
const CATCH_UP_MS = 30_000
