import { type FieldError, invalid, notSupported, required } from '../../meta/field-error.ts'
import { dnsSubdomain, pathSegment } from '../../meta/names.ts'
import type { Draft } from '../../meta/object.ts'
import { report } from '../../meta/object-meta.ts'
import { semanticEqual } from '../../meta/semantic-equal.ts'
import type { ClusterRole, ClusterRoleBinding, PolicyRule, Role, RoleBinding, RoleRef, Subject } from '../../types/rbac.ts'
import { checkLabelSelector, selects } from '../label-selector.ts'

export const RBAC_GROUP = 'rbac.authorization.k8s.io'

function checkRule(rule: PolicyRule, namespaced: boolean, path: string, errors: FieldError[]): void {
  const { verbs, nonResourceURLs = [], apiGroups = [], resources = [], resourceNames = [] } = rule
  if (verbs.length === 0) errors.push(required(`${path}.verbs`, 'verbs must contain at least one value'))
  if (nonResourceURLs.length > 0) {
    if (namespaced) errors.push(invalid(`${path}.nonResourceURLs`, nonResourceURLs, 'namespaced rules cannot apply to non-resource URLs'))
    if (apiGroups.length + resources.length + resourceNames.length > 0) {
      errors.push(invalid(`${path}.nonResourceURLs`, nonResourceURLs, 'rules cannot apply to both regular resources and non-resource URLs'))
    }
    return
  }
  if (apiGroups.length === 0) errors.push(required(`${path}.apiGroups`, 'resource rules must supply at least one api group'))
  if (resources.length === 0) errors.push(required(`${path}.resources`, 'resource rules must supply at least one resource'))
}

function checkRules(rules: readonly PolicyRule[] | undefined, namespaced: boolean, errors: FieldError[]): void {
  rules?.forEach((rule, i) => {
    checkRule(rule, namespaced, `rules[${i}]`, errors)
  })
}

export function validateRole(role: Role): readonly FieldError[] {
  const errors: FieldError[] = []
  checkRules(role.rules, true, errors)
  return errors
}

export function validateClusterRole({ rules, aggregationRule }: ClusterRole): readonly FieldError[] {
  const errors: FieldError[] = []
  checkRules(rules, false, errors)
  if (!aggregationRule) return errors
  const selectors = aggregationRule.clusterRoleSelectors ?? []
  const path = 'aggregationRule.clusterRoleSelectors'
  if (selectors.length === 0) errors.push(required(path, 'at least one clusterRoleSelector required if aggregationRule is non-nil'))
  selectors.forEach((selector, i) => {
    checkLabelSelector(selector, `${path}[${i}]`, errors)
    if (selects(selector, undefined) === undefined) errors.push(invalid(`${path}[${i}]`, selector, 'invalid label selector.'))
  })
  return errors
}

export function defaultBinding(binding: Draft<RoleBinding> | Draft<ClusterRoleBinding>): void {
  if (binding.roleRef && !binding.roleRef.apiGroup) binding.roleRef.apiGroup = RBAC_GROUP
  for (const subject of binding.subjects ?? []) {
    if (!subject.apiGroup && (subject.kind === 'User' || subject.kind === 'Group')) subject.apiGroup = RBAC_GROUP
  }
}

function checkRoleRef(ref: RoleRef, kinds: readonly string[], errors: FieldError[]): void {
  if (ref.apiGroup !== RBAC_GROUP) errors.push(notSupported('roleRef.apiGroup', ref.apiGroup ?? '', [RBAC_GROUP]))
  if (!kinds.includes(ref.kind)) errors.push(notSupported('roleRef.kind', ref.kind, kinds))
  if (!ref.name) errors.push(required('roleRef.name'))
  else report(errors, 'roleRef.name', ref.name, pathSegment(ref.name))
}

function checkSubject(subject: Subject, namespaced: boolean, path: string, errors: FieldError[]): void {
  const { kind, name, apiGroup = '', namespace } = subject
  if (!name) errors.push(required(`${path}.name`))
  switch (kind) {
    case 'ServiceAccount':
      if (name) report(errors, `${path}.name`, name, dnsSubdomain(name))
      if (apiGroup !== '') errors.push(notSupported(`${path}.apiGroup`, apiGroup, ['']))
      if (!namespaced && !namespace) errors.push(required(`${path}.namespace`))
      break
    case 'User':
    case 'Group':
      if (apiGroup !== RBAC_GROUP) errors.push(notSupported(`${path}.apiGroup`, apiGroup, [RBAC_GROUP]))
      break
    default:
      errors.push(notSupported(`${path}.kind`, kind, ['ServiceAccount', 'User', 'Group']))
  }
}

type Binding = RoleBinding | ClusterRoleBinding

const validateBinding =
  (kinds: readonly string[], namespaced: boolean) =>
  (binding: Binding): readonly FieldError[] => {
    const errors: FieldError[] = []
    checkRoleRef(binding.roleRef, kinds, errors)
    binding.subjects?.forEach((subject, i) => {
      checkSubject(subject, namespaced, `subjects[${i}]`, errors)
    })
    return errors
  }
export const validateRoleBinding = validateBinding(['Role', 'ClusterRole'], true)
export const validateClusterRoleBinding = validateBinding(['ClusterRole'], false)

export const validateBindingUpdate = (binding: Binding, old: Binding): readonly FieldError[] =>
  semanticEqual(binding.roleRef, old.roleRef) ? [] : [invalid('roleRef', binding.roleRef, 'cannot change roleRef')]
