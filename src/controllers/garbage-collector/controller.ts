import type { Target } from '../../api/access.ts'
import type { Kind, KindRef } from '../../api/kinds/kind.ts'
import { keyOf, objectKey, splitKey } from '../../api/meta/key.ts'
import type { KubeObject } from '../../api/meta/object.ts'
import { groupOf } from '../../api/meta/owner.ts'
import { isStatus } from '../../api/meta/status.ts'
import type { ObjectMeta, OwnerReference } from '../../api/types/meta.ts'
import { equal } from '../../base/equal.ts'
import { KeyQueue } from '../../base/key-queue.ts'
import { type Change, Informer } from '../../client/informer.ts'
import { Dependents } from '../../judge/garbage/dependents.ts'
import { blocks, FOREGROUND, isOrphaning, judgeDependent, ORPHAN, type OwnerFact, type OwnerState, waitsForDependents } from '../../judge/garbage/plan.ts'
import type { KindSource } from '../kind-source.ts'
import type { ControllerOptions } from '../options.ts'
import { ready } from '../ready.ts'

const WORKERS = 32
/** So many uids are known to be gone, and up to twice as many; one is never given out twice. */
const REMEMBERED = 5_000
/** An owner that the server has and this controller does not see is asked for again after this. */
const UNSEEN_MS = 30_000

export interface GarbageCollectorOptions extends ControllerOptions {
  /** Every kind served whose objects may own or be owned. */
  readonly kinds: KindSource
}

/** One kind that is watched. */
interface Monitor {
  readonly kind: Kind
  readonly informer: Informer<KubeObject>
  stop(): Promise<void>
}

/**
 * Deletes what has lost its last owner, deletes dependents first where the owner asked for it, and lets them live where it asked for
 * that. Owners are told by uid and believed absent only when their deletion was seen or the server said so just now.
 */
export async function runGarbageCollectorController(options: GarbageCollectorOptions): Promise<void> {
  const { informers, signal, kinds } = options
  // The kinds of the first moment share their local copies with the other controllers; later ones come and go.
  const first = new Set(kinds.current())
  if (!(await ready(signal, ...[...first].map(kind => informers.of(kind))))) return
  const collector = new Collector(options)
  const follow = () => {
    const current = new Set(kinds.current())
    for (const kind of collector.watched) if (!current.has(kind)) collector.unwatch(kind)
    for (const kind of current) if (!collector.watched.has(kind)) collector.watch(kind, first.has(kind) ? informers.of(kind) : undefined)
  }
  follow()
  const stop = kinds.subscribe(follow)
  try {
    await collector.run(signal)
  } finally {
    stop()
    await collector.close()
  }
}

class Collector {
  readonly #options: GarbageCollectorOptions
  /** By `group/resource`. */
  readonly #monitors = new Map<string, Monitor>()
  /** By `group/Kind`, the other versions that a kind is served at included. */
  readonly #byKind = new Map<string, Monitor>()
  readonly #dependents = new Dependents()
  #gone = new Set<string>()
  /** Those that were known to be gone before the present ones. */
  #longGone = new Set<string>()
  readonly #queue: KeyQueue<string>
  readonly #ending = new Set<Promise<void>>()

