import type { Draft } from '../../meta/object.ts'
import { ServiceAccount } from '../../types/core/service-account.ts'
import { AGE, NAME } from '../columns.ts'
import type { Kind } from '../kind.ts'

const ENFORCE = 'kubernetes.io/enforce-mountable-secrets'
const SEPARATE = `metadata.annotations[${ENFORCE}]: deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets`
const mountsOnlyItsOwn = (account: ServiceAccount | undefined): boolean => account?.metadata.annotations?.[ENFORCE] !== undefined

/** Of a secret only its name says something. */
function nameSecrets(account: Draft<ServiceAccount>): void {
  if (account.secrets) account.secrets = account.secrets.map(({ name }) => (name === undefined ? {} : { name }))
}

export const ServiceAccounts: Kind<ServiceAccount> = {
  group: '',
  version: 'v1',
  kind: 'ServiceAccount',
  resource: 'serviceaccounts',
  singular: 'serviceaccount',
  shortNames: ['sa'],
  namespaced: true,
  schema: ServiceAccount,
  prepareForCreate: nameSecrets,
  prepareForUpdate: nameSecrets,
  subresources: { other: { token: { verbs: ['create'], kind: { group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest' } } } },
  warnings: (account, old) => (mountsOnlyItsOwn(account) && !mountsOnlyItsOwn(old) ? [SEPARATE] : []),
  columns: [NAME, AGE],
}
