import type { KubeObject } from '../../api/meta/object.ts'
import type { ChangeEvent } from './event.ts'
import { Bucket, type FanOut } from './fan-out.ts'
import type { Watcher } from './watcher.ts'

/** Where a watch is entered: the narrowest of what selects it. */
export type Place = { readonly field: string; readonly value: string } | { readonly key: string } | { readonly namespace: string } | 'all'

/** The watches of one kind, found by what they select, so that a change costs those that want it and nobody else. */
export class Buckets<T extends KubeObject> {
  readonly #all = new Bucket<T>()
  readonly #byNamespace = new Map<string, Bucket<T>>()
  readonly #byKey = new Map<string, Bucket<T>>()
  readonly #byField = new Map<string, Map<string, Bucket<T>>>()
  readonly #indexes: ReadonlyMap<string, (object: T) => string>

  constructor(indexes: ReadonlyMap<string, (object: T) => string>) {
    this.#indexes = indexes
  }

  enter(watcher: Watcher<T>): void {
    const [map, key] = this.#find(watcher.place)
    let bucket = map ? map.get(key) : this.#all
    if (!bucket) {
      bucket = new Bucket<T>()
      map!.set(key, bucket)
    }
    bucket.watchers.add(watcher)
  }

  leave(watcher: Watcher<T>): void {
    const [map, key] = this.#find(watcher.place)
    const bucket = map ? map.get(key) : this.#all
    bucket?.watchers.delete(watcher)
    if (map && bucket?.watchers.size === 0) map.delete(key)
  }

  #find(place: Place): [Map<string, Bucket<T>> | undefined, string] {
    if (place === 'all') return [undefined, '']
    if ('key' in place) return [this.#byKey, place.key]
    if ('namespace' in place) return [this.#byNamespace, place.namespace]
    let values = this.#byField.get(place.field)
    if (!values) {
      values = new Map()
      this.#byField.set(place.field, values)
    }
    return [values, place.value]
  }

  /** Adds a change to all buckets whose watches may want it. */
  add(event: ChangeEvent<T>, fanOut: FanOut): void {
    if (this.#all.watchers.size > 0) fanOut.add(this.#all, event)
    if (this.#byKey.size > 0) this.#addTo(this.#byKey.get(event.key), event, fanOut)
    if (this.#byNamespace.size > 0) this.#addTo(this.#byNamespace.get(event.object.metadata.namespace ?? ''), event, fanOut)
    for (const [field, values] of this.#byField) {
      if (values.size === 0) continue
      const index = this.#indexes.get(field)!
      const value = index(event.object)
      this.#addTo(values.get(value), event, fanOut)
      const before = event.previous ? index(event.previous) : value
      if (before !== value) this.#addTo(values.get(before), event, fanOut)
    }
  }

  #addTo(bucket: Bucket<T> | undefined, event: ChangeEvent<T>, fanOut: FanOut): void {
    if (bucket) fanOut.add(bucket, event)
  }
}
