import type { NewObject } from '../../api/meta/object.ts'
import type { ControllerRevision } from '../../api/types/apps/controller-revision.ts'
import type { DaemonSet } from '../../api/types/apps/daemon-set.ts'
import type { Pod } from '../../api/types/core/pod.ts'
import { HASH_LABEL } from './facts.ts'
import { hashOf, inOrder, newRevision, revisionData, sameData } from './revision.ts'

export type HistoryStep =
  /** A revision without a hash goes by its name from now on. */
  | { readonly do: 'label-revision'; readonly revision: ControllerRevision; readonly hash: string }
  | { readonly do: 'create-revision'; readonly revision: NewObject<ControllerRevision> }
  /** Pods of a duplicate belong to the one that is kept. */
  | { readonly do: 'relabel-pod'; readonly pod: Pod; readonly hash: string }
  | DeleteRevision
  /** An old revision that is current again becomes the newest. */
  | { readonly do: 'renumber-revision'; readonly revision: ControllerRevision; readonly to: number }

export interface DeleteRevision {
  readonly do: 'delete-revision'
  readonly revision: ControllerRevision
  readonly why: 'duplicate' | 'beyond-limit'
}

export interface HistoryPlan {
  /** The hash of the current revision; pods created now carry it. */
  readonly hash: string
  /** In the order in which they must be done. */
  readonly steps: readonly HistoryStep[]
}

/** Makes exactly one of the set's revisions the current one, with the highest number. `revisions` and `pods` are those the set has claimed. */
export function planHistory(set: DaemonSet, revisions: readonly ControllerRevision[], pods: Iterable<Pod>): HistoryPlan {
  const data = revisionData(set)
  const steps: HistoryStep[] = []
  for (const revision of revisions) if (!hashOf(revision)) steps.push({ do: 'label-revision', revision, hash: revision.metadata.name })
  const labelOf = (revision: ControllerRevision) => hashOf(revision) || revision.metadata.name

  const same = revisions.filter(revision => sameData(revision, data)).sort(inOrder)
  const number = revisions.reduce((most, revision) => (same.includes(revision) ? most : Math.max(most, revision.revision)), 0) + 1
  const current = same.pop()
  if (!current) {
    const revision = newRevision(set, data, number)
    return { hash: revision.metadata.labels![HASH_LABEL]!, steps: [...steps, { do: 'create-revision', revision }] }
  }
  const hash = labelOf(current)
  if (same.length > 0) {
    const others = new Set(same.map(labelOf))
    for (const pod of pods) {
      const label = pod.metadata.labels?.[HASH_LABEL]
      if (label !== undefined && label !== hash && others.has(label)) steps.push({ do: 'relabel-pod', pod, hash })
    }
    for (const revision of same) steps.push({ do: 'delete-revision', revision, why: 'duplicate' })
  }
  if (current.revision < number) steps.push({ do: 'renumber-revision', revision: current, to: number })
  return { hash, steps }
}

/** What to do when the name of a new revision is taken by `existing`; `live` is the set read just now. */
export function judgeCollision(
  set: DaemonSet,
  data: object,
  existing: ControllerRevision,
  live: DaemonSet,
): { readonly use: ControllerRevision } | { readonly stale: true } | { readonly collisionCount: number } {
  if (sameData(existing, data)) return { use: existing }
  if (live.metadata.uid !== set.metadata.uid || live.status.collisionCount !== set.status.collisionCount) return { stale: true }
  return { collisionCount: (live.status.collisionCount ?? 0) + 1 }
}

/** The oldest revisions beyond `revisionHistoryLimit`, which does not count the current one; a revision some pod still carries is never among them. */
export function planTruncation(set: DaemonSet, revisions: readonly ControllerRevision[], pods: Iterable<Pod>): readonly DeleteRevision[] {
  const data = revisionData(set)
  const old = revisions.filter(revision => !sameData(revision, data)).sort(inOrder)
  let excess = old.length - (set.spec.revisionHistoryLimit ?? 10)
  if (excess <= 0) return []
  const inUse = new Set<string>()
  for (const pod of pods) inUse.add(pod.metadata.labels?.[HASH_LABEL] ?? '')
  const steps: DeleteRevision[] = []
  for (const revision of old) {
    if (excess <= 0) break
    if (inUse.has(hashOf(revision))) continue
    steps.push({ do: 'delete-revision', revision, why: 'beyond-limit' })
    excess--
  }
  return steps
}
