import type { Api, List, PatchType, Target, WatchEvent, WatchOptions } from '../../api/access.ts'
import { INITIAL_EVENTS_END } from '../../api/access.ts'
import { apiVersionOf } from '../../api/kinds/kind.ts'
import { keyOf, objectKey } from '../../api/meta/key.ts'
import { compileRequirements, parseLabelSelector } from '../../api/meta/label-selector.ts'
import type { KubeObject, NewObject } from '../../api/meta/object.ts'
import { alreadyExists, conflict, MODIFIED, notFound, type StatusError } from '../../api/meta/status.ts'
import type { Pod } from '../../api/types/core/pod.ts'
import type { Clock } from '../../base/clock.ts'
import { deepFreeze } from '../../base/freeze.ts'

type Json = Record<string, unknown>
type Watcher = { readonly resource: string; readonly queue: WatchEvent[]; wake: () => void }
/** One request as a line: `create pods default/a`, `patch pods/status default/a`. */
export type Line = string

/**
 * The `Api` over a few maps, for tests of controllers: revisions, finalizers, graceful deletion of pods, bindings and simple patches,
 * and nothing else (no defaults, no validation, no identity). `refuse` may answer any request with an error.
 */
export class FakeApi implements Api {
  readonly #clock: Clock
  readonly #kinds = new Map<string, Map<string, KubeObject>>()
  readonly #watchers = new Set<Watcher>()
  #revision = 0
  #names = 0
  /** Every write, in order. */
  readonly lines: Line[] = []
  refuse: ((line: Line) => StatusError | undefined) | undefined
  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** All objects of a resource, by key. */
  all(resource: string): ReadonlyMap<string, KubeObject> {
    return this.#of(resource)
  }
  /** Puts an object in as it is; its uid is `<name>-uid` if it has none. */
  put<T extends KubeObject>(resource: string, object: object): T {
    const given: Partial<KubeObject['metadata']> = (object as KubeObject).metadata
    const metadata = { uid: `${given.name}-uid`, creationTimestamp: this.#time(), ...given }
    return this.#store(resource, { ...object, metadata } as unknown as KubeObject) as T
  }
  drop(resource: string, key: string): void {
    this.#remove(resource, key)
  }

  async get<T extends KubeObject>(target: Target<T>): Promise<T> {
    await this.#admit('get', target, false)
    return this.#read(target)
  }

  async list<T extends KubeObject>(target: Target<T>, options: { readonly labelSelector?: string } = {}): Promise<List<T>> {
    await this.#admit('list', target, false)
    const matches = compileRequirements(parseLabelSelector(options.labelSelector ?? ''))
    const items = [...this.#of(target.kind.resource).values()].filter(
      o => (!target.namespace || o.metadata.namespace === target.namespace) && matches(o.metadata.labels),
    ) as T[]
    return { apiVersion: apiVersionOf(target.kind), kind: `${target.kind.kind}List`, metadata: { resourceVersion: `${this.#revision}` }, items }
  }

  async create<T extends KubeObject>(target: Target<T>, object: NewObject<T>): Promise<T> {
    const { kind, namespace } = target
    const name = object.metadata.name ?? `${object.metadata.generateName}${String(this.#names++).padStart(5, '0')}`
    await this.#admit('create', { ...target, name }, true)
    const key = keyOf(namespace, name)
    if (this.#of(kind.resource).has(key)) throw alreadyExists(kind, name)
    const metadata = {
      ...object.metadata,
      name,
      ...(namespace && { namespace }),
      uid: `${name}-${++this.#names}`,
      creationTimestamp: this.#time(),
      generation: 1,
    }
    const empty = kind.resource === 'pods' ? { status: { phase: 'Pending' } } : { status: {} }
    return this.#store(kind.resource, { apiVersion: apiVersionOf(kind), kind: kind.kind, ...empty, ...object, metadata } as unknown as KubeObject) as T
  }

  async update<T extends KubeObject>(target: Target<T>, object: T): Promise<T> {
    await this.#admit('update', target, true)
    const old = this.#read(target)
    if (object.metadata.resourceVersion && object.metadata.resourceVersion !== old.metadata.resourceVersion) throw conflict(target.kind, target.name!, MODIFIED)
    const part =
      target.subresource === 'status' ? { ...old, status: (object as unknown as Json)['status'] } : { ...object, status: (old as unknown as Json)['status'] }
    return this.#replace(target, old, part as unknown as KubeObject) as T
  }

  async patch<T extends KubeObject>(target: Target<T>, patch: { readonly type: PatchType; readonly body: unknown }): Promise<T> {
    await this.#admit('patch', target, true)
    const old = this.#read(target)
    const body = patch.body as { metadata?: { uid?: string; resourceVersion?: string } }
    if (body.metadata?.uid && body.metadata.uid !== old.metadata.uid) throw conflict(target.kind, target.name!, 'another uid')
    if (body.metadata?.resourceVersion && body.metadata.resourceVersion !== old.metadata.resourceVersion) throw conflict(target.kind, target.name!, MODIFIED)
    return this.#replace(target, old, merge(old, patch.body, patch.type === 'strategic') as KubeObject) as T
  }

  async delete<T extends KubeObject>(
    target: Target<T>,
    options: {
      readonly gracePeriodSeconds?: number
      readonly propagation?: string
      readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string }
    } = {},
  ): Promise<T> {
    await this.#admit('delete', target, true)
    const old = this.#read(target)
    const { preconditions, propagation } = options
    if (preconditions?.uid && preconditions.uid !== old.metadata.uid) throw conflict(target.kind, target.name!, 'another uid')
    if (preconditions?.resourceVersion && preconditions.resourceVersion !== old.metadata.resourceVersion) throw conflict(target.kind, target.name!, MODIFIED)
    const extra = propagation === 'Foreground' ? ['foregroundDeletion'] : propagation === 'Orphan' ? ['orphan'] : []
    const finalizers = [...new Set([...(old.metadata.finalizers ?? []), ...extra])]
    const grace = graceOf(target.kind.resource, old, options.gracePeriodSeconds)
    if (finalizers.length === 0 && grace === 0) return this.#remove(target.kind.resource, objectKey(old)) as T
    const metadata = {
      ...old.metadata,
      ...(finalizers.length && { finalizers }),
      deletionTimestamp: old.metadata.deletionTimestamp ?? this.#time(),
      deletionGracePeriodSeconds: grace,
    }
    return this.#store(target.kind.resource, { ...old, metadata } as KubeObject) as T
  }

  async deleteCollection<T extends KubeObject>(target: Target<T>): Promise<List<T>> {
    const list = await this.list(target)
    for (const { metadata } of list.items) await this.delete({ ...target, namespace: metadata.namespace, name: metadata.name })
    return list
  }

  async post(target: Target, body: object): Promise<KubeObject> {
    await this.#admit('post', target, true)
    const pod = this.#read(target) as Pod
    if (target.subresource === 'binding') {
      if (pod.spec.nodeName) throw conflict(target.kind, target.name!, `pod ${target.name} is already assigned to node "${pod.spec.nodeName}"`)
      const node = (body as { target: { name: string } }).target.name
      return this.#store('pods', { ...pod, spec: { ...pod.spec, nodeName: node } } as Pod)
    }
    return pod
  }

  async *watch<T extends KubeObject>(target: Target<T>, { signal, initialEvents }: WatchOptions): AsyncGenerator<readonly WatchEvent<T>[]> {
    const watcher: Watcher = { resource: target.kind.resource, queue: [], wake: () => {} }
    if (initialEvents) {
      for (const object of this.#of(watcher.resource).values()) watcher.queue.push({ type: 'ADDED', object })
      watcher.queue.push({
        type: 'BOOKMARK',
        object: { metadata: { resourceVersion: `${this.#revision}`, annotations: { [INITIAL_EVENTS_END]: 'true' } } },
      })
    }
    this.#watchers.add(watcher)
    try {
      while (!signal.aborted) {
        if (watcher.queue.length > 0) yield watcher.queue.splice(0) as WatchEvent<T>[]
        else
          await new Promise<void>(resolve => {
            watcher.wake = resolve
            signal.addEventListener('abort', () => resolve(), { once: true })
          })
      }
    } finally {
      this.#watchers.delete(watcher)
    }
  }

  #time(): string {
    return `${new Date(this.#clock.now()).toISOString().slice(0, 19)}Z`
  }
  #of(resource: string): Map<string, KubeObject> {
    const known = this.#kinds.get(resource)
    if (known) return known
    const fresh = new Map<string, KubeObject>()
    this.#kinds.set(resource, fresh)
    return fresh
  }
  async #admit(verb: string, { kind, namespace, name, subresource }: Target, write: boolean): Promise<void> {
    await Promise.resolve()
    const line = `${verb} ${kind.resource}${subresource ? `/${subresource}` : ''} ${keyOf(namespace, name ?? '')}`
    const refused = this.refuse?.(line)
    if (refused) throw refused
    if (write) this.lines.push(line)
  }
  #read<T extends KubeObject>({ kind, namespace, name }: Target<T>): T {
    const found = this.#of(kind.resource).get(keyOf(namespace, name!))
    if (!found) throw notFound(kind, name!)
    return found as T
  }
  #replace({ kind }: Target, old: KubeObject, next: KubeObject): KubeObject {
    const spec = (o: KubeObject) => JSON.stringify((o as unknown as Json)['spec'])
    const generation = (old.metadata.generation ?? 1) + (spec(old) === spec(next) ? 0 : 1)
    const stored = { ...next, metadata: { ...next.metadata, uid: old.metadata.uid, generation } }
    if (old.metadata.deletionTimestamp && old.metadata.finalizers?.length && !stored.metadata.finalizers?.length && graceOf(kind.resource, stored, 0) === 0) {
      this.#store(kind.resource, stored as KubeObject)
      return this.#remove(kind.resource, objectKey(old))
    }
    return this.#store(kind.resource, stored as KubeObject)
  }
  #store(resource: string, object: KubeObject): KubeObject {
    const metadata = { ...object.metadata, resourceVersion: `${++this.#revision}` }
    const stored = deepFreeze(JSON.parse(JSON.stringify({ ...object, metadata }))) as KubeObject
    const key = objectKey(stored)
    const type = this.#of(resource).has(key) ? 'MODIFIED' : 'ADDED'
    this.#of(resource).set(key, stored)
    this.#tell(resource, { type, object: stored })
    return stored
  }
  #remove(resource: string, key: string): KubeObject {
    const old = this.#of(resource).get(key)!
    const gone = deepFreeze({ ...old, metadata: { ...old.metadata, resourceVersion: `${++this.#revision}` } })
    this.#of(resource).delete(key)
    this.#tell(resource, { type: 'DELETED', object: gone })
    return gone
  }
  #tell(resource: string, event: WatchEvent): void {
    for (const watcher of this.#watchers) {
      if (watcher.resource !== resource) continue
      watcher.queue.push(event)
      watcher.wake()
    }
  }
}

