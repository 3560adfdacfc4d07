import { ServiceAccount } from '../../types/core/service-account.ts'
import { AGE, NAME } from '../columns.ts'
import type { Kind } from '../kind.ts'

export const ServiceAccounts: Kind<ServiceAccount> = {
  group: '',
  version: 'v1',
  kind: 'ServiceAccount',
  resource: 'serviceaccounts',
  singular: 'serviceaccount',
  shortNames: ['sa'],
  namespaced: true,
  schema: ServiceAccount,
  subresources: { other: { token: { verbs: ['create'], kind: { group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest' } } } },
  columns: [NAME, AGE],
}
