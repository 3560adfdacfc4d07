import type { NewObject } from '../../api/meta/object.ts'
import { isFinished } from '../../api/meta/pod.ts'
import type { Deployment } from '../../api/types/apps/deployment.ts'
import type { ReplicaSet } from '../../api/types/apps/replica-set.ts'
import type { Pod } from '../../api/types/core/pod.ts'
import { equal } from '../../base/equal.ts'
import { isRolling, replicasOf } from './amounts.ts'
import { newAndOld, newestAnnotations, newReplicaSet, nextRevision, REVISION, revisionOf, scaleAnnotations } from './revisions.ts'
import { newestReplicas, rescale, rollingStep, type Scaling, wantedBy, wasRescaled } from './scale.ts'

export type DeploymentAction =
  | { readonly do: 'create'; readonly set: NewObject<ReplicaSet> }
  /** Bring the newest set's annotations and minReadySeconds up to date. */
  | { readonly do: 'renew'; readonly set: ReplicaSet; readonly to: ReplicaSet }
  /** The Deployment's own revision number. */
  | { readonly do: 'number'; readonly revision: string }
  | { readonly do: 'scale'; readonly set: ReplicaSet; readonly to: ReplicaSet; readonly from: number }
  | { readonly do: 'delete'; readonly set: ReplicaSet }

/**
 * The next step for a Deployment, given the sets that are its own and their pods: one kind of thing at a time; whoever carries it
 * out looks again afterwards. Nothing to do is an empty list.
 */
export function planDeployment(deployment: Deployment, sets: readonly ReplicaSet[], podsOf: (set: ReplicaSet) => Iterable<Pod>): readonly DeploymentAction[] {
  if (deployment.metadata.deletionTimestamp) return []
  const { newest, old } = newAndOld(deployment, sets)
  const all = newest ? [newest, ...old] : [...old]
  const revision = String(Math.max(nextRevision(old), newest ? revisionOf(newest) : 0))
  if (newest) {
    const renewed = renew(deployment, newest, Number(revision))
    if (renewed) return [{ do: 'renew', set: newest, to: renewed }]
    if (deployment.metadata.annotations?.[REVISION] !== revision) return [{ do: 'number', revision }]
  }
  if (deployment.spec.paused || wasRescaled(deployment, all)) {
    const scalings = rescale(deployment, newest, old).filter(differs(deployment))
    if (scalings.length > 0 || deployment.spec.paused) return [...scalings.map(scale(deployment)), ...cleanUp(deployment, newest, old)]
  }
  if (!isRolling(deployment)) {
    const living = old.filter(set => wantedBy(set) > 0)
    if (living.length > 0) return living.map(set => scale(deployment)({ set, replicas: 0 }))
    if (old.some(set => hasRunning(podsOf(set)))) return []
  }
  if (!newest) return [{ do: 'create', set: newReplicaSet(deployment, newestReplicas(deployment, all, undefined), Number(revision)) }]
  const steps = isRolling(deployment) ? rollingStep(deployment, newest, old) : [{ set: newest, replicas: replicasOf(deployment) }].filter(differs(deployment))
  return steps.length > 0 ? steps.map(scale(deployment)) : cleanUp(deployment, newest, old)
}

const differs =
  (deployment: Deployment) =>
  ({ set, replicas }: Scaling): boolean => {
    const { annotations } = set.metadata
    return replicas !== wantedBy(set) || (replicas > 0 && Object.entries(scaleAnnotations(deployment)).some(([key, value]) => annotations?.[key] !== value))
  }

const scale =
  (deployment: Deployment) =>
  ({ set, replicas }: Scaling): DeploymentAction => ({
    do: 'scale',
    set,
    from: wantedBy(set),
    to: {
      ...set,
      metadata: { ...set.metadata, annotations: { ...set.metadata.annotations, ...scaleAnnotations(deployment) } },
      spec: { ...set.spec, replicas },
    },
  })

function renew(deployment: Deployment, newest: ReplicaSet, revision: number): ReplicaSet | undefined {
  const annotations = newestAnnotations(deployment, newest, revision)
  const minReadySeconds = deployment.spec.minReadySeconds ?? 0
  if (equal(annotations, newest.metadata.annotations ?? {}) && (newest.spec.minReadySeconds ?? 0) === minReadySeconds) return undefined
  return { ...newest, metadata: { ...newest.metadata, annotations }, spec: { ...newest.spec, minReadySeconds } }
}

const hasRunning = (pods: Iterable<Pod>): boolean => {
  for (const pod of pods) if (!isFinished(pod)) return true
  return false
}

/** When a Deployment stands complete, old sets beyond its history limit go, the oldest revisions first. */
function cleanUp(deployment: Deployment, newest: ReplicaSet | undefined, old: readonly ReplicaSet[]): readonly DeploymentAction[] {
  const wanted = replicasOf(deployment)
  const { updatedReplicas = 0, replicas = 0, availableReplicas = 0, observedGeneration = 0 } = deployment.status
  const complete =
    newest && updatedReplicas === wanted && replicas === wanted && availableReplicas === wanted && observedGeneration >= (deployment.metadata.generation ?? 0)
  const limit = deployment.spec.revisionHistoryLimit
  if (!complete || limit === undefined) return []
  const candidates = old.filter(set => !set.metadata.deletionTimestamp).sort((a, b) => revisionOf(a) - revisionOf(b))
  return candidates
    .slice(0, Math.max(0, candidates.length - limit))
    .filter(set => set.status.replicas === 0 && wantedBy(set) === 0 && (set.metadata.generation ?? 0) <= (set.status.observedGeneration ?? 0))
    .map(set => ({ do: 'delete', set }))
}
