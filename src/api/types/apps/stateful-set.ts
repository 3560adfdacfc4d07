import type { ObjectOf } from '../../meta/object.ts'
import { explicit, int32, int64, intOrString, list, message, opt, req, type Static, string, time, withDefault } from '../../schema/build.ts'
import { PersistentVolumeClaim } from '../core/persistent-volume.ts'
import { PodTemplateSpec } from '../core/pod.ts'
import { LabelSelector, ObjectMeta } from '../meta.ts'

export const RollingUpdateStatefulSetStrategy = message(
  'apps.v1.RollingUpdateStatefulSetStrategy',
  {
    maxUnavailable: opt(2, explicit(intOrString), 'Pods that may be missing.'),
    partition: opt(1, withDefault(explicit(int32), 0), 'Number from which on pods are updated.'),
  },
  { doc: 'How far a rolling update goes.' },
)

export const StatefulSetUpdateStrategy = message(
  'apps.v1.StatefulSetUpdateStrategy',
  {
    rollingUpdate: opt(2, RollingUpdateStatefulSetStrategy, 'How a rolling update proceeds; only with type RollingUpdate.'),
    type: opt(1, withDefault(string, 'RollingUpdate'), 'RollingUpdate or OnDelete.'),
  },
  { doc: 'How running pods are replaced.' },
)

export const StatefulSetPersistentVolumeClaimRetentionPolicy = message(
  'apps.v1.StatefulSetPersistentVolumeClaimRetentionPolicy',
  {
    whenDeleted: opt(1, withDefault(string, 'Retain'), 'Retain or Delete, when the set goes.'),
    whenScaled: opt(2, withDefault(string, 'Retain'), 'Retain or Delete, when a pod is scaled away.'),
  },
  { doc: 'What becomes of the claims.' },
)

export const StatefulSetOrdinals = message(
  'apps.v1.StatefulSetOrdinals',
  { start: opt(1, int32, 'Number of the first pod.') },
  { doc: 'How the pods are numbered.' },
)

export const StatefulSetSpec = message(
  'apps.v1.StatefulSetSpec',
  {
    minReadySeconds: opt(9, int32, 'Seconds a pod must have been ready without a crash to count as available.'),
    ordinals: opt(11, explicit(StatefulSetOrdinals), 'How the pods are numbered.'),
    persistentVolumeClaimRetentionPolicy: opt(10, explicit(withDefault(StatefulSetPersistentVolumeClaimRetentionPolicy, {})), 'What becomes of the claims.'),
    podManagementPolicy: opt(6, withDefault(string, 'OrderedReady'), 'OrderedReady or Parallel.'),
    replicas: opt(1, withDefault(explicit(int32), 1), 'How many pods.'),
    revisionHistoryLimit: opt(8, withDefault(explicit(int32), 10), 'How many old revisions are kept for undo.'),
    selector: req(2, explicit(LabelSelector), "Selects the pods; must match the template's labels and cannot change."),
    serviceName: opt(5, withDefault(string, ''), 'The service that gives the pods their names.'),
    template: req(3, PodTemplateSpec, 'The pod that runs.'),
    updateStrategy: opt(7, withDefault(StatefulSetUpdateStrategy, {}), 'How running pods follow a change of the template.'),
    volumeClaimTemplates: opt(4, list(PersistentVolumeClaim, { list: 'atomic' }), 'Claims that each pod gets.'),
  },
  { doc: 'What a StatefulSet should run, and how many of it.' },
)
export type StatefulSetSpec = Static<typeof StatefulSetSpec>

export const StatefulSetCondition = message(
  'apps.v1.StatefulSetCondition',
  {
    lastTransitionTime: opt(3, time, 'When the status last changed.'),
    message: opt(5, string, 'What a person should know about it.'),
    reason: opt(4, string, 'One word for why it last changed.'),
    status: req(2, string, 'True, False or Unknown.'),
    type: req(1, string, 'What the condition is about.'),
  },
  { doc: "One aspect of a StatefulSet's state." },
)

export const StatefulSetStatus = message(
  'apps.v1.StatefulSetStatus',
  {
    availableReplicas: opt(11, int32, 'Pods that are available.'),
    collisionCount: opt(9, explicit(int32), 'Counts clashes of revision names, to find a free one.'),
    conditions: opt(10, list(StatefulSetCondition, { list: 'map', keys: ['type'], patch: 'merge', mergeKey: 'type' }), 'Present conditions of the set.'),
    currentReplicas: opt(4, int32, 'Pods of the revision that is being left.'),
    currentRevision: opt(6, string, 'The revision that is being left.'),
    observedGeneration: opt(1, int64, 'Generation of the spec that the status speaks of.'),
    readyReplicas: opt(3, int32, 'Pods that are ready.'),
    replicas: req(2, int32, 'Pods that are there.'),
    updateRevision: opt(7, string, 'The newest revision.'),
    updatedReplicas: opt(5, int32, 'Pods of the newest revision.'),
  },
  { doc: 'How far a StatefulSet has come.' },
)

export const StatefulSet = message(
  'apps.v1.StatefulSet',
  {
    metadata: opt(1, ObjectMeta, 'Standard metadata of the object.'),
    spec: opt(2, StatefulSetSpec, 'What is wanted.'),
    status: opt(3, StatefulSetStatus, 'What was last seen.'),
  },
  { kind: true, doc: 'Numbered pods that each keep their name and their storage.' },
)
export type StatefulSet = ObjectOf<Static<typeof StatefulSet>>
