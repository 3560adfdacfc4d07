import { pathSegment } from '../../meta/names.ts'
import { ClusterRole, Role } from '../../types/rbac.ts'
import { CREATED_AT, NAME } from '../columns.ts'
import type { Kind } from '../kind.ts'
import { validateClusterRole, validateRole } from './rules.ts'

export const Roles: Kind<Role> = {
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  kind: 'Role',
  resource: 'roles',
  singular: 'role',
  namespaced: true,
  schema: Role,
  createOnUpdate: true,
  validateName: pathSegment,
  validate: validateRole,
  columns: [NAME, CREATED_AT],
}

export const ClusterRoles: Kind<ClusterRole> = {
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  kind: 'ClusterRole',
  resource: 'clusterroles',
  singular: 'clusterrole',
  namespaced: false,
  schema: ClusterRole,
  createOnUpdate: true,
  validateName: pathSegment,
  validate: validateClusterRole,
  columns: [NAME, CREATED_AT],
}
