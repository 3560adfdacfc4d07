import type { ObjectOf } from '../../meta/object.ts'
import { int32, int64, message, opt, req, type Static } from '../../schema/build.ts'
import { DaemonSetStatus, DaemonSetUpdateStrategy } from '../apps/daemon-set.ts'
import { PodTemplateSpec } from '../core/pod.ts'
import { LabelSelector, ObjectMeta } from '../meta.ts'

export const DaemonSetSpec = message(
  'extensions.v1beta1.DaemonSetSpec',
  {
    minReadySeconds: opt(4, int32, 'Seconds a pod must have been ready without a crash to count as available.'),
    revisionHistoryLimit: opt(6, int32, 'How many old revisions are kept for undo.'),
    selector: opt(1, LabelSelector, "Selects the pods of this set; must match the template's labels and cannot change."),
    template: req(2, PodTemplateSpec, 'The pod that runs on each node; node selector, affinity and tolerations in it decide which.'),
    templateGeneration: opt(5, int64, 'Number of the present template; kept by the server and of no use any more.'),
    updateStrategy: opt(3, DaemonSetUpdateStrategy, 'How running pods follow a change of the template.'),
  },
  { doc: 'What a DaemonSet should run, where, and how it is updated.' },
)
export type DaemonSetSpec = Static<typeof DaemonSetSpec>

/** Removed from Kubernetes in 1.16; manifests of that time are still read. */
export const DaemonSet = message(
  'extensions.v1beta1.DaemonSet',
  {
    metadata: opt(1, ObjectMeta, 'Standard metadata of the object.'),
    spec: opt(2, DaemonSetSpec, 'What is wanted.'),
    status: opt(3, DaemonSetStatus, 'What the controller last saw; set by it alone.'),
  },
  { kind: true, doc: 'Runs one copy of a pod on every node that fits it.' },
)
export type DaemonSet = ObjectOf<Static<typeof DaemonSet>>
