import type { Deployment } from '../../api/types/apps/deployment.ts'
import type { ReplicaSet } from '../../api/types/apps/replica-set.ts'
import { isRolling, replicasOf, rollingBudget } from './amounts.ts'
import { byAge, DESIRED } from './revisions.ts'

export interface Scaling {
  readonly set: ReplicaSet
  readonly replicas: number
}

export const wantedBy = (set: ReplicaSet): number => set.spec.replicas ?? 1
export const availableOf = (set: ReplicaSet): number => set.status.availableReplicas ?? 0
export const sum = (sets: readonly ReplicaSet[], count: (set: ReplicaSet) => number): number => sets.reduce((total, set) => total + count(set), 0)

/** How many replicas the newest set starts or goes on with, within the surge. */
export function newestReplicas(deployment: Deployment, all: readonly ReplicaSet[], newest: ReplicaSet | undefined): number {
  const wanted = replicasOf(deployment)
  const has = newest ? wantedBy(newest) : 0
  if (!isRolling(deployment)) return wanted
  if (has >= wanted) return wanted
  const room = wanted + rollingBudget(deployment).maxSurge - sum(all, wantedBy)
  return room <= 0 ? has : has + Math.min(room, wanted - has)
}

/** The next step of a rolling update: the newest set grows, or else old ones shrink, those that do not work first. */
export function rollingStep(deployment: Deployment, newest: ReplicaSet, old: readonly ReplicaSet[]): readonly Scaling[] {
  const grown = newestReplicas(deployment, [newest, ...old], newest)
  if (grown !== wantedBy(newest)) return [{ set: newest, replicas: grown }]
  const living = old.filter(set => wantedBy(set) > 0).sort(byAge)
  const least = replicasOf(deployment) - rollingBudget(deployment).maxUnavailable
  const missing = Math.max(0, wantedBy(newest) - availableOf(newest))
  const spare = sum([newest, ...old], wantedBy) - least - missing
  if (living.length === 0 || spare <= 0) return []

  const left = new Map(living.map(set => [set, wantedBy(set)]))
  let cleaned = 0
  for (const set of living) {
    const broken = Math.min(spare - cleaned, wantedBy(set) - availableOf(set))
    if (broken <= 0) continue
    left.set(set, wantedBy(set) - broken)
    cleaned += broken
  }
  let surplus = sum([newest, ...old], availableOf) - least
  for (const set of living) {
    const taken = Math.min(left.get(set)!, surplus)
    if (taken <= 0) continue
    left.set(set, left.get(set)! - taken)
    surplus -= taken
  }
  return living.filter(set => left.get(set) !== wantedBy(set)).map(set => ({ set, replicas: left.get(set)! }))
}

/** Whether the number of replicas was changed since the sets were last scaled. */
export const wasRescaled = (deployment: Deployment, sets: readonly ReplicaSet[]): boolean =>
  sets.some(
    set => wantedBy(set) > 0 && set.metadata.annotations?.[DESIRED] !== undefined && set.metadata.annotations[DESIRED] !== String(replicasOf(deployment)),
  )

const isSaturated = (deployment: Deployment, set: ReplicaSet | undefined): boolean =>
  set !== undefined &&
  wantedBy(set) === replicasOf(deployment) &&
  set.metadata.annotations?.[DESIRED] === String(replicasOf(deployment)) &&
  availableOf(set) === replicasOf(deployment)

/** What a change of the number of replicas means for the sets there are, in proportion to their size when a roll is under way. */
export function rescale(deployment: Deployment, newest: ReplicaSet | undefined, old: readonly ReplicaSet[]): readonly Scaling[] {
  const all = newest ? [newest, ...old] : [...old]
  const active = all.filter(set => wantedBy(set) > 0)
  const only = active.length === 1 ? active[0] : active.length === 0 ? (newest ?? [...old].sort(byAge).at(-1)) : undefined
  if (only) return [{ set: only, replicas: replicasOf(deployment) }]
  if (isSaturated(deployment, newest)) return old.filter(set => wantedBy(set) > 0).map(set => ({ set, replicas: 0 }))
  if (!isRolling(deployment)) return []
  const total = sum(active, wantedBy)
  const allowed = replicasOf(deployment) > 0 ? replicasOf(deployment) + rollingBudget(deployment).maxSurge : 0
  const change = allowed - total
  // The largest first; of equals the newest when growing, the oldest when shrinking.
  const sorted = [...active].sort((a, b) => wantedBy(b) - wantedBy(a) || (change > 0 ? byAge(b, a) : byAge(a, b)))
  let left = change
  const scaled = sorted.map(set => {
    const share = Math.round((wantedBy(set) * allowed) / total) - wantedBy(set)
    const given = change > 0 ? Math.max(0, Math.min(share, left)) : Math.min(0, Math.max(share, left))
    left -= given
    return { set, replicas: wantedBy(set) + given }
  })
  return scaled.map((scaling, i) => (i === 0 ? { ...scaling, replicas: Math.max(0, scaling.replicas + left) } : scaling))
}
