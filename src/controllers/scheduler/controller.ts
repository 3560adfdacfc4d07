import { Namespaces } from '../../api/kinds/core/namespace.ts'
import { Nodes } from '../../api/kinds/core/node.ts'
import { Pods } from '../../api/kinds/core/pod.ts'
import { PodDisruptionBudgets } from '../../api/kinds/policy/pod-disruption-budget.ts'
import { objectKey } from '../../api/meta/key.ts'
import { isFinished, podCondition } from '../../api/meta/pod.ts'
import { isStatus } from '../../api/meta/status.ts'
import { timeOf } from '../../api/meta/time.ts'
import type { Node } from '../../api/types/core/node.ts'
import type { Pod } from '../../api/types/core/pod.ts'
import { equal } from '../../base/equal.ts'
import type { Change } from '../../client/informer.ts'
import { likeness } from '../../judge/scheduling/alike.ts'
import { Cluster } from '../../judge/scheduling/cluster.ts'
import { namedNodes } from '../../judge/scheduling/named-nodes.ts'
import type { Rule } from '../../judge/scheduling/node-filters.ts'
import { place, priorityOf } from '../../judge/scheduling/place.ts'
import { planPreemption } from '../../judge/scheduling/preemption.ts'
import { failureMessage, refusingRules } from '../../judge/scheduling/unschedulable.ts'
import type { ControllerOptions } from '../options.ts'
import { ready } from '../ready.ts'
import { SchedulingQueue } from './queue.ts'

export const DEFAULT_SCHEDULER = 'default-scheduler'

/** Bindings and status writes on their way at once; more is only latency. */
const IN_FLIGHT = 64
/** In a cluster with more nodes than this, every search over all nodes gives way to others afterwards. */
const LARGE = 500

export interface SchedulerOptions extends ControllerOptions {
  /** Pods of other schedulers are left alone. */
  readonly schedulerName?: string
}

/** Gives every pod that has none a node, through the binding subresource. Resolves when the signal has aborted and work in flight has ended. */
export async function runSchedulerController(options: SchedulerOptions): Promise<void> {
  const { informers, signal } = options
  const nodes = informers.of(Nodes)
  const pods = informers.of(Pods)
  const namespaces = informers.of(Namespaces)
  const budgets = informers.of(PodDisruptionBudgets)
  if (!(await ready(signal, nodes, pods, namespaces, budgets))) return
  const scheduler = new Scheduler(options)
  const unsubscribe = [
    namespaces.subscribe(({ key, object }) => scheduler.namespaceChanged(key, object?.metadata.labels)),
    nodes.subscribe(change => scheduler.nodeChanged(change)),
    pods.subscribe(change => scheduler.podChanged(change)),
  ]
  try {
    await scheduler.run(signal)
  } finally {
    for (const stop of unsubscribe) stop()
  }
}

/** Why a pod has no node, and who makes way for it, if anybody does. */
interface Failure {
  readonly rules: ReadonlySet<Rule>
  readonly message: string
  readonly preemption: { readonly node: string; readonly victims: readonly Pod[] } | undefined
}

class Scheduler {
  readonly #options: SchedulerOptions
  readonly #cluster = new Cluster()
  readonly #queue: SchedulingQueue
  #pump: () => void = () => {}
  #start = 0
  /** Failures of pods that may go anywhere, by likeness, while the cluster is at `#failuresAt`. */
  readonly #failures = new Map<string, Failure>()
  #failuresAt = -1

  constructor(options: SchedulerOptions) {
    this.#options = options
    this.#queue = new SchedulingQueue(options.clock, () => this.#pump())
  }

  namespaceChanged(name: string, labels: Readonly<Record<string, string>> | undefined): void {
    this.#cluster.setNamespace(name, labels)
  }

