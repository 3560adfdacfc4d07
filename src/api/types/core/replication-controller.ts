import type { ObjectOf } from '../../meta/object.ts'
import { explicit, int32, int64, list, map, message, opt, req, type Static, string, time, withDefault } from '../../schema/build.ts'
import { ObjectMeta } from '../meta.ts'
import { PodTemplateSpec } from './pod.ts'

export const ReplicationControllerSpec = message(
  'core.v1.ReplicationControllerSpec',
  {
    minReadySeconds: opt(4, int32, 'Seconds a pod must have been ready without a crash to count as available.'),
    replicas: opt(1, withDefault(explicit(int32), 1), 'How many pods.'),
    selector: opt(2, map(string, { map: 'atomic' }), "Labels that the pods have; the template's when not given."),
    template: opt(3, PodTemplateSpec, 'The pod that runs.'),
  },
  { doc: 'What a ReplicationController should run, and how many of it.' },
)
export type ReplicationControllerSpec = Static<typeof ReplicationControllerSpec>

export const ReplicationControllerCondition = message(
  'core.v1.ReplicationControllerCondition',
  {
    lastTransitionTime: opt(3, time, 'When the status last changed.'),
    message: opt(5, string, 'What a person should know about it.'),
    reason: opt(4, string, 'One word for why it last changed.'),
    status: req(2, string, 'True, False or Unknown.'),
    type: req(1, string, 'What the condition is about.'),
  },
  { doc: "One aspect of a ReplicationController's state." },
)
export type ReplicationControllerCondition = Static<typeof ReplicationControllerCondition>

export const ReplicationControllerStatus = message(
  'core.v1.ReplicationControllerStatus',
  {
    availableReplicas: opt(5, int32, 'Pods that are available.'),
    conditions: opt(
      6,
      list(ReplicationControllerCondition, { list: 'map', keys: ['type'], patch: 'merge', mergeKey: 'type' }),
      'Present conditions of the controller.',
    ),
    fullyLabeledReplicas: opt(2, int32, 'Pods that have all labels of the template.'),
    observedGeneration: opt(3, int64, 'Generation of the spec that the status speaks of.'),
    readyReplicas: opt(4, int32, 'Pods that are ready.'),
    replicas: req(1, int32, 'Pods that are there.'),
  },
  { doc: 'How far a ReplicationController has come.' },
)
export type ReplicationControllerStatus = Static<typeof ReplicationControllerStatus>

export const ReplicationController = message(
  'core.v1.ReplicationController',
  {
    metadata: opt(1, ObjectMeta, 'Standard metadata of the object.'),
    spec: opt(2, ReplicationControllerSpec, 'What is wanted.'),
    status: opt(3, ReplicationControllerStatus, 'What was last seen.'),
  },
  { kind: true, doc: 'A number of equal pods, in the form that came before ReplicaSets.' },
)
export type ReplicationController = ObjectOf<Static<typeof ReplicationController>>
