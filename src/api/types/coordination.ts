import type { ObjectOf } from '../meta/object.ts'
import { explicit, int32, message, microTime, opt, type Static, string } from '../schema/build.ts'
import { ObjectMeta } from './meta.ts'

export const LeaseSpec = message(
  'coordination.v1.LeaseSpec',
  {
    acquireTime: opt(3, microTime, 'When the present holder got it.'),
    holderIdentity: opt(1, explicit(string), 'Who holds it.'),
    leaseDurationSeconds: opt(2, explicit(int32), 'Seconds after renewTime in which others wait.'),
    leaseTransitions: opt(5, explicit(int32), 'How many times it changed hands.'),
    preferredHolder: opt(7, explicit(string), 'Who should get it next.'),
    renewTime: opt(4, microTime, 'When the holder last renewed it.'),
    strategy: opt(6, explicit(string), 'How the holder is chosen.'),
  },
  { doc: 'State of a lease.' },
)
export type LeaseSpec = Static<typeof LeaseSpec>

export const Lease = message(
  'coordination.v1.Lease',
  {
    metadata: opt(1, ObjectMeta, 'Standard metadata of the object.'),
    spec: opt(2, LeaseSpec, 'State of the lease.'),
  },
  { kind: true, doc: 'Who holds something, and until when.' },
)
export type Lease = ObjectOf<Static<typeof Lease>>
