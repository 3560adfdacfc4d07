import type { Api } from '../../api/access.ts'
import { ControllerRevisions } from '../../api/kinds/apps/controller-revision.ts'
import { DaemonSets } from '../../api/kinds/apps/daemon-set.ts'
import { Pods } from '../../api/kinds/core/pod.ts'
import type { KindRef } from '../../api/kinds/kind.ts'
import { matcherOf } from '../../api/meta/label-selector.ts'
import type { KubeObject } from '../../api/meta/object.ts'
import { isStatus } from '../../api/meta/status.ts'
import type { DaemonSet } from '../../api/types/apps/daemon-set.ts'
import { adoptionProblem, adoptPatch, type Claims, planClaims, releasePatch } from '../../judge/daemonset/claims.ts'
import { ownedBy } from '../../judge/daemonset/daemon-pod.ts'
import type { ObservedCluster } from './observed.ts'
import { asOne, inParallel } from './parallel.ts'
import type { SetState } from './set-state.ts'

/** Adopts and releases pods and revisions, then waits until the local copies show it. Throws when any of it failed. */
export async function claimAll(api: Api, cluster: ObservedCluster, state: SetState, set: DaemonSet, signal: AbortSignal): Promise<void> {
  const { uid, namespace, deletionTimestamp } = set.metadata
  const claimant = { uid, namespace, terminating: deletionTimestamp !== undefined, matches: matcherOf(set.spec.selector) }
  const pods = planClaims(claimant, cluster.candidates(cluster.pods, set))
  const revisions = planClaims(claimant, cluster.candidates(cluster.revisions, set))
  if (pods.adopt.length + revisions.adopt.length > 0) await mayAdopt(api, set, signal)
  const errors = [
    ...(await carryOut(api, Pods, pods, set, object => state.wrote('pods', object), signal)),
    ...(await carryOut(api, ControllerRevisions, revisions, set, object => state.wrote('revisions', object), signal)),
  ]
  if (errors.length > 0) throw asOne(errors)
}

/** Nothing is adopted unless the set, read now, is still the one we know and not being deleted. */
async function mayAdopt(api: Api, set: DaemonSet, signal: AbortSignal): Promise<void> {
  const { name, namespace } = set.metadata
  const live = await api.get({ kind: DaemonSets, namespace, name }, { signal }).catch(error => {
    if (isStatus(error, 'NotFound')) return undefined
    throw error
  })
  const problem = adoptionProblem('DaemonSet', set, live)
  if (problem) throw new Error(`cannot adopt: ${problem}`)
}

async function carryOut<T extends KubeObject>(
  api: Api,
  kind: KindRef<T>,
  { adopt, release }: Claims<T>,
  set: DaemonSet,
  wrote: (object: T) => void,
  signal: AbortSignal,
): Promise<readonly unknown[]> {
  const owner = ownedBy(set)
  const patches = [
    ...adopt.map(object => ({ object, body: adoptPatch(object, owner), ignored: ['NotFound'] })),
    // Already let go, or another object under that name.
    ...release.map(object => ({ object, body: releasePatch(object, owner.uid), ignored: ['NotFound', 'Invalid', 'Conflict'] })),
  ]
  return inParallel(patches, async ({ object, body, ignored }) => {
    const { namespace, name } = object.metadata
    try {
      wrote(await api.patch({ kind, namespace, name }, { type: 'strategic', body }, { signal }))
    } catch (error) {
      if (!isStatus(error, ...ignored)) throw error
    }
  })
}
