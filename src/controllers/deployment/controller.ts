import { Deployments } from '../../api/kinds/apps/deployment.ts'
import { ReplicaSets } from '../../api/kinds/apps/replica-set.ts'
import { Nodes } from '../../api/kinds/core/node.ts'
import { Pods } from '../../api/kinds/core/pod.ts'
import { objectKey } from '../../api/meta/key.ts'
import { matcherOf } from '../../api/meta/label-selector.ts'
import { controllerOf, controllerReference, isControlledBy } from '../../api/meta/owner.ts'
import { isFinished } from '../../api/meta/pod.ts'
import { isStatus } from '../../api/meta/status.ts'
import type { Deployment } from '../../api/types/apps/deployment.ts'
import type { ReplicaSet } from '../../api/types/apps/replica-set.ts'
import { equal } from '../../base/equal.ts'
import { KeyQueue } from '../../base/key-queue.ts'
import { byController, byNamespace, CONTROLLED_BY, IN_NAMESPACE } from '../../client/indexes.ts'
import { adoptPatch, planClaims, releasePatch } from '../../judge/daemonset/claims.ts'
import { FOLLOW_NODES, followNodes } from '../../judge/deployment/follow-nodes.ts'
import { type DeploymentAction, planDeployment } from '../../judge/deployment/plan.ts'
import { reportDeployment } from '../../judge/deployment/report.ts'
import { newAndOld, REVISION } from '../../judge/deployment/revisions.ts'
import type { ControllerOptions } from '../options.ts'
import { ready } from '../ready.ts'
import { isTerminating } from '../service-account/controller.ts'

const WORKERS = 5
const FOLLOWING = 'follows nodes'

