import type { ObjectOf } from '../../meta/object.ts'
import { boolean, explicit, int32, int64, intOrString, list, message, opt, patched, req, type Static, string, time, withDefault } from '../../schema/build.ts'
import { PodTemplateSpec } from '../core/pod.ts'
import { LabelSelector, ObjectMeta } from '../meta.ts'

export const RollingUpdateDeployment = message(
  'apps.v1.RollingUpdateDeployment',
  {
    maxSurge: opt(2, explicit(intOrString), 'Pods there may be above the wanted number.'),
    maxUnavailable: opt(1, explicit(intOrString), 'Pods that may be missing.'),
  },
  { doc: 'The budget of a rolling update.' },
)
export type RollingUpdateDeployment = Static<typeof RollingUpdateDeployment>

export const DeploymentStrategy = message(
  'apps.v1.DeploymentStrategy',
  {
    rollingUpdate: opt(2, RollingUpdateDeployment, 'How a rolling update proceeds; only with type RollingUpdate.'),
    type: opt(1, string, 'RollingUpdate or Recreate.'),
  },
  { doc: 'How running pods are replaced.' },
)
export type DeploymentStrategy = Static<typeof DeploymentStrategy>

export const DeploymentSpec = message(
  'apps.v1.DeploymentSpec',
  {
    minReadySeconds: opt(5, int32, 'Seconds a pod must have been ready without a crash to count as available.'),
    paused: opt(7, boolean, 'Holds back the rollout of changes.'),
    progressDeadlineSeconds: opt(9, withDefault(explicit(int32), 600), 'Seconds without progress after which a rollout counts as failed.'),
    replicas: opt(1, withDefault(explicit(int32), 1), 'How many pods.'),
    revisionHistoryLimit: opt(6, withDefault(explicit(int32), 10), 'How many old ReplicaSets are kept for undo.'),
    selector: req(2, explicit(LabelSelector), "Selects the pods; must match the template's labels and cannot change."),
    strategy: opt(4, withDefault(patched(DeploymentStrategy, 'retainKeys'), {}), 'How running pods follow a change of the template.'),
    template: req(3, PodTemplateSpec, 'The pod that runs.'),
  },
  { doc: 'What a Deployment should run, and how many of it.' },
)
export type DeploymentSpec = Static<typeof DeploymentSpec>

export const DeploymentCondition = message(
  'apps.v1.DeploymentCondition',
  {
    lastTransitionTime: opt(7, time, 'When the status last changed.'),
    lastUpdateTime: opt(6, time, 'When the condition was last written.'),
    message: opt(5, string, 'What a person should know about it.'),
    reason: opt(4, string, 'One word for why it last changed.'),
    status: req(2, string, 'True, False or Unknown.'),
    type: req(1, string, 'What the condition is about.'),
  },
  { doc: "One aspect of a Deployment's state." },
)
export type DeploymentCondition = Static<typeof DeploymentCondition>

export const DeploymentStatus = message(
  'apps.v1.DeploymentStatus',
  {
    availableReplicas: opt(4, int32, 'Pods that are available.'),
    collisionCount: opt(8, explicit(int32), 'Counts clashes of ReplicaSet names, to find a free one.'),
    conditions: opt(6, list(DeploymentCondition, { list: 'map', keys: ['type'], patch: 'merge', mergeKey: 'type' }), 'Present conditions of the Deployment.'),
    observedGeneration: opt(1, int64, 'Generation of the spec that the status speaks of.'),
    readyReplicas: opt(7, int32, 'Pods that are ready.'),
    replicas: opt(2, int32, 'Pods that are there.'),
    terminatingReplicas: opt(9, explicit(int32), 'Pods that are about to go.'),
    unavailableReplicas: opt(5, int32, 'Pods that are missing or not available.'),
    updatedReplicas: opt(3, int32, 'Pods that have the present template.'),
  },
  { doc: 'How far a Deployment has come.' },
)
export type DeploymentStatus = Static<typeof DeploymentStatus>

export const Deployment = message(
  'apps.v1.Deployment',
  {
    metadata: opt(1, ObjectMeta, 'Standard metadata of the object.'),
    spec: opt(2, DeploymentSpec, 'What is wanted.'),
    status: opt(3, DeploymentStatus, 'What the controller last saw.'),
  },
  { kind: true, doc: 'Keeps a number of equal pods running and rolls out changes of their template.' },
)
export type Deployment = ObjectOf<Static<typeof Deployment>>
