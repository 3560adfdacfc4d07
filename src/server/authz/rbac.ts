import type { KubeObject } from '../../api/meta/object.ts'
import type { User } from '../../api/meta/user.ts'
import type { ClusterRole, ClusterRoleBinding, PolicyRule, Role, RoleBinding } from '../../api/types/rbac.ts'
import type { Attributes, Authorizer, Decision } from '../registry/authorizer.ts'
import { ruleAllows } from './rules.ts'

type Binding = ClusterRoleBinding | RoleBinding
const NONE: readonly PolicyRule[] = Object.freeze([])
const DENIED: Decision = Object.freeze({ allowed: false })

/**
 * Roles and bindings indexed by subject, so that a decision looks at the bindings of one user and no others.
 * Fed one change at a time; an object replaces what its key had.
 */
export class RbacIndex implements Authorizer {
  readonly #roles = new Map<string, readonly PolicyRule[]>()
  readonly #bindings = new Map<string, Binding>()
  readonly #ofUser = new Map<string, Set<Binding>>()
  readonly #ofGroup = new Map<string, Set<Binding>>()

  setRole(role: Role | ClusterRole): void {
    this.#roles.set(roleKey(role.metadata.namespace, role.metadata.name), role.rules ?? NONE)
  }
  removeRole(role: KubeObject): void {
    this.#roles.delete(roleKey(role.metadata.namespace, role.metadata.name))
  }

  setBinding(binding: Binding): void {
    this.removeBinding(binding)
    this.#bindings.set(roleKey(binding.metadata.namespace, binding.metadata.name), binding)
    for (const { of, name } of this.#subjects(binding)) {
      const there = of.get(name)
      if (there) there.add(binding)
      else of.set(name, new Set([binding]))
    }
  }
  removeBinding(binding: KubeObject): void {
    const key = roleKey(binding.metadata.namespace, binding.metadata.name)
    const old = this.#bindings.get(key)
    if (!old) return
    this.#bindings.delete(key)
    for (const { of, name } of this.#subjects(old)) {
      const there = of.get(name)
      there?.delete(old)
      if (there?.size === 0) of.delete(name)
    }
  }

  /** Where a binding is kept, and by which names. A ServiceAccount is the user that its tokens name. */
  *#subjects({ subjects = [], metadata }: Binding): Iterable<{ readonly of: Map<string, Set<Binding>>; readonly name: string }> {
    for (const { kind, name, namespace } of subjects) {
      if (kind === 'User') yield { of: this.#ofUser, name }
      else if (kind === 'Group') yield { of: this.#ofGroup, name }
      else if (kind === 'ServiceAccount') yield { of: this.#ofUser, name: `system:serviceaccount:${namespace || metadata.namespace || ''}:${name}` }
    }
  }

  authorize(attributes: Attributes): Decision {
    const { user } = attributes
    let binding = this.#allowing(attributes, this.#ofUser.get(user.name))
    for (const group of user.groups) binding ??= this.#allowing(attributes, this.#ofGroup.get(group))
    if (!binding) return DENIED
    const { kind, metadata, roleRef } = binding
    const where = metadata.namespace ? `${metadata.namespace}/` : ''
    return { allowed: true, reason: `RBAC: allowed by ${kind} "${where}${metadata.name}" of ${roleRef.kind} "${roleRef.name}" to ${user.name}` }
  }

  #allowing(attributes: Attributes, bindings: ReadonlySet<Binding> | undefined): Binding | undefined {
    if (!bindings) return undefined
    const namespace = 'path' in attributes ? undefined : attributes.namespace
    for (const binding of bindings) for (const rule of this.#rulesIn(binding, namespace)) if (ruleAllows(rule, attributes)) return binding
    return undefined
  }

  /** Every rule that the user has in a namespace; the cluster-wide ones alone without a namespace. */
  rulesOf(user: User, namespace: string | undefined): readonly PolicyRule[] {
    const bindings = new Set(this.#ofUser.get(user.name))
    for (const group of user.groups) for (const binding of this.#ofGroup.get(group) ?? []) bindings.add(binding)
    return [...bindings].flatMap(binding => this.#rulesIn(binding, namespace))
  }

  /** The rules of the role that a binding in `namespace` would refer to. */
  rulesOfRole(roleRef: { readonly kind: string; readonly name: string }, namespace: string | undefined): readonly PolicyRule[] | undefined {
    return this.#roles.get(roleKey(roleRef.kind === 'Role' ? namespace : undefined, roleRef.name))
  }

  /** What a binding grants in a namespace. */
  #rulesIn({ metadata, roleRef }: Binding, namespace: string | undefined): readonly PolicyRule[] {
    const within = metadata.namespace
    if (within !== undefined && within !== namespace) return NONE
    return this.rulesOfRole(roleRef, within) ?? NONE
  }
}

const roleKey = (namespace: string | undefined, name: string): string => (namespace ? `${namespace}/${name}` : name)
