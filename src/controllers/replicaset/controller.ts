import { ReplicaSets } from '../../api/kinds/apps/replica-set.ts'
import { Pods } from '../../api/kinds/core/pod.ts'
import { objectKey } from '../../api/meta/key.ts'
import { matcherOf } from '../../api/meta/label-selector.ts'
import { controllerOf, controllerReference } from '../../api/meta/owner.ts'
import { isStatus } from '../../api/meta/status.ts'
import type { ReplicaSet } from '../../api/types/apps/replica-set.ts'
import type { Pod } from '../../api/types/core/pod.ts'
import { equal } from '../../base/equal.ts'
import { KeyQueue } from '../../base/key-queue.ts'
import { byController, byNamespace, CONTROLLED_BY, IN_NAMESPACE } from '../../client/indexes.ts'
import { adoptPatch, planClaims, releasePatch } from '../../judge/daemonset/claims.ts'
import { planReplicaSet, replicaPod, reportReplicaSet } from '../../judge/replicaset/plan.ts'
import { asOne, inParallel, slowStart } from '../daemonset/parallel.ts'
import type { ControllerOptions } from '../options.ts'
import { ready } from '../ready.ts'
import { isTerminating } from '../service-account/controller.ts'

const WORKERS = 5

/** Keeps as many pods of every ReplicaSet as it asks for. */
export async function runReplicaSetController({ api, clock, log, informers, recorder, signal }: ControllerOptions): Promise<void> {
  const sets = informers.of(ReplicaSets, { indexes: byNamespace })
  const pods = informers.of(Pods, { indexes: { ...byController, ...byNamespace } })
  if (!(await ready(signal, sets, pods))) return
  const queue = new KeyQueue<string>({
    clock,
    onError: (set, error) => {
      if (!isStatus(error, 'Conflict')) log.warn('could not keep a ReplicaSet', { set, error })
    },
  })
  /** The newest revision of a pod that each set has written. */
  const written = new Map<string, number>()
  /** Uids of pods that each set has deleted and may still see. */
  const deleted = new Map<string, Set<string>>()
  const ownerKey = (pod: Pod): string | undefined => {
    const owner = controllerOf(pod)
    return owner?.kind === 'ReplicaSet' ? `${pod.metadata.namespace}/${owner.name}` : undefined
  }
  const unsubscribe = [
    sets.subscribe(({ key, object }) => {
      if (!object) {
        written.delete(key)
        deleted.delete(key)
        queue.forget(key)
      }
      queue.add(key)
    }),
    pods.subscribe(({ object, old }) => {
      const before = old && ownerKey(old)
      const after = object && ownerKey(object)
      if (before) queue.add(before)
      if (after && after !== before) queue.add(after)
      if (object && !controllerOf(object) && !object.metadata.deletionTimestamp && !equal(object.metadata.labels, old?.metadata.labels)) {
        for (const set of sets.by(IN_NAMESPACE, object.metadata.namespace!)) if (matcherOf(set.spec.selector)(object.metadata.labels)) queue.add(objectKey(set))
      }
    }),
  ]

  async function handle(key: string): Promise<{ after: number } | void> {
    const set = sets.get(key)
    if (!set) return
    await pods.caughtUp(written.get(key) ?? 0, signal)
    const own = await claim(key, set)
    const gone = deleted.get(key)
    const mine = gone ? own.filter(({ metadata }) => !gone.has(metadata.uid) || metadata.deletionTimestamp) : own
    const errors = set.metadata.deletionTimestamp ? [] : await act(key, set, mine)
    const failure = errors.length > 0 ? failureOf(set, mine, errors) : undefined
    const { status, lookAgainAt } = reportReplicaSet(set, mine, clock.now(), failure)
    if (!equal(status, set.status))
      await api
        .update({ kind: ReplicaSets, namespace: set.metadata.namespace, name: set.metadata.name, subresource: 'status' }, { ...set, status }, { signal })
        .catch(ignoringMissing)
    if (errors.length > 0) throw asOne(errors)
    if (lookAgainAt !== undefined) return { after: lookAgainAt - clock.now() }
  }

  /** The pods that are the set's, after taking what is nobody's and letting go what no longer matches. */
  async function claim(key: string, set: ReplicaSet): Promise<Pod[]> {
    const { uid, namespace, name, deletionTimestamp } = set.metadata
    const claimant = { uid, namespace, terminating: deletionTimestamp !== undefined, matches: matcherOf(set.spec.selector) }
    const candidates = [...pods.by(CONTROLLED_BY, uid), ...[...pods.by(CONTROLLED_BY, '')].filter(pod => pod.metadata.namespace === namespace)]
    const { kept, adopt, release } = planClaims(claimant, candidates)
    if (adopt.length > 0) {
      const live = await api.get({ kind: ReplicaSets, namespace, name }, { signal })
      if (live.metadata.uid !== uid || live.metadata.deletionTimestamp) throw new Error(`cannot adopt: ReplicaSet ${key} is going or gone`)
    }
    const owner = controllerReference({ apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata: set.metadata })
    const adopted: Pod[] = []
    const errors = await inParallel(
      [...adopt.map(pod => ({ pod, body: adoptPatch(pod, owner) })), ...release.map(pod => ({ pod, body: releasePatch(pod, uid) }))],
      async ({ pod, body }) => {
        try {
          const result = await api.patch({ kind: Pods, namespace, name: pod.metadata.name }, { type: 'strategic', body }, { signal })
          note(key, result)
          if (adopt.includes(pod)) adopted.push(result)
        } catch (error) {
          if (!isStatus(error, 'NotFound', 'Conflict', 'Invalid')) throw error
        }
      },
    )
    if (errors.length > 0) throw asOne(errors)
    return [...kept, ...adopted]
  }

  async function act(key: string, set: ReplicaSet, own: readonly Pod[]): Promise<readonly unknown[]> {
    const { create, remove } = planReplicaSet(set, own, clock.now())
    const { namespace } = set.metadata
    const creation = await slowStart(Array.from({ length: create }), async () => {
      try {
        const pod = await api.create({ kind: Pods, namespace }, replicaPod(set), { signal })
        note(key, pod)
        recorder.event(set, 'Normal', 'SuccessfulCreate', `Created pod: ${pod.metadata.name}`)
      } catch (error) {
        if (isTerminating(error)) return
        recorder.event(set, 'Warning', 'FailedCreate', `Error creating: ${messageOf(error)}`)
        throw error
      }
    })
    const deletion = await inParallel(remove, async pod => {
      try {
        const result = await api.delete({ kind: Pods, namespace, name: pod.metadata.name }, { preconditions: { uid: pod.metadata.uid }, signal })
        if (result.kind === 'Pod') note(key, result as Pod)
        recorder.event(set, 'Normal', 'SuccessfulDelete', `Deleted pod: ${pod.metadata.name}`)
      } catch (error) {
        if (!isStatus(error, 'NotFound', 'Conflict')) {
          recorder.event(set, 'Warning', 'FailedDelete', `Error deleting: ${messageOf(error)}`)
          throw error
        }
      }
      const gone = deleted.get(key) ?? new Set()
      deleted.set(key, gone.add(pod.metadata.uid))
    })
    const gone = deleted.get(key)
    if (gone) for (const uid of gone) if (!own.some(({ metadata }) => metadata.uid === uid)) gone.delete(uid)
    return [...creation, ...deletion]
  }

  const note = (key: string, { metadata }: Pod): void => void written.set(key, Math.max(written.get(key) ?? 0, Number(metadata.resourceVersion)))

  try {
    await queue.run(handle, { workers: WORKERS, signal })
  } finally {
    for (const stop of unsubscribe) stop()
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
const failureOf = (set: ReplicaSet, pods: readonly Pod[], errors: readonly unknown[]) => ({
  reason: pods.length < (set.spec.replicas ?? 1) ? 'FailedCreate' : 'FailedDelete',
  message: messageOf(errors[0]),
})
const ignoringMissing = (error: unknown): void => {
  if (!isStatus(error, 'NotFound')) throw error
}
