import { Lease } from '../../types/coordination.ts'
import { AGE, NAME, text } from '../columns.ts'
import type { Kind } from '../kind.ts'
import { validateLease } from './lease-rules.ts'

export const Leases: Kind<Lease> = {
  group: 'coordination.k8s.io',
  version: 'v1',
  kind: 'Lease',
  resource: 'leases',
  singular: 'lease',
  namespaced: true,
  schema: Lease,
  createOnUpdate: true,
  requiresRevisionOnUpdate: true,
  validate: validateLease,
  columns: [NAME, text('Holder', 'Who holds the lease.', lease => lease.spec.holderIdentity ?? ''), AGE],
}
