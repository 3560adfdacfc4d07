import type { Pod } from '../api/types/core/pod.ts'
import { type Clock, sleep } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import { keyOf } from '../client/informer.ts'
import type { PodSource } from './pod-loop.ts'

/** Keeps the specs of pods for times without the server. */
export interface PodShelf {
  load(): Promise<readonly Pod[]>
  save(pod: Pod): Promise<void>
  remove(uid: string): Promise<void>
}

export interface AssignedPodsOptions {
  /** The pods of this node as the API has them. */
  readonly informer: PodSource
  /** What else must be known before the API's pods are taken. */
  readonly needs?: Promise<void>
  readonly shelf: PodShelf
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
}

type Listener = Parameters<PodSource['subscribe']>[0]

/** How long a starting agent waits for the server before it starts what it knows. */
const PATIENCE_MS = 5000
/** Marks what an agent wrote into the API about a static pod; it is not there to be run. */
export const MIRROR = 'kubernetes.io/config.mirror'
const SOURCE = 'kubernetes.io/config.source'
export const isStatic = (pod: Pod): boolean => pod.metadata.annotations?.[SOURCE] === 'file'
export const isMirror = (pod: Pod): boolean => pod.metadata.annotations?.[MIRROR] !== undefined

/**
 * The pods that this node is to run: those of the API; before it has answered, those that were assigned when the agent last
 * heard of it and were not being deleted; and static ones, whoever answers.
 */
export class AssignedPods implements PodSource {
  readonly #options: AssignedPodsOptions
  readonly #listeners = new Set<Listener>()
  readonly #kept = new Map<string, Pod>()
  readonly #static = new Map<string, Pod>()
  #answered = false
  readonly synced: Promise<void>

  constructor(options: AssignedPodsOptions) {
    this.#options = options
    this.synced = this.#start()
  }

  get complete(): boolean {
    return this.#answered
  }

  get(key: string): Pod | undefined {
    const own = this.#static.get(key)
    if (own) return own
    const pod = this.#answered ? this.#options.informer.get(key) : this.#kept.get(key)
    return pod && !isMirror(pod) ? pod : undefined
  }

  *list(): Iterable<Pod> {
    yield* this.#static.values()
    for (const pod of this.#answered ? this.#options.informer.list() : this.#kept.values()) if (!isMirror(pod)) yield pod
  }

  *by(index: string, value: string): Iterable<Pod> {
    if (index !== 'uid') throw new Error(`assigned pods have no index ${index}`)
    for (const pod of this.list()) if (pod.metadata.uid === value) yield pod
  }

  subscribe(listener: Listener): () => void {
    for (const object of this.list()) listener({ object })
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Replaces the static pods. */
  setStatic(pods: readonly Pod[]): void {
    const next = new Map(pods.map(pod => [keyOf(pod), pod]))
    for (const [key, old] of this.#static) {
      const object = next.get(key)
      if (object?.metadata.uid === old.metadata.uid) continue
      if (object) this.#static.set(key, object)
      else this.#static.delete(key)
      this.#tell({ old, ...(object && { object }) })
    }
    for (const [key, object] of next) {
      if (this.#static.has(key)) continue
      this.#static.set(key, object)
      this.#tell({ object })
    }
  }

  async #start(): Promise<void> {
    const { informer, needs, shelf, clock, log, signal } = this.#options
    for (const pod of await shelf.load()) if (!pod.metadata.deletionTimestamp) this.#kept.set(keyOf(pod), pod)
    const given = new AbortController()
    const answered = Promise.all([informer.synced, needs]).then(() => this.#switch())
    const patience = sleep(clock, PATIENCE_MS, AbortSignal.any([signal, given.signal])).then(
      () => log.warn('the server does not answer, starting the pods known from before', { pods: this.#kept.size }),
      () => {},
    )
    await Promise.race([answered, patience])
    given.abort()
  }

  /** From now on the API decides. What it no longer knows is gone. */
  #switch(): void {
    const { informer, shelf, log } = this.#options
    this.#answered = true
    const gone = [...this.#kept.values()].filter(pod => informer.get(keyOf(pod))?.metadata.uid !== pod.metadata.uid)
    for (const old of gone) {
      this.#tell({ old })
      void shelf.remove(old.metadata.uid).catch(() => {})
    }
    this.#kept.clear()
    informer.subscribe(({ object, old }) => {
      if (object ? isMirror(object) : old && isMirror(old)) return
      if (
        object &&
        (!old ||
          old.metadata.generation !== object.metadata.generation ||
          old.metadata.deletionTimestamp !== object.metadata.deletionTimestamp ||
          restarts(old) !== restarts(object))
      ) {
        void shelf.save(object).catch(error => log.warn('could not keep a pod on disk', { pod: keyOf(object), error }))
      }
      if (old && object?.metadata.uid !== old.metadata.uid) void shelf.remove(old.metadata.uid).catch(() => {})
      this.#tell({ ...(object && { object }), ...(old && { old }) })
    })
  }

  #tell(change: Parameters<Listener>[0]): void {
    for (const listener of this.#listeners) listener(change)
  }
}

const restarts = (pod: Pod): number => (pod.status.containerStatuses ?? []).reduce((sum, status) => sum + status.restartCount, 0)
