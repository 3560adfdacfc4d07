import type { ObjectOf } from '../../meta/object.ts'
import { explicit, int32, int64, list, message, opt, req, type Static, string, time, withDefault } from '../../schema/build.ts'
import { PodTemplateSpec } from '../core/pod.ts'
import { LabelSelector, ObjectMeta } from '../meta.ts'

export const ReplicaSetSpec = message(
  'apps.v1.ReplicaSetSpec',
  {
    minReadySeconds: opt(4, int32, 'Seconds a pod must have been ready without a crash to count as available.'),
    replicas: opt(1, withDefault(explicit(int32), 1), 'How many pods.'),
    selector: req(2, explicit(LabelSelector), "Selects the pods; must match the template's labels and cannot change."),
    template: opt(3, withDefault(PodTemplateSpec, {}), 'The pod that runs.'),
  },
  { doc: 'What a ReplicaSet should run, and how many of it.' },
)
export type ReplicaSetSpec = Static<typeof ReplicaSetSpec>

export const ReplicaSetCondition = message(
  'apps.v1.ReplicaSetCondition',
  {
    lastTransitionTime: opt(3, time, 'When the status last changed.'),
    message: opt(5, string, 'What a person should know about it.'),
    reason: opt(4, string, 'One word for why it last changed.'),
    status: req(2, string, 'True, False or Unknown.'),
    type: req(1, string, 'What the condition is about.'),
  },
  { doc: "One aspect of a ReplicaSet's state." },
)
export type ReplicaSetCondition = Static<typeof ReplicaSetCondition>

export const ReplicaSetStatus = message(
  'apps.v1.ReplicaSetStatus',
  {
    availableReplicas: opt(5, int32, 'Pods that are available.'),
    conditions: opt(6, list(ReplicaSetCondition, { list: 'map', keys: ['type'], patch: 'merge', mergeKey: 'type' }), 'Present conditions of the set.'),
    fullyLabeledReplicas: opt(2, int32, 'Pods that have all labels of the template.'),
    observedGeneration: opt(3, int64, 'Generation of the spec that the status speaks of.'),
    readyReplicas: opt(4, int32, 'Pods that are ready.'),
    replicas: req(1, int32, 'Pods that are there.'),
    terminatingReplicas: opt(7, explicit(int32), 'Pods that are about to go.'),
  },
  { doc: 'How far a ReplicaSet has come.' },
)
export type ReplicaSetStatus = Static<typeof ReplicaSetStatus>

export const ReplicaSet = message(
  'apps.v1.ReplicaSet',
  {
    metadata: opt(1, ObjectMeta, 'Standard metadata of the object.'),
    spec: opt(2, ReplicaSetSpec, 'What is wanted.'),
    status: opt(3, ReplicaSetStatus, 'What the controller last saw.'),
  },
  { kind: true, doc: 'Keeps a number of equal pods running.' },
)
export type ReplicaSet = ObjectOf<Static<typeof ReplicaSet>>
