import type { ObjectOf } from '../../meta/object.ts'
import { message, opt, type Static } from '../../schema/build.ts'
import { ObjectMeta } from '../meta.ts'
import { DaemonSetSpec, DaemonSetStatus } from './daemon-set.ts'

/** The same fields as apps/v1. */
export const DaemonSet = message(
  'apps.v1beta2.DaemonSet',
  {
    metadata: opt(1, ObjectMeta, 'Standard metadata of the object.'),
    spec: opt(2, DaemonSetSpec, 'What is wanted.'),
    status: opt(3, DaemonSetStatus, 'What the controller last saw; set by it alone.'),
  },
  { kind: true, doc: 'Runs one copy of a pod on every node that fits it.' },
)
export type DaemonSet = ObjectOf<Static<typeof DaemonSet>>
