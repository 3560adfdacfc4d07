import type { KubeObject } from '../../api/meta/object.ts'
import { forbidden } from '../../api/meta/status.ts'
import type { ClusterRole, ClusterRoleBinding, PolicyRule, Role, RoleBinding } from '../../api/types/rbac.ts'
import { equal } from '../../base/equal.ts'
import type { AdmissionPlugin, AdmissionRequest } from '../admission/plugin.ts'
import type { Authorizer } from '../registry/authorizer.ts'
import type { RbacIndex } from './rbac.ts'
import { formatRule, uncovered } from './rules.ts'

const GROUP = 'rbac.authorization.k8s.io'

/** Nobody gives away, by a role or a binding, what they do not have, unless they may `escalate` or `bind` (upstream's rule). */
export function preventEscalation(rbac: RbacIndex, authorizer: Authorizer): AdmissionPlugin {
  async function may(request: AdmissionRequest, verb: string, resource: string, name: string): Promise<boolean> {
    const { user, namespace } = request
    return (await authorizer.authorize({ user, verb, group: GROUP, version: 'v1', resource, namespace, name })).allowed
  }

  async function check(request: AdmissionRequest): Promise<void> {
    const { kind, name, namespace, object, old, user } = request
    if (user.groups.includes('system:masters')) return
    if (kind.resource === 'roles' || kind.resource === 'clusterroles') {
      const role = object as Role | ClusterRole
      const before = old as Role | ClusterRole | undefined
      if (before && onlyForCollection(before, role)) return
      if (await may(request, 'escalate', kind.resource, name)) return
      // What is aggregated is not known beforehand: it counts as everything.
      const wanted = aggregates(role) || aggregates(before) ? [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }] : (role.rules ?? [])
      refuseWhatIsGained(request, rbac.rulesOf(user, namespace), wanted)
      return
    }
    const binding = object as RoleBinding | ClusterRoleBinding
    const before = old as RoleBinding | ClusterRoleBinding | undefined
    if (before && onlyForCollection(before, binding)) return
    const { roleRef } = binding
    if (await may(request, 'bind', roleRef.kind === 'Role' ? 'roles' : 'clusterroles', roleRef.name)) return
    const rules = rbac.rulesOfRole(roleRef, namespace)
    if (!rules)
      throw forbidden(
        { group: GROUP, resource: kind.resource },
        name,
        `${roleRef.kind} "${roleRef.name}" not found: only who may bind it can refer to a role that is not there`,
      )
    refuseWhatIsGained(request, rbac.rulesOf(user, namespace), rules)
  }

  return {
    name: 'PrivilegeEscalation',
    on: ['roles', 'clusterroles', 'rolebindings', 'clusterrolebindings'],
    operations: ['create', 'update'],
    check,
  }
}

const aggregates = (role: Role | ClusterRole | undefined): boolean => role !== undefined && 'aggregationRule' in role && role.aggregationRule !== undefined

/**
 * Whether a write changes nothing but what the garbage collector needs. Any other change counts: a label alone can make a role
 * part of another one that everybody has.
 */
function onlyForCollection(before: KubeObject, after: KubeObject): boolean {
  const { ownerReferences, finalizers, managedFields, resourceVersion, generation } = before.metadata
  return equal({ ...after, metadata: { ...after.metadata, ownerReferences, finalizers, managedFields, resourceVersion, generation } }, before)
}

function refuseWhatIsGained({ kind, name, user }: AdmissionRequest, owned: readonly PolicyRule[], wanted: readonly PolicyRule[]): void {
  const gained = uncovered(owned, wanted)
  if (gained.length === 0) return
  const groups = `groups=[${user.groups.map(group => JSON.stringify(group)).join(' ')}]`
  const why = `user ${JSON.stringify(user.name)} (${groups}) is attempting to grant RBAC permissions not currently held:\n${gained.map(formatRule).join('\n')}`
  throw forbidden({ group: GROUP, resource: kind.resource }, name, why)
}
