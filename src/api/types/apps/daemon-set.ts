import type { ObjectOf } from '../../meta/object.ts'
import { explicit, int32, int64, intOrString, list, message, opt, req, type Static, string, time, withDefault } from '../../schema/build.ts'
import { PodTemplateSpec } from '../core/pod.ts'
import { LabelSelector, ObjectMeta } from '../meta.ts'

export const RollingUpdateDaemonSet = message(
  'apps.v1.RollingUpdateDaemonSet',
  {
    maxSurge: opt(
      2,
      explicit(intOrString),
      'Nodes that may run old and new pod at once, as number or percentage of all; the new one must be ready before the old one stops.',
    ),
    maxUnavailable: opt(1, explicit(intOrString), 'Nodes that may be without an available pod, as number or percentage of all.'),
  },
  { doc: 'The budget of a rolling update; one of the two must be above zero, the other zero.' },
)
export type RollingUpdateDaemonSet = Static<typeof RollingUpdateDaemonSet>

export const DaemonSetUpdateStrategy = message(
  'apps.v1.DaemonSetUpdateStrategy',
  {
    rollingUpdate: opt(2, RollingUpdateDaemonSet, 'How a rolling update proceeds; only with type RollingUpdate.'),
    type: opt(1, string, 'RollingUpdate replaces pods by itself, OnDelete waits until they are deleted.'),
  },
  { doc: 'How running pods are replaced after a change of the template.' },
)
export type DaemonSetUpdateStrategy = Static<typeof DaemonSetUpdateStrategy>

export const DaemonSetSpec = message(
  'apps.v1.DaemonSetSpec',
  {
    minReadySeconds: opt(4, int32, 'Seconds a pod must have been ready without a crash to count as available.'),
    revisionHistoryLimit: opt(6, withDefault(explicit(int32), 10), 'How many old revisions are kept for undo.'),
    selector: req(1, explicit(LabelSelector), "Selects the pods of this set; must match the template's labels and cannot change."),
    template: req(2, PodTemplateSpec, 'The pod that runs on each node; node selector, affinity and tolerations in it decide which.'),
    updateStrategy: opt(3, withDefault(DaemonSetUpdateStrategy, {}), 'How running pods follow a change of the template.'),
  },
  { doc: 'What a DaemonSet should run, where, and how it is updated.' },
)
export type DaemonSetSpec = Static<typeof DaemonSetSpec>

export const DaemonSetCondition = message(
  'apps.v1.DaemonSetCondition',
  {
    lastTransitionTime: opt(3, time, 'When the status last changed.'),
    message: opt(5, string, 'What a person should know about it.'),
    reason: opt(4, string, 'One word for why it last changed.'),
    status: req(2, string, 'True, False or Unknown.'),
    type: req(1, string, 'What the condition is about.'),
  },
  { doc: "One aspect of a DaemonSet's state." },
)
export type DaemonSetCondition = Static<typeof DaemonSetCondition>

export const DaemonSetStatus = message(
  'apps.v1.DaemonSetStatus',
  {
    collisionCount: opt(9, explicit(int32), 'Counts clashes of revision names, to find a free one.'),
    conditions: opt(10, list(DaemonSetCondition, { list: 'map', keys: ['type'], patch: 'merge', mergeKey: 'type' }), 'Present conditions of the set.'),
    currentNumberScheduled: req(1, int32, 'Nodes that should run a pod of the set and have one.'),
    desiredNumberScheduled: req(3, int32, 'Nodes that should run a pod of the set.'),
    numberAvailable: opt(7, int32, 'Nodes that should run a pod and whose pod is available.'),
    numberMisscheduled: req(2, int32, 'Nodes that have a pod of the set and should not.'),
    numberReady: req(4, int32, 'Nodes that should run a pod and whose pod is ready.'),
    numberUnavailable: opt(8, int32, 'Nodes that should run a pod and have none that is available.'),
    observedGeneration: opt(5, int64, 'Generation of the spec that the status speaks of.'),
    updatedNumberScheduled: opt(6, int32, 'Nodes that should run a pod and whose pod has the present template.'),
  },
  { doc: 'How far a DaemonSet has come.' },
)
export type DaemonSetStatus = Static<typeof DaemonSetStatus>

export const DaemonSet = message(
  'apps.v1.DaemonSet',
  {
    metadata: opt(1, ObjectMeta, 'Standard metadata of the object.'),
    spec: opt(2, DaemonSetSpec, 'What is wanted.'),
    status: opt(3, DaemonSetStatus, 'What the controller last saw; set by it alone.'),
  },
  { kind: true, doc: 'Runs one copy of a pod on every node that fits it.' },
)
export type DaemonSet = ObjectOf<Static<typeof DaemonSet>>
