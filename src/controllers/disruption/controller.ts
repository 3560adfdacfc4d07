import { DaemonSets } from '../../api/kinds/apps/daemon-set.ts'
import { Deployments } from '../../api/kinds/apps/deployment.ts'
import { ReplicaSets } from '../../api/kinds/apps/replica-set.ts'
import { Pods } from '../../api/kinds/core/pod.ts'
import { PodDisruptionBudgets } from '../../api/kinds/policy/pod-disruption-budget.ts'
import { objectKey } from '../../api/meta/key.ts'
import { matcherOf } from '../../api/meta/label-selector.ts'
import { controllerOf } from '../../api/meta/owner.ts'
import { isPodReady } from '../../api/meta/pod.ts'
import { isStatus } from '../../api/meta/status.ts'
import type { Pod } from '../../api/types/core/pod.ts'
import { equal } from '../../base/equal.ts'
import { KeyQueue } from '../../base/key-queue.ts'
import { byNamespace, IN_NAMESPACE } from '../../client/indexes.ts'
import { type PodScale, reportDisruption } from '../../judge/disruption/plan.ts'
import type { ControllerOptions } from '../options.ts'
import { ready } from '../ready.ts'

const WORKERS = 4

/** Keeps the status of every PodDisruptionBudget: how many pods may be evicted now. */
export async function runDisruptionController({ api, clock, log, informers, recorder, signal }: ControllerOptions): Promise<void> {
  const budgets = informers.of(PodDisruptionBudgets, { indexes: byNamespace })
  const pods = informers.of(Pods, { indexes: byNamespace })
  const replicaSets = informers.of(ReplicaSets)
  const deployments = informers.of(Deployments)
  const daemonSets = informers.of(DaemonSets)
  if (!(await ready(signal, budgets, pods, replicaSets, deployments, daemonSets))) return
  const queue = new KeyQueue<string>({
    clock,
    onError: (budget, error) => {
      if (!isStatus(error, 'Conflict')) log.warn('could not keep a disruption budget', { budget, error })
    },
  })
  const allIn = (namespace: string): void => {
    for (const budget of budgets.by(IN_NAMESPACE, namespace)) queue.add(objectKey(budget))
  }
  const unsubscribe = [
    budgets.subscribe(({ key }) => queue.add(key)),
    pods.subscribe(({ object, old }) => {
      let told = !object || !old
      for (const budget of budgets.by(IN_NAMESPACE, (object ?? old)!.metadata.namespace!)) {
        const matches = matcherOf(budget.spec.selector)
        if (!(object && matches(object.metadata.labels)) && !(old && matches(old.metadata.labels))) continue
        if (!told && !differs(object!, old!)) return
        told = true
        queue.add(objectKey(budget))
      }
    }),
    replicaSets.subscribe(({ object, old }) => {
      if (object?.spec.replicas !== old?.spec.replicas) allIn((object ?? old)!.metadata.namespace!)
    }),
    deployments.subscribe(({ object, old }) => {
      if (object?.spec.replicas !== old?.spec.replicas) allIn((object ?? old)!.metadata.namespace!)
    }),
    daemonSets.subscribe(({ object, old }) => {
      if (object?.status.desiredNumberScheduled !== old?.status.desiredNumberScheduled) allIn((object ?? old)!.metadata.namespace!)
    }),
  ]

  /** What controls a pod and how many it wants, or why that is not known. A DaemonSet wants as many as it has nodes. */
  function scaleOf(pod: Pod): PodScale | string {
    const owner = controllerOf(pod)
    if (!owner) return `found no controller ref for pod "${pod.metadata.name}"`
    const key = `${pod.metadata.namespace}/${owner.name}`
    if (owner.kind === 'DaemonSet') {
      const set = daemonSets.get(key)
      if (set?.metadata.uid === owner.uid) return { uid: owner.uid, replicas: set.status.desiredNumberScheduled ?? 0 }
    }
    if (owner.kind === 'ReplicaSet') {
      const set = replicaSets.get(key)
      if (set?.metadata.uid === owner.uid) {
        const above = controllerOf(set)
        const deployment = above?.kind === 'Deployment' ? deployments.get(`${pod.metadata.namespace}/${above.name}`) : undefined
        if (deployment && deployment.metadata.uid === above?.uid) return { uid: deployment.metadata.uid, replicas: deployment.spec.replicas ?? 1 }
        return { uid: owner.uid, replicas: set.spec.replicas ?? 1 }
      }
    }
    return `${owner.kind} "${owner.name}", which controls pod "${pod.metadata.name}", does not say how many pods it wants`
  }

  async function handle(key: string): Promise<{ after: number } | void> {
    const budget = budgets.get(key)
    if (!budget) return
    const { namespace, name } = budget.metadata
    const matches = matcherOf(budget.spec.selector)
    const selected = [...pods.by(IN_NAMESPACE, namespace!)].filter(({ metadata }) => matches(metadata.labels))
    const { status, problem, lookAgainAt } = reportDisruption(budget, selected, scaleOf, clock.now())
    if (!equal(status, budget.status)) {
      if (problem !== undefined) {
        recorder.event(budget, 'Warning', 'CalculateExpectedPodCountFailed', `Failed to calculate the number of expected pods: ${problem}`)
      }
      // The revision it was judged at stands guard: an eviction allowed meanwhile is not forgotten.
      await api.update({ kind: PodDisruptionBudgets, namespace, name, subresource: 'status' }, { ...budget, status }, { signal }).catch(error => {
        if (!isStatus(error, 'NotFound')) throw error
      })
    }
    if (lookAgainAt !== undefined) return { after: lookAgainAt - clock.now() }
  }

  try {
    await queue.run(handle, { workers: WORKERS, signal })
  } finally {
    for (const stop of unsubscribe) stop()
  }
}

const differs = (a: Pod, b: Pod): boolean =>
  isPodReady(a) !== isPodReady(b) || a.metadata.deletionTimestamp !== b.metadata.deletionTimestamp || !equal(a.metadata.labels, b.metadata.labels)