/** Pods on a node go with grace; everything else at once. */
function graceOf(resource: string, object: KubeObject, asked: number | undefined): number {
  if (resource !== 'pods' || !(object as Pod).spec.nodeName) return 0
  return asked ?? (object as Pod).spec.terminationGracePeriodSeconds ?? 30
}

/** A merge patch; `strategic` joins lists of objects by `uid`, `type` or `name`, and of strings as sets. */
function merge(old: unknown, patch: unknown, strategic: boolean): unknown {
  if (Array.isArray(patch)) {
    if (!strategic || !Array.isArray(old)) return patch.filter(item => item?.$patch !== 'delete')
    const idOf = (item: Json) => item?.['uid'] ?? item?.['type'] ?? item?.['name'] ?? item
    const joined = new Map(old.map(item => [idOf(item), item]))
    for (const item of patch) {
      if (item?.$patch === 'delete') joined.delete(idOf(item))
      else joined.set(idOf(item), merge(joined.get(idOf(item)), item, true))
    }
    return [...joined.values()]
  }
  if (typeof patch !== 'object' || patch === null) return patch
  const result: Json = { ...(old as Json) }
  for (const [key, value] of Object.entries(patch)) {
    if (strategic && key.startsWith('$deleteFromPrimitiveList/')) {
      const list = key.slice('$deleteFromPrimitiveList/'.length)
      result[list] = ((result[list] as unknown[]) ?? []).filter(item => !(value as unknown[]).includes(item))
    } else if (value === null) delete result[key]
    else result[key] = merge(result[key], value, strategic)
  }
  return result
}
