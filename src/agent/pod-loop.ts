import type { EventRecorder } from '../api/access.ts'
import { isFinished } from '../api/meta/pod.ts'
import { isStatus } from '../api/meta/status.ts'
import type { Reports } from '../api/reports.ts'
import type { Pod } from '../api/types/core/pod.ts'
import type { ResourceRequirements } from '../api/types/core/resources.ts'
import { exponential } from '../base/backoff.ts'
import { type Clock, sleep } from '../base/clock.ts'
import { equal } from '../base/equal.ts'
import { KeyQueue } from '../base/key-queue.ts'
import type { Log } from '../base/log.ts'
import { keyOf, type Lister } from '../client/informer.ts'
import { failureDelay, stepDelay } from './backoff.ts'
import type { StatusAbilities } from './container-details.ts'
import { deadlineOf } from './deadline.ts'
import { Pods } from './kinds.ts'
import { planPod } from './plan.ts'
import { containerReference, tellBackoffs, tellEnd, tellFailure, tellNotKilled } from './pod-events.ts'
import type { Failure, Health, PodMemory } from './pod-memory.ts'
import { type Place, settleResize } from './resize.ts'
import { isStill, type Rest } from './rest.ts'
import { type ObservedPod, type Runtime, type Step, StepError } from './runtime/runtime.ts'
import { statusOf } from './status.ts'
import { StatusWriter } from './status-writer.ts'

/** Where assigned pods come from; an `Informer` is one. */
export interface PodSource extends Lister<Pod> {
  readonly synced: Promise<void>
  /** Whether a pod that is not here is one that must not run; true when absent. */
  readonly complete?: boolean
  subscribe(listener: (change: { readonly object?: Pod | undefined; readonly old?: Pod | undefined }) => void): () => void
}

/** Finds out how running containers are: probes and hooks. Tells `changed` when a pod is to be looked at again. */
export interface HealthWatch {
  of(uid: string): { get(id: string): Health | undefined }
  look(pod: Pod, observed: ObservedPod): void
  forget(uid: string): void
  /** Called before a container is stopped: its preStop hook. Resolves with the seconds of grace that are left. */
  beforeStop(pod: Pod, step: Extract<Step, { do: 'stop-container' }>, signal: AbortSignal): Promise<number>
}

export interface PodLoopOptions {
  /** Takes the statuses of pods, and deletes those that have ended. */
  readonly reports: Reports
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
  readonly pods: PodSource
  /** Whether a pod of `pods` is one of ours; all are when absent. */
  readonly mine?: (pod: Pod) => boolean
  readonly runtime: Runtime
  /** Addresses of a node, its own first. */
  readonly hostIPs: (node: string) => readonly string[]
  readonly health: (changed: (uid: string) => void) => HealthWatch
  readonly recorder?: EventRecorder | undefined
  readonly workers?: number
  /** The object that carries the status of a pod, when it is not the pod itself: the mirror of a static one. */
  readonly shownAs?: (pod: Pod) => Pod | undefined
  /** Where a pod's resources can be changed: judged before they are. They cannot when absent. */
  readonly placeOf?: (pod: Pod) => Place
  /** What statuses of containers tell beside what they do; nothing when absent. */
  readonly abilities?: StatusAbilities
  /** A status that follows another within this time takes its place; 0 when absent. */
  readonly settleMs?: number
  /** Whether a pod's terminal status is written before it is deleted, as the kubelet does. */
  readonly finalStatus?: boolean
  /** Whether a status is written although steps follow at once; it is, when absent, for a runtime whose steps take time. */
  readonly everyStatus?: boolean
  /** Why the pod must not run here, if so (refused, evicted, past its deadline); `runs`: the engine has something of it. */
  readonly judge?: (pod: Pod, now: number, runs: boolean, signal: AbortSignal) => PodMemory['end'] | Promise<PodMemory['end']>
}

const RELIST_MS = 1000
const RESUBSCRIBE_MS = 5000
/** How long a change of resources waits for room before it is judged again. */
const DEFERRED_MS = 5000
/** How long a deletion that was answered is waited for before it is asked for again: by now the server may know nothing of it. */
const DELETED_MS = 10_000
/** Rounds of one look before others get their turn. */
const ROUNDS = 32