  constructor(options: GarbageCollectorOptions) {
    this.#options = options
    this.#queue = new KeyQueue({
      clock: options.clock,
      onError: (object, error) => {
        if (!isStatus(error, 'Conflict')) options.log.warn('could not collect garbage', { object, error })
      },
    })
  }

  get watched(): ReadonlySet<Kind> {
    return new Set([...this.#monitors.values()].map(({ kind }) => kind))
  }

  /** Watches a kind, through a local copy that somebody else keeps or through one of its own. */
  watch(kind: Kind, shared: Informer<KubeObject> | undefined): void {
    const { api, clock, log } = this.#options
    const end = new AbortController()
    const informer = shared ?? new Informer<KubeObject>({ api, target: { kind }, clock, log })
    const running = shared ? Promise.resolve() : informer.run(end.signal)
    let unsubscribe = () => {}
    const monitor: Monitor = {
      kind,
      informer,
      async stop() {
        unsubscribe()
        end.abort()
        await running
      },
    }
    this.#monitors.set(`${kind.group}/${kind.resource}`, monitor)
    for (const served of [kind, ...(kind.alsoServed ?? [])]) this.#byKind.set(`${served.group}/${served.kind}`, monitor)
    unsubscribe = informer.subscribe(change => this.changed(kind, change))
  }

  /** A kind is served no more: its objects own nothing and are owned by nobody. */
  unwatch(kind: Kind): void {
    const monitor = this.#monitors.get(`${kind.group}/${kind.resource}`)
    if (!monitor) return
    this.#monitors.delete(`${kind.group}/${kind.resource}`)
    for (const served of [kind, ...(kind.alsoServed ?? [])]) this.#byKind.delete(`${served.group}/${served.kind}`)
    for (const object of monitor.informer.list()) this.changed(kind, { key: objectKey(object), old: object })
    const ending = monitor.stop().finally(() => this.#ending.delete(ending))
    this.#ending.add(ending)
  }

  async close(): Promise<void> {
    await Promise.all([...this.#ending, ...[...this.#monitors.values()].map(monitor => monitor.stop())])
  }

  changed(kind: Kind, { key, object, old }: Change<KubeObject>): void {
    const itemKey = `${kind.group}/${kind.resource} ${key}`
    this.#dependents.change(itemKey, old?.metadata, object?.metadata)
    if (old && old.metadata.uid !== object?.metadata.uid) this.#left(old)
    if (!object) return
    const { metadata } = object
    if (old?.metadata.ownerReferences?.length && !equal(metadata.ownerReferences, old.metadata.ownerReferences)) this.#wakeOwners(old)
    if (metadata.deletionTimestamp) {
      if (old?.metadata.deletionTimestamp && equal(old.metadata.finalizers, metadata.finalizers)) return
      if (isOrphaning(metadata) || waitsForDependents(metadata)) {
        this.#queue.add(itemKey)
        if (waitsForDependents(metadata)) for (const dependent of this.#dependents.of(metadata.uid).keys()) this.#queue.add(dependent)
      }
    } else if (metadata.ownerReferences?.length && !equal(metadata.ownerReferences, old?.metadata.ownerReferences) && !this.#isHeld(metadata))
      this.#queue.add(itemKey)
  }

  run(signal: AbortSignal): Promise<void> {
    return this.#queue.run(key => this.#handle(key, signal), { workers: WORKERS, signal })
  }

  /** An object is gone: its dependents may be garbage, and an owner may have waited for it. */
  #left(object: KubeObject): void {
    const { metadata } = object
    this.#rememberGone(metadata.uid)
    for (const dependent of this.#dependents.of(metadata.uid).keys()) this.#queue.add(dependent)
    this.#wakeOwners(object)
  }

  /** Owners that wait for this dependent may have waited long enough. */
  #wakeOwners({ metadata }: KubeObject): void {
    for (const reference of metadata.ownerReferences ?? []) {
      const owner = this.#seen(reference, metadata.namespace)
      if (owner && waitsForDependents(owner.object.metadata)) this.#queue.add(owner.key)
    }
  }

  /** All its owners are there and none waits for it: whatever changes that wakes it. */
  #isHeld({ ownerReferences = [], namespace }: ObjectMeta): boolean {
    return ownerReferences.every(reference => {
      const owner = this.#seen(reference, namespace)
      return owner !== undefined && !waitsForDependents(owner.object.metadata)
    })
  }

  async #handle(itemKey: string, signal: AbortSignal): Promise<{ after: number } | void> {
    const space = itemKey.indexOf(' ')
    const monitor = this.#monitors.get(itemKey.slice(0, space))
    const key = itemKey.slice(space + 1)
    const object = monitor?.informer.get(key)
    if (!monitor || !object) return
    const { kind } = monitor
    const { namespace, name } = splitKey(key)
    const at: Target = { kind, name, ...(namespace && { namespace }) }
    const { metadata } = object
    if (isOrphaning(metadata)) {
      for (const dependent of [...this.#dependents.of(metadata.uid).keys()]) await this.#dropOwners(dependent, [metadata.uid], signal)
      await this.#dropFinalizer(at, object, ORPHAN, signal)
      return
    }
    if (waitsForDependents(metadata)) {
      const blocking = [...this.#dependents.of(metadata.uid)].filter(([, references]) => blocks(references, metadata.uid))
      if (blocking.length === 0) await this.#dropFinalizer(at, object, FOREGROUND, signal)
      return
    }
    const references = metadata.ownerReferences ?? []
    if (metadata.deletionTimestamp || references.length === 0) return
    const owners: OwnerFact[] = []
    for (const reference of references) owners.push({ reference, state: await this.#stateOf(reference, kind, namespace, signal) })
    const verdict = judgeDependent(metadata, owners, this.#dependents.of(metadata.uid).size > 0)
    if (verdict.do === 'drop-owners') await this.#dropOwners(itemKey, verdict.uids, signal)
    else if (verdict.do === 'delete') {
      const { uid, resourceVersion } = metadata
      await ignoringMissing(this.#options.api.delete(at, { propagation: verdict.propagation, preconditions: { uid, resourceVersion }, signal }))
    } else if (references.some(reference => !this.#seen(reference, namespace))) return { after: UNSEEN_MS }
  }

  async #stateOf(reference: OwnerReference, dependent: KindRef, namespace: string, signal: AbortSignal): Promise<OwnerState> {
    const seen = this.#seen(reference, namespace)
    if (seen) return waitsForDependents(seen.object.metadata) ? 'waiting' : 'present'
    if (this.#gone.has(reference.uid) || this.#longGone.has(reference.uid)) return 'absent'
    const monitor = this.#monitorOf(reference)
    // What belongs to no namespace cannot be owned by what does: nobody can tell which namespace is meant.
    if (!monitor || (monitor.kind.namespaced && !dependent.namespaced)) return 'unknown'
    try {
      const at = { kind: monitor.kind, name: reference.name, ...(monitor.kind.namespaced && { namespace }) }
      const { metadata } = await this.#options.api.get(at, { signal })
      if (metadata.uid === reference.uid) return waitsForDependents(metadata) ? 'waiting' : 'present'
    } catch (error) {
      if (!isStatus(error, 'NotFound')) throw error
    }
    // Not the uid as such, but this uid in this place: the same may be alive in another namespace.
    return 'absent'
  }

  /** The owner that a reference means, if it is in the local copies. */
  #seen(reference: OwnerReference, namespace = ''): { readonly object: KubeObject; readonly key: string } | undefined {
    const monitor = this.#monitorOf(reference)
    if (!monitor) return undefined
    const key = keyOf(monitor.kind.namespaced ? namespace : undefined, reference.name)
    const object = monitor.informer.get(key)
    return object?.metadata.uid === reference.uid ? { object, key: `${monitor.kind.group}/${monitor.kind.resource} ${key}` } : undefined
  }

  #monitorOf({ apiVersion, kind }: OwnerReference): Monitor | undefined {
    return this.#byKind.get(`${groupOf(apiVersion)}/${kind}`)
  }

  async #dropOwners(itemKey: string, uids: readonly string[], signal: AbortSignal): Promise<void> {
    const space = itemKey.indexOf(' ')
    const monitor = this.#monitors.get(itemKey.slice(0, space))
    const { namespace, name } = splitKey(itemKey.slice(space + 1))
    const uid = monitor?.informer.get(itemKey.slice(space + 1))?.metadata.uid
    if (!monitor || !uid) return
    const { kind } = monitor
    const body = { metadata: { uid, ownerReferences: uids.map(owner => ({ $patch: 'delete', uid: owner })) } }
    await ignoringMissing(this.#options.api.patch({ kind, name, ...(namespace && { namespace }) }, { type: 'strategic', body }, { signal }))
  }

  async #dropFinalizer(at: Target, { metadata }: KubeObject, finalizer: string, signal: AbortSignal): Promise<void> {
    const finalizers = metadata.finalizers!.filter(other => other !== finalizer)
    const body = { metadata: { resourceVersion: metadata.resourceVersion, finalizers: finalizers.length ? finalizers : null } }
    await ignoringMissing(this.#options.api.patch(at, { type: 'merge', body }, { signal }))
  }

  #rememberGone(uid: string): void {
    this.#gone.add(uid)
    if (this.#gone.size < REMEMBERED) return
    this.#longGone = this.#gone
    this.#gone = new Set()
  }
}

const ignoringMissing = async (request: Promise<unknown>): Promise<void> => {
  await request.catch(error => {
    if (!isStatus(error, 'NotFound')) throw error
  })
}
