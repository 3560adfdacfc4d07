import { matcherOf } from '../../api/meta/label-selector.ts'
import type { KubeObject } from '../../api/meta/object.ts'
import { isPodReady } from '../../api/meta/pod.ts'
import { badRequest, forbidden, isStatus, StatusError } from '../../api/meta/status.ts'
import { timeOf } from '../../api/meta/time.ts'
import type { Pod } from '../../api/types/core/pod.ts'
import type { Status } from '../../api/types/meta.ts'
import { Eviction, type PodDisruptionBudget } from '../../api/types/policy.ts'
import { SUCCESS } from './binding.ts'
import { deleteOne } from './delete.ts'
import type { Working } from './metadata.ts'
import { type DeleteSettings, deleteSettings } from './options.ts'
import { readOne } from './read.ts'
import type { Served } from './request.ts'
import { rewrite } from './rewrite.ts'
import { nextState } from './update.ts'
import type { PostHandler, PostSubresource } from './virtual.ts'
import type { World } from './world.ts'

const MOST_UNCONFIRMED = 2000
/** When to ask again for a budget whose controller is behind. None is given for one that is used up: clients then keep to their own pace and deadlines. */
const RETRY_SECONDS = 10

/** POST pods/NAME/eviction: a delete that a PodDisruptionBudget may put off. */
export const evictions = (world: World): PostSubresource => ({
  on: 'pods/eviction',
  group: '',
  bodies: ['v1', 'v1beta1'].map(version => ({ group: 'policy', version, kind: 'Eviction', schema: Eviction })),
  create: posted => evict(world, posted),
})

type Posted = Parameters<PostHandler>[0]

async function evict(world: World, posted: Posted): Promise<Status> {
  const { name, namespace, body } = posted
  const { metadata, deleteOptions } = body as unknown as Eviction
  if (metadata.name && metadata.name !== name) throw badRequest('name in URL does not match name in Eviction object')
  const asked = deleteSettings(deleteOptions, {})
  const settings = { ...asked, dryRun: asked.dryRun || posted.dryRun }
  const served = world.catalogue.find('', 'v1', 'pods')!
  const pod = (await readOne(world, served, namespace, name)) as Pod
  if (!mayGoUnasked(pod)) {
    const budgets = budgetsOf(world, pod)
    if (budgets.length > 1) {
      throw new StatusError('InternalError', 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.')
    }
    if (budgets[0] && !needsNoTurn(pod, budgets[0])) await takeTurn(world, posted, budgets[0], settings)
  }
  await markDisrupted(world, served, posted, settings)
  await deleteOne(world, { served, namespace, name, caller: posted.caller, settings, warn: posted.warn })
  return SUCCESS
}

/** Pods that are done, not yet running or already on their way serve nobody. */
const mayGoUnasked = ({ metadata, status }: Pod): boolean =>
  metadata.deletionTimestamp !== undefined || status.phase === 'Succeeded' || status.phase === 'Failed' || status.phase === 'Pending'

function budgetsOf(world: World, pod: Pod): readonly PodDisruptionBudget[] {
  const cache = world.caches.of<PodDisruptionBudget>({ group: 'policy', resource: 'poddisruptionbudgets' })
  if (!cache) return []
  return cache.list({ namespace: pod.metadata.namespace }).items.filter(budget => matcherOf(budget.spec.selector)(pod.metadata.labels))
}

/** A pod that is not ready takes nothing from a budget that is met without it. */
function needsNoTurn(pod: Pod, { spec, status }: PodDisruptionBudget): boolean {
  if (isPodReady(pod)) return false
  if (spec.unhealthyPodEvictionPolicy === 'AlwaysAllow') return true
  return (status.currentHealthy ?? 0) >= (status.desiredHealthy ?? 0) && (status.desiredHealthy ?? 0) > 0
}

/** Takes one of the disruptions that the budget allows. */
async function takeTurn(world: World, { name, caller, fieldManager, warn }: Posted, budget: PodDisruptionBudget, { dryRun }: DeleteSettings): Promise<void> {
  const served = world.catalogue.find('policy', 'v1', 'poddisruptionbudgets')!
  await rewrite(world, {
    kind: served.kind,
    namespace: budget.metadata.namespace,
    name: budget.metadata.name,
    dryRun,
    next: old => {
      const { metadata, status } = old as PodDisruptionBudget
      if ((status.observedGeneration ?? 0) < (metadata.generation ?? 0)) {
        throw putOff(`The disruption budget ${metadata.name} is still being processed by the server.`, RETRY_SECONDS)
      }
      const allowed = status.disruptionsAllowed ?? 0
      if (allowed < 0) throw forbidden(served.kind, metadata.name, 'pdb disruptions allowed is negative')
      if (Object.keys(status.disruptedPods ?? {}).length > MOST_UNCONFIRMED) {
        throw forbidden(served.kind, metadata.name, 'DisruptedPods map too big - too many evictions not confirmed by PDB controller')
      }
      if (allowed === 0) {
        throw putOff(`The disruption budget ${metadata.name} needs ${status.desiredHealthy ?? 0} healthy pods and has ${status.currentHealthy ?? 0} currently`)
      }
      const disruptedPods = { ...status.disruptedPods, [name]: timeOf(world.clock.now()) }
      const draft = { ...old, metadata: { ...old.metadata }, status: { ...status, disruptionsAllowed: allowed - 1, disruptedPods } } as unknown as Working
      return nextState(world, { served, part: 'status', caller, manager: fieldManager, dryRun, warn }, draft, old)
    },
  })
}

function putOff(why: string, retryAfterSeconds?: number): StatusError {
  return new StatusError('TooManyRequests', "Cannot evict pod as it would violate the pod's disruption budget.", {
    causes: [{ reason: 'DisruptionBudget', message: why }],
    ...(retryAfterSeconds && { retryAfterSeconds }),
  })
}

/** Says on the pod why it goes; a pod that is gone meanwhile needs no word. */
async function markDisrupted(world: World, served: Served, { name, namespace, caller, fieldManager, warn }: Posted, settings: DeleteSettings): Promise<void> {
  try {
    await rewrite(world, {
      kind: served.kind,
      namespace,
      name,
      dryRun: settings.dryRun,
      next: old => {
        const pod = old as Pod
        if (pod.metadata.deletionTimestamp !== undefined) return { keep: true }
        const condition = {
          type: 'DisruptionTarget',
          status: 'True',
          reason: 'EvictionByEvictionAPI',
          message: 'Eviction API: evicting',
          lastTransitionTime: timeOf(world.clock.now()),
        }
        const conditions = (pod.status.conditions ?? []).filter(one => one.type !== condition.type)
        const draft = { ...old, metadata: { ...old.metadata }, status: { ...pod.status, conditions: [...conditions, condition] } } as unknown as Working
        return nextState(world, { served, part: 'status', caller, manager: fieldManager, dryRun: settings.dryRun, warn }, draft, old as KubeObject)
      },
    })
  } catch (error) {
    if (!isStatus(error, 'NotFound')) throw error
  }
}
