import { pathSegment } from '../../meta/names.ts'
import { ClusterRoleBinding, RoleBinding } from '../../types/rbac.ts'
import { AGE, NAME, text, wide } from '../columns.ts'
import type { Column, Kind } from '../kind.ts'
import { defaultBinding, validateBindingUpdate, validateClusterRoleBinding, validateRoleBinding } from './rules.ts'

type Binding = RoleBinding | ClusterRoleBinding

const subjects = (binding: Binding, kind: string): string =>
  (binding.subjects ?? [])
    .filter(s => s.kind === kind)
    .map(s => (kind === 'ServiceAccount' ? `${s.namespace ?? ''}/${s.name}` : s.name))
    .join(', ')

const columns: readonly Column<Binding>[] = [
  NAME,
  text('Role', 'The role that is granted.', binding => `${binding.roleRef.kind}/${binding.roleRef.name}`),
  AGE,
  wide('Users', 'Users it is granted to.', binding => subjects(binding, 'User')),
  wide('Groups', 'Groups it is granted to.', binding => subjects(binding, 'Group')),
  wide('ServiceAccounts', 'Service accounts it is granted to.', binding => subjects(binding, 'ServiceAccount')),
]

export const RoleBindings: Kind<RoleBinding> = {
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  kind: 'RoleBinding',
  resource: 'rolebindings',
  singular: 'rolebinding',
  namespaced: true,
  schema: RoleBinding,
  createOnUpdate: true,
  validateName: pathSegment,
  defaults: defaultBinding,
  validate: validateRoleBinding,
  validateUpdate: validateBindingUpdate,
  columns,
}

export const ClusterRoleBindings: Kind<ClusterRoleBinding> = {
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  kind: 'ClusterRoleBinding',
  resource: 'clusterrolebindings',
  singular: 'clusterrolebinding',
  namespaced: false,
  schema: ClusterRoleBinding,
  createOnUpdate: true,
  validateName: pathSegment,
  defaults: defaultBinding,
  validate: validateClusterRoleBinding,
  validateUpdate: validateBindingUpdate,
  columns,
}
