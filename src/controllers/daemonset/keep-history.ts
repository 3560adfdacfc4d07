import type { Api } from '../../api/access.ts'
import { ControllerRevisions } from '../../api/kinds/apps/controller-revision.ts'
import { DaemonSets } from '../../api/kinds/apps/daemon-set.ts'
import { Pods } from '../../api/kinds/core/pod.ts'
import type { NewObject } from '../../api/meta/object.ts'
import { isStatus } from '../../api/meta/status.ts'
import type { ControllerRevision } from '../../api/types/apps/controller-revision.ts'
import type { DaemonSet } from '../../api/types/apps/daemon-set.ts'
import { HASH_LABEL } from '../../judge/daemonset/facts.ts'
import { type HistoryStep, judgeCollision, planHistory, planTruncation } from '../../judge/daemonset/history.ts'
import { hashOf } from '../../judge/daemonset/revision.ts'
import type { ObservedCluster } from './observed.ts'
import type { SetState } from './set-state.ts'

interface Hands {
  readonly api: Api
  readonly cluster: ObservedCluster
  readonly state: SetState
  readonly signal: AbortSignal
}

/** Makes the set's template the current revision. Gives back that revision's hash, and whether anything had to be done. */
export async function keepHistory(hands: Hands, set: DaemonSet): Promise<{ readonly hash: string; readonly acted: boolean }> {
  const { cluster } = hands
  const { hash, steps } = planHistory(set, cluster.claimedRevisions(set), cluster.claimedPods(set))
  let kept = hash
  for (const step of steps) {
    if (step.do === 'create-revision') kept = hashOf(await createRevision(hands, set, step.revision))
    else await carryOut(hands, step)
  }
  return { hash: kept, acted: steps.length > 0 }
}

/** Deletes revisions beyond the set's limit. */
export async function truncateHistory(hands: Hands, set: DaemonSet): Promise<void> {
  const { cluster } = hands
  for (const step of planTruncation(set, cluster.claimedRevisions(set), cluster.claimedPods(set))) await carryOut(hands, step)
}

async function createRevision({ api, state, signal }: Hands, set: DaemonSet, revision: NewObject<ControllerRevision>): Promise<ControllerRevision> {
  const { name, namespace } = set.metadata
  try {
    const created = await api.create({ kind: ControllerRevisions, namespace }, revision, { signal })
    state.wrote('revisions', created)
    return created
  } catch (error) {
    if (!isStatus(error, 'AlreadyExists')) throw error
    const existing = await api.get({ kind: ControllerRevisions, namespace, name: revision.metadata.name! }, { signal })
    const live = await api.get({ kind: DaemonSets, namespace, name }, { signal })
    const verdict = judgeCollision(set, revision.data!, existing, live)
    if ('use' in verdict) return verdict.use
    if ('stale' in verdict) throw new Error(`found a stale collision count of DaemonSet ${namespace}/${name}; looking again`)
    const status = { ...live.status, collisionCount: verdict.collisionCount }
    state.wrote('sets', await api.update({ kind: DaemonSets, namespace, name, subresource: 'status' }, { ...live, status }, { signal }))
    throw error
  }
}

async function carryOut({ api, state, signal }: Hands, step: Exclude<HistoryStep, { readonly do: 'create-revision' }>): Promise<void> {
  if (step.do === 'relabel-pod') {
    const { namespace, name } = step.pod.metadata
    const body = { metadata: { labels: { [HASH_LABEL]: step.hash } } }
    state.wrote('pods', await api.patch({ kind: Pods, namespace, name }, { type: 'merge', body }, { signal }))
    return
  }
  const { revision } = step
  const { namespace, name, uid, labels } = revision.metadata
  const target = { kind: ControllerRevisions, namespace, name }
  if (step.do === 'delete-revision') {
    await api.delete(target, { preconditions: { uid }, signal }).catch(error => {
      if (!isStatus(error, 'NotFound')) throw error
    })
    return
  }
  const changed =
    step.do === 'renumber-revision'
      ? { ...revision, revision: step.to }
      : { ...revision, metadata: { ...revision.metadata, labels: { ...labels, [HASH_LABEL]: step.hash } } }
  state.wrote('revisions', await api.update(target, changed, { signal }))
}
