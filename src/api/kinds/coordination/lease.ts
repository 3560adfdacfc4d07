import type { Draft } from '../../meta/object.ts'
import { Lease } from '../../types/coordination.ts'
import { AGE, NAME, text } from '../columns.ts'
import type { Kind } from '../kind.ts'
import { validateLease } from './lease-rules.ts'

/** Members for elections that are coordinated: behind a feature gate that is off. */
function dropDisabled({ spec }: Draft<Lease>): void {
  if (spec.strategy !== undefined) delete spec.strategy
  if (spec.preferredHolder !== undefined) delete spec.preferredHolder
}

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
  prepareForCreate: dropDisabled,
  prepareForUpdate: dropDisabled,
  validate: validateLease,
  columns: [NAME, text('Holder', 'Who holds the lease.', lease => lease.spec.holderIdentity ?? ''), AGE],
}