  nodeChanged({ key, object }: Change<Node>): void {
    if (!object) {
      this.#cluster.removeNode(key)
      this.#queue.podCame(key)
    } else if (this.#cluster.setNode(object)) this.#queue.nodeChanged(key)
  }

  podChanged({ key, object, old }: Change<Pod>): void {
    const left = this.#cluster.placement(key)?.node
    if (!object) {
      this.#cluster.removePod(key)
      this.#queue.remove(key)
      if (left) this.#queue.roomOn(left)
      return
    }
    this.#cluster.setPod(object)
    const node = object.spec.nodeName
    if (node) {
      this.#queue.remove(key)
      if (isFinished(object)) {
        if (left) this.#queue.roomOn(node)
      } else if (!old?.spec.nodeName || !equal(old.metadata.labels, object.metadata.labels)) this.#queue.podCame(node)
      else if (old.spec.containers !== object.spec.containers && !equal(old.spec.containers, object.spec.containers)) this.#queue.roomOn(node)
      return
    }
    if (isFinished(object) || object.metadata.deletionTimestamp || object.spec.schedulingGates?.length || !this.#ours(object)) {
      this.#cluster.removePod(key)
      this.#queue.remove(key)
      return
    }
    const nominated = object.status.nominatedNodeName
    if (nominated && !this.#cluster.isAssumed(key)) this.#cluster.nominate(object, nominated)
    else if (!nominated) this.#cluster.denominate(key)
    // What is assumed and no longer queued is bound; the server's word of it is on its way.
    if (!this.#cluster.isAssumed(key) || this.#queue.has(key)) this.#queue.set(object)
  }

  /** Works until the signal aborts; resolves when nothing is in flight any more. */
  run(signal: AbortSignal): Promise<void> {
    return new Promise(resolve => {
      let inFlight = 0
      let pausing = false
      const pump = () => {
        if (signal.aborted) {
          this.#queue.close()
          if (inFlight === 0) resolve()
          return
        }
        while (inFlight < IN_FLIGHT && !pausing) {
          const pod = this.#queue.pop()
          if (!pod) return
          inFlight++
          const { wide, done } = this.#attempt(pod, signal)
          void done.finally(() => {
            inFlight--
            pump()
          })
          if (!wide) continue
          pausing = true
          this.#options.clock.after(0, () => {
            pausing = false
            pump()
          })
        }
      }
      this.#pump = pump
      signal.addEventListener('abort', pump, { once: true })
      pump()
    })
  }

  /** Decides at once, then writes what was decided. `wide`: many nodes had to be looked at. */
  #attempt(pod: Pod, signal: AbortSignal): { readonly wide: boolean; readonly done: Promise<void> } {
    const known = this.#knownFailure(pod)
    if (known) {
      this.#queue.park(pod, known.rules)
      return { wide: false, done: this.#fail(pod, known, signal) }
    }
    const named = namedNodes(pod)
    const found = place(pod, this.#cluster, this.#start++)
    const wide = named === undefined && this.#cluster.nodes.length > LARGE
    if ('node' in found) {
      this.#cluster.assume({ ...pod, spec: { ...pod.spec, nodeName: found.node } }, found.node)
      return { wide, done: this.#bind(pod, found.node, signal) }
    }
    const preemption = planPreemption(pod, this.#cluster, found, this.#options.informers.of(PodDisruptionBudgets).list())
    const message = failureMessage(found, 'message' in preemption ? preemption.message : undefined)
    const failure = { rules: refusingRules(found), message, preemption: 'node' in preemption ? preemption : undefined }
    this.#queue.park(pod, failure.rules)
    if (named === undefined && !failure.preemption) this.#failures.set(likeness(pod), failure)
    if (failure.preemption) this.#cluster.nominate(pod, failure.preemption.node)
    return { wide, done: this.#fail(pod, failure, signal) }
  }

  /** What a pod just like this one met in the cluster as it still is: hundreds of copies that wait are one search. */
  #knownFailure(pod: Pod): Failure | undefined {
    if (this.#failuresAt !== this.#cluster.generation) {
      this.#failures.clear()
      this.#failuresAt = this.#cluster.generation
    }
    if (this.#failures.size === 0 || this.#cluster.nomination(objectKey(pod)) !== undefined) return undefined
    return this.#failures.get(likeness(pod))
  }

  async #bind(pod: Pod, node: string, signal: AbortSignal): Promise<void> {
    const { api, recorder, log } = this.#options
    const { name, namespace, uid } = pod.metadata
    const key = objectKey(pod)
    try {
      const body = { apiVersion: 'v1', kind: 'Binding', metadata: { name, namespace, uid }, target: { apiVersion: 'v1', kind: 'Node', name: node } }
      await api.post({ kind: Pods, namespace, name, subresource: 'binding' }, body, { signal })
      recorder.event(pod, 'Normal', 'Scheduled', `Successfully assigned ${key} to ${node}`)
      if (this.#cluster.placement(key)?.pod.metadata.uid === uid) this.#queue.remove(key)
    } catch (error) {
      this.#cluster.forget(key)
      if (isStatus(error, 'NotFound')) this.#queue.remove(key)
      else this.#queue.retry(pod)
      this.#queue.roomOn(node)
      if (!signal.aborted && !isStatus(error, 'NotFound', 'Conflict')) log.warn('could not bind a pod', { pod: key, node, error })
    }
  }

  /** Says why a pod has no node, and makes room for it where others may be sent away. */
  async #fail(pod: Pod, { message, preemption }: Failure, signal: AbortSignal): Promise<void> {
    const { api, clock, recorder, log } = this.#options
    const { name, namespace, uid } = pod.metadata
    const node = preemption?.node
    recorder.event(pod, 'Warning', 'FailedScheduling', message)
    const condition = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }
    const before = podCondition(pod, 'PodScheduled')
    const said = before?.status === 'False' && before.reason === condition.reason && before.message === message
    try {
      if (!said || (node !== undefined && node !== pod.status.nominatedNodeName)) {
        const since = before?.status === 'False' ? before.lastTransitionTime : undefined
        const conditions = [{ ...condition, lastTransitionTime: since ?? timeOf(clock.now()) }]
        const body = { metadata: { uid }, status: { conditions, ...(node !== undefined && { nominatedNodeName: node }) } }
        await api.patch({ kind: Pods, namespace, name, subresource: 'status' }, { type: 'strategic', body }, { signal })
      }
      if (preemption) await this.#makeRoom(pod, preemption.node, preemption.victims, signal)
    } catch (error) {
      if (!signal.aborted && !isStatus(error, 'NotFound', 'Conflict')) log.warn('could not act for a pod that finds no node', { pod: objectKey(pod), error })
    }
  }

  /** Sends the victims away with their grace, and takes back what was promised on this node to less important pods. */
  async #makeRoom(pod: Pod, node: string, victims: readonly Pod[], signal: AbortSignal): Promise<void> {
    const { api, clock, recorder } = this.#options
    const status = (of: Pod) => ({ kind: Pods, namespace: of.metadata.namespace, name: of.metadata.name, subresource: 'status' })
    for (const victim of victims) {
      if (victim.metadata.deletionTimestamp) continue
      const { namespace, name, uid } = victim.metadata
      const condition = {
        type: 'DisruptionTarget',
        status: 'True',
        reason: 'PreemptionByScheduler',
        message: `${this.#options.schedulerName ?? DEFAULT_SCHEDULER}: preempting to accommodate a higher priority pod`,
        lastTransitionTime: timeOf(clock.now()),
      }
      try {
        await api.patch(status(victim), { type: 'strategic', body: { metadata: { uid }, status: { conditions: [condition] } } }, { signal })
        await api.delete({ kind: Pods, namespace, name }, { preconditions: { uid }, signal })
        recorder.event(victim, 'Normal', 'Preempted', `Preempted by pod ${objectKey(pod)} on node ${node}`)
      } catch (error) {
        if (!isStatus(error, 'NotFound', 'Conflict')) throw error
      }
    }
    for (const other of [...this.#cluster.nominated(node)]) {
      if (priorityOf(other) >= priorityOf(pod)) continue
      this.#cluster.denominate(objectKey(other))
      const body = { metadata: { uid: other.metadata.uid }, status: { nominatedNodeName: null } }
      await api.patch(status(other), { type: 'merge', body }, { signal }).catch(error => {
        if (!isStatus(error, 'NotFound', 'Conflict')) throw error
      })
    }
  }

  #ours(pod: Pod): boolean {
    return (pod.spec.schedulerName || DEFAULT_SCHEDULER) === (this.#options.schedulerName ?? DEFAULT_SCHEDULER)
  }
}