/** Keeps the ReplicaSets of every Deployment: rolls, scales, numbers them, and forgets the oldest. */
export async function runDeploymentController({ api, clock, log, informers, recorder, signal }: ControllerOptions): Promise<void> {
  const follows = { [FOLLOWING]: ({ metadata }: Deployment) => (metadata.annotations?.[FOLLOW_NODES] === undefined ? undefined : 'yes') }
  const deployments = informers.of(Deployments, { indexes: { ...byNamespace, ...follows } })
  const sets = informers.of(ReplicaSets, { indexes: { ...byController, ...byNamespace } })
  const pods = informers.of(Pods, { indexes: byController })
  const nodes = informers.of(Nodes)
  if (!(await ready(signal, deployments, sets, pods, nodes))) return
  const queue = new KeyQueue<string>({
    clock,
    onError: (deployment, error) => {
      if (!isStatus(error, 'Conflict')) log.warn('could not keep a Deployment', { deployment, error })
    },
  })
  /** The newest revisions that each Deployment's pass has written. */
  const written = new Map<string, { sets: number; self: number }>()
  const ownerKey = (set: ReplicaSet): string | undefined => {
    const owner = controllerOf(set)
    return owner?.kind === 'Deployment' ? `${set.metadata.namespace}/${owner.name}` : undefined
  }
  const unsubscribe = [
    deployments.subscribe(({ key, object }) => {
      if (!object) {
        written.delete(key)
        queue.forget(key)
      }
      queue.add(key)
    }),
    sets.subscribe(({ object, old }) => {
      for (const set of [old, object]) {
        const key = set && ownerKey(set)
        if (key) queue.add(key)
      }
      if (object && !controllerOf(object) && !equal(object.metadata.labels, old?.metadata.labels)) {
        for (const deployment of deployments.by(IN_NAMESPACE, object.metadata.namespace!))
          if (matcherOf(deployment.spec.selector)(object.metadata.labels)) queue.add(objectKey(deployment))
      }
    }),
    pods.subscribe(({ object, old }) => {
      // Only a Recreate roll waits for pods to be gone.
      if (object && !isFinished(object)) return
      const owner = controllerOf((object ?? old)!)
      const set = owner?.kind === 'ReplicaSet' ? sets.get(`${(object ?? old)!.metadata.namespace}/${owner.name}`) : undefined
      const key = set && ownerKey(set)
      if (key && deployments.get(key)?.spec.strategy?.type === 'Recreate') queue.add(key)
    }),
    nodes.subscribe(({ object, old }) => {
      if (object && old && equal(object.metadata.labels, old.metadata.labels) && object.metadata.deletionTimestamp === old.metadata.deletionTimestamp) return
      for (const deployment of deployments.by(FOLLOWING, 'yes')) queue.add(objectKey(deployment))
    }),
  ]

  async function handle(key: string): Promise<{ after: number } | void> {
    const own = written.get(key)
    await sets.caughtUp(own?.sets ?? 0, signal)
    await deployments.caughtUp(own?.self ?? 0, signal)
    const deployment = deployments.get(key)
    if (!deployment) return
    const following = followNodes(deployment, nodes.list())
    if (following.follows && 'problem' in following) recorder.event(deployment, 'Warning', 'InvalidReplicasFollowNodes', following.problem)
    else if (following.follows && following.replicas !== deployment.spec.replicas) {
      const to = following.replicas
      recorder.event(deployment, 'Normal', 'ReplicasFollowNodes', `Scaled from ${deployment.spec.replicas} to ${to}: ${to} nodes match the annotation`)
      await scaleSelf(deployment, to)
      return
    }
    const mine = await claim(key, deployment)
    const actions = planDeployment(deployment, mine, set => pods.by(CONTROLLED_BY, set.metadata.uid))
    const { made, problem } = await act(deployment, actions)
    const known = made ? [...mine.filter(({ metadata }) => metadata.uid !== made.metadata.uid), made] : mine
    const { newest, old } = newAndOld(deployment, known)
    const { status, lookAgainAt } = reportDeployment(deployment, newest, old, clock.now(), made !== undefined)
    if (!equal(status, deployment.status)) await writeStatus(deployment, status)
    if (problem) throw problem
    if (lookAgainAt !== undefined) return { after: lookAgainAt - clock.now() }
  }

  async function claim(key: string, deployment: Deployment): Promise<ReplicaSet[]> {
    const { uid, namespace, name, deletionTimestamp } = deployment.metadata
    const claimant = { uid, namespace, terminating: deletionTimestamp !== undefined, matches: matcherOf(deployment.spec.selector) }
    const { kept, adopt, release } = planClaims(claimant, [...sets.by(CONTROLLED_BY, uid), ...sets.by(CONTROLLED_BY, '')])
    if (adopt.length > 0) {
      const live = await api.get({ kind: Deployments, namespace, name }, { signal })
      if (live.metadata.uid !== uid || live.metadata.deletionTimestamp) throw new Error(`cannot adopt: Deployment ${key} is going or gone`)
    }
    const owner = controllerReference({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: deployment.metadata })
    const mine = [...kept]
    for (const set of adopt)
      mine.push(
        note(
          deployment,
          await api.patch({ kind: ReplicaSets, namespace, name: set.metadata.name }, { type: 'strategic', body: adoptPatch(set, owner) }, { signal }),
        ),
      )
    for (const set of release)
      note(
        deployment,
        await api.patch({ kind: ReplicaSets, namespace, name: set.metadata.name }, { type: 'strategic', body: releasePatch(set, uid) }, { signal }),
      )
    return mine
  }

  /** Carries out the steps in order. `made` is the newest set, if it was made now; `problem` is what stopped it. */
  async function act(
    deployment: Deployment,
    actions: readonly DeploymentAction[],
  ): Promise<{ readonly made?: ReplicaSet | undefined; readonly problem?: unknown }> {
    const { namespace, name } = deployment.metadata
    try {
      for (const action of actions) {
        const at =
          'set' in action && action.do !== 'create' ? { kind: ReplicaSets, namespace, name: action.set.metadata.name } : { kind: ReplicaSets, namespace }
        if (action.do === 'create') {
          const made = await create(deployment, action.set)
          if (made) return { made }
        } else if (action.do === 'number') await number(deployment, action.revision)
        else if (action.do === 'delete') await api.delete(at, { preconditions: { uid: action.set.metadata.uid }, signal })
        else {
          note(deployment, await api.update(at, action.to, { signal }))
          if (action.do === 'scale' && action.to.spec.replicas !== action.from)
            announce(deployment, action.set.metadata.name, action.from, action.to.spec.replicas ?? 0)
        }
      }
    } catch (error) {
      if (isTerminating(error)) return {}
      if (!isStatus(error, 'Conflict', 'NotFound')) log.debug('a step of a Deployment failed', { deployment: `${namespace}/${name}`, error })
      return { problem: error }
    }
    return {}
  }

  async function create(deployment: Deployment, set: Extract<DeploymentAction, { do: 'create' }>['set']): Promise<ReplicaSet | undefined> {
    const { namespace } = deployment.metadata
    const name = set.metadata.name!
    try {
      const made = note(deployment, await api.create({ kind: ReplicaSets, namespace }, set, { signal }))
      if (made.spec.replicas) announce(deployment, name, 0, made.spec.replicas)
      return made
    } catch (error) {
      if (!isStatus(error, 'AlreadyExists')) {
        if (!isTerminating(error))
          recorder.event(
            deployment,
            'Warning',
            'ReplicaSetCreateError',
            `Failed to create new replica set "${name}": ${error instanceof Error ? error.message : error}`,
          )
        throw error
      }
      const there = await api.get({ kind: ReplicaSets, namespace, name }, { signal })
      if (isControlledBy(there, deployment) && newAndOld(deployment, [there]).newest) return note(deployment, there)
      // Somebody else's template has the same hash: the next attempt takes another.
      const collisionCount = (deployment.status.collisionCount ?? 0) + 1
      await writeStatus(deployment, { ...deployment.status, collisionCount })
      throw error
    }
  }

  const announce = (deployment: Deployment, set: string, from: number, to: number): void =>
    recorder.event(deployment, 'Normal', 'ScalingReplicaSet', `Scaled ${to > from ? 'up' : 'down'} replica set ${set} from ${from} to ${to}`)

  /** Through its status: the annotation is no new wish of anybody. */
  async function number(deployment: Deployment, revision: string): Promise<void> {
    const { namespace, name } = deployment.metadata
    const body = { metadata: { annotations: { [REVISION]: revision } } }
    noteSelf(await api.patch({ kind: Deployments, namespace, name, subresource: 'status' }, { type: 'merge', body }, { signal }))
  }
  const scaleSelf = (deployment: Deployment, replicas: number) => write({ ...deployment, spec: { ...deployment.spec, replicas } })
  const writeStatus = (deployment: Deployment, status: Deployment['status']) => write({ ...deployment, status }, 'status')
  async function write(deployment: Deployment, subresource?: 'status'): Promise<void> {
    const { namespace, name } = deployment.metadata
    try {
      noteSelf(await api.update({ kind: Deployments, namespace, name, ...(subresource && { subresource }) }, deployment, { signal }))
    } catch (error) {
      if (isStatus(error, 'Conflict')) queue.add(objectKey(deployment))
      else if (!isStatus(error, 'NotFound')) throw error
    }
  }
  function noteSelf(deployment: Deployment): void {
    const key = objectKey(deployment)
    const before = written.get(key) ?? { sets: 0, self: 0 }
    written.set(key, { ...before, self: Math.max(before.self, Number(deployment.metadata.resourceVersion)) })
  }
  function note(deployment: Deployment, set: ReplicaSet): ReplicaSet {
    const key = objectKey(deployment)
    const before = written.get(key) ?? { sets: 0, self: 0 }
    written.set(key, { ...before, sets: Math.max(before.sets, Number(set.metadata.resourceVersion)) })
    return set
  }

  try {
    await queue.run(handle, { workers: WORKERS, signal })
  } finally {
    for (const stop of unsubscribe) stop()
  }
}