interface Entry {
  readonly failures: Map<string, Failure>
  readonly stopped: Set<string>
  readonly resized: Map<string, { readonly id: string; readonly resources: ResourceRequirements }>
  /** By container: the failure of which the pod's events last said that it is waited for. */
  readonly told: Map<string, string>
  /** Ends the steps in flight: the pod's end was decided or brought nearer. */
  interrupt: AbortController | undefined
  /** Something may have changed that is neither the pod nor what the engine has. */
  looked: boolean
  /** What the last look saw, if it left nothing to do. */
  rest: Rest | undefined
  /** When the server answered that the object is deleted; it may still be there for its finalizers, or because the watch has not told yet. */
  deletedAt: number | undefined
}

/** Brings the pods assigned to a node (or to many, when `runtime` stands for many) to what they ask for, and says how they are. */
export class PodLoop {
  readonly #options: PodLoopOptions
  readonly #queue: KeyQueue<string>
  readonly #writer: StatusWriter
  readonly #health: HealthWatch
  readonly #keys = new Map<string, string>()
  readonly #entries = new Map<string, Entry>()
  #seen = new Map<string, ObservedPod>()

  constructor(options: PodLoopOptions) {
    const { clock, log } = options
    this.#options = options
    this.#writer = new StatusWriter(options)
    this.#health = options.health(uid => this.look(uid))
    this.#queue = new KeyQueue({
      clock,
      backoff: exponential(100, 10_000),
      onError: (uid, error) => log.warn('a step failed, trying again', { uid, pod: this.#keys.get(uid), error }),
    })
  }

  /** Looks at a pod soon. */
  look(uid: string): void {
    const entry = this.#entries.get(uid)
    if (entry) entry.looked = true
    this.#queue.add(uid)
  }

  /** Tries again at once what has failed for this pod. */
  retry(uid: string): void {
    this.#entries.get(uid)?.failures.clear()
    this.look(uid)
  }

