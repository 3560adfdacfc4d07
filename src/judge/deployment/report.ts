import { timeOf } from '../../api/meta/time.ts'
import type { Deployment, DeploymentCondition, DeploymentStatus } from '../../api/types/apps/deployment.ts'
import type { ReplicaSet } from '../../api/types/apps/replica-set.ts'
import { replicasOf, rollingBudget } from './amounts.ts'
import { availableOf, sum, wantedBy } from './scale.ts'

export interface DeploymentReport {
  readonly status: DeploymentStatus
  /** When a roll that does not move is to be called late. */
  readonly lookAgainAt?: number
}

const DONE = 'NewReplicaSetAvailable'
const LATE = 'ProgressDeadlineExceeded'
/** Upstream's way to say that there is no deadline. */
const NO_DEADLINE = 2147483647

/** The counts and conditions of a Deployment. `made` says that the newest set has just been created. */
export function reportDeployment(
  deployment: Deployment,
  newest: ReplicaSet | undefined,
  old: readonly ReplicaSet[],
  now: number,
  made: boolean,
): DeploymentReport {
  const all = newest ? [newest, ...old] : [...old]
  const replicas = sum(all, set => set.status.replicas)
  const available = sum(all, availableOf)
  const counts = {
    replicas,
    updatedReplicas: newest?.status.replicas ?? 0,
    readyReplicas: sum(all, set => set.status.readyReplicas ?? 0),
    availableReplicas: available,
    unavailableReplicas: Math.max(0, sum(all, wantedBy) - available),
    terminatingReplicas: sum(all, set => set.status.terminatingReplicas ?? 0),
  }
  let conditions = deployment.status.conditions ?? []
  const say = (type: string, status: 'True' | 'False' | 'Unknown', reason: string, message: string, renew = false): void => {
    const before = conditions.find(condition => condition.type === type)
    if (before?.status === status && before.reason === reason && !renew) return
    const lastTransitionTime = before?.status === status && before.lastTransitionTime ? before.lastTransitionTime : timeOf(now)
    const condition: DeploymentCondition = { type, status, reason, message, lastTransitionTime, lastUpdateTime: timeOf(now) }
    conditions = [...conditions.filter(other => other.type !== type), condition]
  }
  const enough = available >= replicasOf(deployment) - rollingBudget(deployment).maxUnavailable
  if (enough) say('Available', 'True', 'MinimumReplicasAvailable', 'Deployment has minimum availability.')
  else say('Available', 'False', 'MinimumReplicasUnavailable', 'Deployment does not have minimum availability.')

  const progressing = () => conditions.find(({ type }) => type === 'Progressing')
  const deadline = (deployment.spec.progressDeadlineSeconds ?? NO_DEADLINE) === NO_DEADLINE ? undefined : deployment.spec.progressDeadlineSeconds! * 1000
  const subject = newest ? `ReplicaSet "${newest.metadata.name}"` : `Deployment "${deployment.metadata.name}"`
  let lookAgainAt: number | undefined
  if (deadline !== undefined) {
    const wasDone = progressing()?.reason === DONE && counts.updatedReplicas === replicas
    const wanted = replicasOf(deployment)
    const complete = newest !== undefined && counts.updatedReplicas === wanted && replicas === wanted && available === wanted
    if (deployment.spec.paused) {
      if (progressing()?.reason !== LATE) say('Progressing', 'Unknown', 'DeploymentPaused', 'Deployment is paused')
    } else if (progressing()?.reason === 'DeploymentPaused') say('Progressing', 'Unknown', 'DeploymentResumed', 'Deployment is resumed')
    else if (made) say('Progressing', 'True', 'NewReplicaSetCreated', `Created new replica set "${newest?.metadata.name}"`)
    else if (newest && !progressing()) say('Progressing', 'True', 'FoundNewReplicaSet', `Found new replica set "${newest.metadata.name}"`)
    if (!wasDone && !deployment.spec.paused) {
      if (complete) say('Progressing', 'True', DONE, `${subject} has successfully progressed.`)
      else if (movedOn(deployment.status, counts)) say('Progressing', 'True', 'ReplicaSetUpdated', `${subject} is progressing.`, true)
      else {
        const since = Date.parse(progressing()?.lastUpdateTime ?? '')
        if (since + deadline <= now) say('Progressing', 'False', LATE, `${subject} has timed out progressing.`)
        else if (progressing()?.reason !== LATE && !Number.isNaN(since)) lookAgainAt = since + deadline
      }
    }
  }
  const failure = [newest, ...old].flatMap(set => set?.status.conditions ?? []).find(({ type }) => type === 'ReplicaFailure')
  if (failure) say('ReplicaFailure', failure.status as 'True', failure.reason ?? '', failure.message ?? '')
  else conditions = conditions.filter(({ type }) => type !== 'ReplicaFailure')

  const shown = Object.fromEntries(Object.entries(counts).filter(([key, count]) => count > 0 || key === 'terminatingReplicas'))
  const { collisionCount } = deployment.status
  return {
    status: {
      ...shown,
      observedGeneration: deployment.metadata.generation,
      ...(collisionCount && { collisionCount }),
      ...(conditions.length && { conditions }),
    },
    ...(lookAgainAt !== undefined && { lookAgainAt }),
  }
}

type Counts = Required<Pick<DeploymentStatus, 'replicas' | 'updatedReplicas' | 'readyReplicas' | 'availableReplicas'>>
/** More new ones, fewer old ones, more ready, or more available than before. */
const movedOn = (before: DeploymentStatus, now: { readonly [K in keyof Counts]: number }): boolean =>
  now.updatedReplicas > (before.updatedReplicas ?? 0) ||
  now.replicas - now.updatedReplicas < (before.replicas ?? 0) - (before.updatedReplicas ?? 0) ||
  now.readyReplicas > (before.readyReplicas ?? 0) ||
  now.availableReplicas > (before.availableReplicas ?? 0)
