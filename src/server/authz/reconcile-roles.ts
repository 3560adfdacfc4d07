import type { Api } from '../../api/access.ts'
import type { KindRef } from '../../api/kinds/kind.ts'
import { ClusterRoleBindings, RoleBindings } from '../../api/kinds/rbac/bindings.ts'
import { ClusterRoles, Roles } from '../../api/kinds/rbac/roles.ts'
import { isStatus } from '../../api/meta/status.ts'
import type { ClusterRole, ClusterRoleBinding, PolicyRule, Role, RoleBinding, Subject } from '../../api/types/rbac.ts'
import { equal } from '../../base/equal.ts'
import { DEFAULT_ROLES, type DefaultRole } from './default-roles.ts'
import { uncovered } from './rules.ts'

/** Set to `false` on a default role or binding, it is left alone from then on (upstream's way to opt out). */
const AUTOUPDATE = 'rbac.authorization.kubernetes.io/autoupdate'
const MARKS = { annotations: { [AUTOUPDATE]: 'true' }, labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults' } }

/**
 * Makes the default roles and bindings and adds to those there what they lack; never takes away what somebody added. All at
 * once, so that a commit carries many; no binding is there before its role.
 */
export async function reconcileRoles(api: Api, roles: readonly DefaultRole[] = DEFAULT_ROLES): Promise<void> {
  await Promise.all(
    roles.map(async role => {
      await reconcileRole(api, role)
      if (role.subjects?.length) await reconcileBinding(api, role, role.subjects)
    }),
  )
}

async function reconcileRole(api: Api, { name, namespace, rules, labels, aggregationRule }: DefaultRole): Promise<void> {
  const at = namespace === undefined ? { kind: ClusterRoles as KindRef<Role | ClusterRole> } : { kind: Roles as KindRef<Role | ClusterRole>, namespace }
  const found = await getOrUndefined<Role | ClusterRole>(() => api.get({ ...at, name }))
  if (!found) {
    const metadata = { name, ...(namespace && { namespace }), annotations: MARKS.annotations, labels: { ...MARKS.labels, ...labels } }
    await api.create(at, { metadata, rules, ...(aggregationRule && { aggregationRule }) })
    return
  }
  if (found.metadata.annotations?.[AUTOUPDATE] === 'false' || aggregationRule) return
  const lacking: readonly PolicyRule[] = uncovered(found.rules ?? [], rules)
  const marked = { ...found.metadata.labels, ...MARKS.labels, ...labels }
  if (lacking.length === 0 && equal(marked, found.metadata.labels)) return
  await api.update({ ...at, name }, { ...found, metadata: { ...found.metadata, labels: marked }, rules: [...(found.rules ?? []), ...lacking] })
}

async function reconcileBinding(api: Api, { name, namespace }: DefaultRole, subjects: readonly Subject[]): Promise<void> {
  type Binding = RoleBinding | ClusterRoleBinding
  const at = namespace === undefined ? { kind: ClusterRoleBindings as KindRef<Binding> } : { kind: RoleBindings as KindRef<Binding>, namespace }
  const found = await getOrUndefined<Binding>(() => api.get({ ...at, name }))
  if (!found) {
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: namespace === undefined ? 'ClusterRole' : 'Role', name }
    await api.create(at, { metadata: { name, ...(namespace && { namespace }), ...MARKS }, roleRef, subjects })
    return
  }
  if (found.metadata.annotations?.[AUTOUPDATE] === 'false') return
  const lacking = subjects.filter(
    subject => !found.subjects?.some(s => s.kind === subject.kind && s.name === subject.name && (s.namespace ?? '') === (subject.namespace ?? '')),
  )
  if (lacking.length > 0) await api.update({ ...at, name }, { ...found, subjects: [...(found.subjects ?? []), ...lacking] })
}

async function getOrUndefined<T>(get: () => Promise<T>): Promise<T | undefined> {
  try {
    return await get()
  } catch (error) {
    if (isStatus(error, 'NotFound')) return undefined
    throw error
  }
}