  async run(): Promise<void> {
    const { signal, pods, workers = 64 } = this.#options
    await untilAborted(pods.synced, signal)
    if (signal.aborted) return
    const unsubscribe = pods.subscribe(change => this.#changed(change))
    const stop = () => {
      for (const { interrupt } of this.#entries.values()) interrupt?.abort(signal.reason)
    }
    signal.addEventListener('abort', stop, { once: true })
    try {
      await Promise.all([this.#queue.run((uid, s) => this.#work(uid, s), { workers, signal }), this.#writer.run(signal), this.#listen(), this.#relist()])
    } finally {
      signal.removeEventListener('abort', stop)
      unsubscribe()
    }
  }

  #changed({ object, old }: { readonly object?: Pod | undefined; readonly old?: Pod | undefined }): void {
    if (old && old.metadata.uid !== object?.metadata.uid) this.#concerned(old, true)
    if (object) this.#concerned(object, !sameEnd(old, object))
  }

  #concerned(pod: Pod, endChanged: boolean): void {
    if (this.#options.mine?.(pod) === false) return
    const { uid } = pod.metadata
    this.#keys.set(uid, keyOf(pod))
    const entry = this.#entries.get(uid)
    if (endChanged) entry?.interrupt?.abort(new Interrupted())
    // The engine tells by itself of what changes there.
    if (!endChanged && entry?.rest && !entry.looked && isStill(entry.rest, pod, entry.rest.observed, this.#options.clock.now())) {
      // What the server has is there anyway: nothing older is kept beside it.
      entry.rest = { ...entry.rest, pod, status: pod.status }
    } else this.look(uid)
  }

  async #listen(): Promise<void> {
    const { runtime, signal, clock, log } = this.#options
    while (!signal.aborted) {
      try {
        for await (const uid of runtime.events(signal)) {
          if (uid) this.#queue.add(uid)
          else await this.#lookAround()
        }
      } catch (error) {
        log.debug('no events from the engine, listing goes on', { error })
      }
      await sleep(clock, RESUBSCRIBE_MS, signal).catch(() => {})
    }
  }

  async #relist(): Promise<void> {
    const { runtime, signal, clock, log } = this.#options
    do {
      await this.#lookAround().catch(error => log.warn('the engine cannot be listed', { error }))
      await sleep(clock, RELIST_MS, signal).catch(() => {})
    } while (runtime.relist && !signal.aborted)
  }

  async #lookAround(): Promise<void> {
    const { runtime, signal } = this.#options
    const seen = new Map<string, ObservedPod>()
    for (const observed of await runtime.list({ signal })) {
      seen.set(observed.uid, observed)
      if (!equal(observed, this.#seen.get(observed.uid))) this.#queue.add(observed.uid)
    }
    for (const uid of this.#seen.keys()) if (!seen.has(uid)) this.#queue.add(uid)
    this.#seen = seen
  }

  #podOf(uid: string): Pod | undefined {
    const pod = this.#options.pods.get(this.#keys.get(uid) ?? '')
    return pod?.metadata.uid === uid && (this.#options.mine?.(pod) ?? true) ? pod : undefined
  }

  async #work(uid: string, signal: AbortSignal): Promise<{ after: number } | void> {
    const { clock, runtime, judge, recorder } = this.#options
    let entry = this.#entries.get(uid)
    if (!entry) {
      entry = newEntry()
      this.#entries.set(uid, entry)
    }
    for (let round = 0; round < ROUNDS; round++) {
      const observed = (await runtime.list({ uid, signal }))[0]
      const assigned = this.#podOf(uid)
      if (!assigned && !observed) return this.#forget(uid)
      // What a server that does not answer may still want is left alone.
      if (!assigned && this.#options.pods.complete === false) return { after: RELIST_MS }
      if (assigned && entry.rest && !entry.looked && isStill(entry.rest, assigned, observed, clock.now())) return restUntil(entry.rest.until, clock.now())
      entry.looked = false
      entry.rest = undefined
      const shown = assigned && (this.#options.shownAs ? this.#options.shownAs(assigned) : assigned)
      const silent = assigned?.metadata.deletionTimestamp !== undefined && !this.#options.finalStatus
      const seen = assigned && shown && !silent ? { ...assigned, status: this.#writer.view(shown).status } : assigned
      const { pod, pending } = seen ? this.#settled(seen, entry) : { pod: undefined }
      const judged = pod && !isFinished(pod) ? judge?.(pod, clock.now(), observed !== undefined, signal) : undefined
      const end = judged instanceof Promise ? await judged : judged
      if (pod && observed) this.#health.look(pod, observed)
      const memory: PodMemory = {
        failures: entry.failures,
        health: this.#health.of(uid),
        stopped: entry.stopped,
        resized: entry.resized,
        ...(pending && { pendingResize: pending }),
        ...(end && { end }),
      }
      const now = clock.now()
      const plan = planPod({ pod, observed, memory, now })
      if (pod) {
        tellEnd(recorder, pod, end, entry.told)
        tellBackoffs(recorder, pod, { waiting: plan.waiting, failures: entry.failures, observed, told: entry.told })
        const follows = plan.steps.length > 0 && !(this.#options.everyStatus ?? runtime.relist)
        if (shown && !silent && !follows) {
          const { waiting, ended } = plan
          const { abilities } = this.#options
          const hostIPs = this.#options.hostIPs(pod.spec.nodeName ?? '')
          this.#writer.set(shown, statusOf({ pod, observed, memory, waiting, ended, hostIPs, runtime: runtime.name, now, abilities }))
        }
      }
      if (plan.steps.length > 0) {
        await this.#apply(entry, pod, plan.steps, signal)
        continue
      }
      if (pod?.metadata.deletionTimestamp && plan.ended) return this.#finish(entry, pod, observed, signal)
      const retryAt = pending?.reason === 'Deferred' ? now + DEFERRED_MS : Number.POSITIVE_INFINITY
      const again = Math.min(retryAt, plan.lookAgainAt ?? Number.POSITIVE_INFINITY, (pod && !plan.ended && deadlineOf(pod)) || Number.POSITIVE_INFINITY)
      if (assigned && shown === assigned) entry.rest = { pod: assigned, status: this.#writer.view(assigned).status, observed, until: again }
      return restUntil(again, clock.now())
    }
    return { after: 1 }
  }

  #settled(pod: Pod, { resized }: Entry): ReturnType<typeof settleResize> {
    const { placeOf } = this.#options
    return placeOf ? settleResize(pod, { resized }, () => placeOf(pod)) : { pod }
  }

  async #apply(entry: Entry, pod: Pod | undefined, steps: readonly Step[], signal: AbortSignal): Promise<void> {
    const interrupt = new AbortController()
    signal.throwIfAborted()
    entry.interrupt = interrupt
    try {
      const results = await Promise.allSettled(steps.map(step => this.#step(entry, pod, step, interrupt.signal)))
      signal.throwIfAborted()
      if (interrupt.signal.aborted) return
      for (const result of results) if (result.status === 'rejected') throw result.reason
    } finally {
      entry.interrupt = undefined
    }
  }

  async #step(entry: Entry, pod: Pod | undefined, step: Step, signal: AbortSignal): Promise<void> {
    const { runtime, clock, recorder, log } = this.#options
    const name = step.do === 'start-container' ? step.container : step.do === 'start-sandbox' ? '' : undefined
    try {
      if (step.do === 'start-sandbox' && step.attempt > 0) recorder?.event(step.pod, 'Normal', 'SandboxChanged', SANDBOX_CHANGED)
      if (step.do === 'stop-container' && pod) {
        recorder?.event(
          containerReference(pod, step.container),
          'Normal',
          'Killing',
          step.why === 'Stopping container' ? `Stopping container ${step.container}` : step.why,
        )
        const graceSeconds = await this.#health.beforeStop(pod, step, signal)
        await runtime.apply({ ...step, graceSeconds }, signal)
      } else await runtime.apply(step, signal)
      if (step.do === 'stop-sandbox') entry.stopped.add(step.id)
      if (step.do === 'resize-container') entry.resized.set(step.container, { id: step.id, resources: resourcesOf(step.pod, step.container) })
      if (name !== undefined) entry.failures.delete(name)
    } catch (error) {
      if (step.do === 'resize-container' && error instanceof StepError) recorder?.event(step.pod, 'Warning', error.reason, error.message)
      if (pod && error instanceof StepError && step.do === 'stop-sandbox') tellNotKilled(recorder, pod, pod.metadata.uid, error)
      if (pod?.metadata.deletionTimestamp && error instanceof StepError && step.do === 'stop-container') tellNotKilled(recorder, pod, step.container, error)
      if (signal.aborted || name === undefined || !(error instanceof StepError)) throw error
      const count = (entry.failures.get(name)?.count ?? 0) + 1
      const delay = error.reason === 'ErrImagePull' || error.reason === 'RunContainerError' ? failureDelay(count) : stepDelay(count)
      entry.failures.set(name, { reason: error.reason, message: error.message, count, retryAt: clock.now() + delay })
      log.debug('a pod cannot start', { pod: pod && keyOf(pod), container: name, reason: error.reason, message: error.message })
      if (pod) tellFailure(recorder, pod, name, error)
    }
  }

  /** The last of a deleted pod: its status, what it left on the node, then its object. */
  async #finish(entry: Entry, pod: Pod, observed: ObservedPod | undefined, signal: AbortSignal): Promise<{ after: number } | undefined> {
    const { reports, runtime, finalStatus, clock } = this.#options
    const { namespace, name, uid } = pod.metadata
    if (finalStatus) await untilAborted(this.#writer.settled(uid), signal)
    signal.throwIfAborted()
    if (observed) await runtime.apply({ do: 'remove-pod', uid }, signal)
    if (entry.deletedAt === undefined || clock.now() - entry.deletedAt >= DELETED_MS) {
      try {
        await reports.delete({ kind: Pods, namespace, name }, { gracePeriodSeconds: 0, preconditions: { uid }, signal })
      } catch (error) {
        if (!isStatus(error, 'NotFound', 'Conflict')) throw error
      }
      entry.deletedAt = clock.now()
    }
    return restUntil(entry.deletedAt + DELETED_MS, clock.now())
  }

  #forget(uid: string): void {
    this.#queue.forget(uid)
    this.#entries.delete(uid)
    this.#keys.delete(uid)
    this.#writer.forget(uid)
    this.#health.forget(uid)
  }
}

const newEntry = (): Entry => ({
  failures: new Map(),
  stopped: new Set(),
  resized: new Map(),
  told: new Map(),
  interrupt: undefined,
  looked: false,
  rest: undefined,
  deletedAt: undefined,
})

const restUntil = (time: number, now: number): { after: number } | undefined =>
  time === Number.POSITIVE_INFINITY ? undefined : { after: Math.max(1, time - now) }

const resourcesOf = ({ spec }: Pod, name: string): ResourceRequirements =>
  [...spec.containers, ...(spec.initContainers ?? [])].find(c => c.name === name)?.resources ?? {}

const SANDBOX_CHANGED = 'Pod sandbox changed, it will be killed and re-created.'

class Interrupted extends Error {}

/** Unless it is, steps in flight must give way to another end. */
const sameEnd = (old: Pod | undefined, { metadata }: Pod): boolean =>
  old?.metadata.uid === metadata.uid &&
  (old.metadata.deletionTimestamp === undefined) === (metadata.deletionTimestamp === undefined) &&
  (metadata.deletionTimestamp === undefined || old.metadata.deletionGracePeriodSeconds === metadata.deletionGracePeriodSeconds)

/** Resolves with the promise or when the signal aborts, whichever is first. */
async function untilAborted(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  let stop!: () => void
  const aborted = new Promise<void>(resolve => {
    stop = resolve
    signal.addEventListener('abort', stop, { once: true })
  })
  try {
    await Promise.race([promise, aborted])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}
