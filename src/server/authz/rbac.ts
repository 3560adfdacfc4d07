import type { KubeObject } from '../../api/meta/object.ts'
import type { User } from '../../api/meta/user.ts'
import type { ClusterRole, ClusterRoleBinding, PolicyRule, Role, RoleBinding, Subject } from '../../api/types/rbac.ts'
import type { Attributes, Authorizer, Decision } from '../registry/authorizer.ts'
import { ruleAllows } from './rules.ts'

type Binding = ClusterRoleBinding | RoleBinding
const NONE: readonly PolicyRule[] = Object.freeze([])

/**
 * Roles and bindings indexed by subject, so that a decision looks at the bindings of one user and no others.
 * Fed one change at a time; an object replaces what its key had.
 */
export class RbacIndex implements Authorizer {
  readonly #roles = new Map<string, readonly PolicyRule[]>()
  readonly #bindings = new Map<string, Binding>()
  readonly #bySubject = new Map<string, Set<string>>()

  setRole(role: Role | ClusterRole): void {
    this.#roles.set(roleKey(role.metadata.namespace, role.metadata.name), role.rules ?? NONE)
  }
  removeRole(role: KubeObject): void {
    this.#roles.delete(roleKey(role.metadata.namespace, role.metadata.name))
  }

  setBinding(binding: Binding): void {
    this.removeBinding(binding)
    const key = roleKey(binding.metadata.namespace, binding.metadata.name)
    this.#bindings.set(key, binding)
    for (const subject of binding.subjects ?? []) {
      const name = subjectKey(subject, binding.metadata.namespace)
      const keys = this.#bySubject.get(name)
      if (keys) keys.add(key)
      else this.#bySubject.set(name, new Set([key]))
    }
  }
  removeBinding(binding: KubeObject): void {
    const key = roleKey(binding.metadata.namespace, binding.metadata.name)
    const old = this.#bindings.get(key)
    if (!old) return
    this.#bindings.delete(key)
    for (const subject of old.subjects ?? []) {
      const name = subjectKey(subject, old.metadata.namespace)
      const keys = this.#bySubject.get(name)
      keys?.delete(key)
      if (keys?.size === 0) this.#bySubject.delete(name)
    }
  }

  authorize(attributes: Attributes): Decision {
    const namespace = 'path' in attributes ? undefined : attributes.namespace
    for (const { binding, rules } of this.#granted(attributes.user, namespace)) {
      if (rules.some(rule => ruleAllows(rule, attributes))) {
        const { kind, metadata, roleRef } = binding
        const where = metadata.namespace ? `${metadata.namespace}/` : ''
        return { allowed: true, reason: `RBAC: allowed by ${kind} "${where}${metadata.name}" of ${roleRef.kind} "${roleRef.name}" to ${attributes.user.name}` }
      }
    }
    return { allowed: false }
  }

  /** Every rule that the user has in a namespace; the cluster-wide ones alone without a namespace. */
  rulesOf(user: User, namespace: string | undefined): readonly PolicyRule[] {
    return [...this.#granted(user, namespace)].flatMap(({ rules }) => rules)
  }

  /** The rules of the role that a binding in `namespace` would refer to. */
  rulesOfRole(roleRef: { readonly kind: string; readonly name: string }, namespace: string | undefined): readonly PolicyRule[] | undefined {
    return this.#roles.get(roleKey(roleRef.kind === 'Role' ? namespace : undefined, roleRef.name))
  }

  *#granted(user: User, namespace: string | undefined): Generator<{ readonly binding: Binding; readonly rules: readonly PolicyRule[] }> {
    const seen = new Set<string>()
    for (const subject of [`User ${user.name}`, ...user.groups.map(group => `Group ${group}`)]) {
      for (const key of this.#bySubject.get(subject) ?? []) {
        if (seen.has(key)) continue
        seen.add(key)
        const binding = this.#bindings.get(key)!
        const within = binding.metadata.namespace
        if (within !== undefined && within !== namespace) continue
        const rules = this.rulesOfRole(binding.roleRef, within)
        if (rules) yield { binding, rules }
      }
    }
  }
}

const roleKey = (namespace: string | undefined, name: string): string => (namespace ? `${namespace}/${name}` : name)

/** A ServiceAccount is the user that its tokens name. */
function subjectKey(subject: Subject, bindingNamespace: string | undefined): string {
  if (subject.kind !== 'ServiceAccount') return `${subject.kind} ${subject.name}`
  return `User system:serviceaccount:${subject.namespace || bindingNamespace || ''}:${subject.name}`
}
