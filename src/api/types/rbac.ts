import type { ObjectOf } from '../meta/object.ts'
import { list, message, opt, req, type Static, string } from '../schema/build.ts'
import { LabelSelector, ObjectMeta } from './meta.ts'

export const AggregationRule = message(
  'rbac.v1.AggregationRule',
  {
    clusterRoleSelectors: opt(1, list(LabelSelector, { list: 'atomic' }), 'Selectors of the roles taken over.'),
  },
  { doc: 'Which roles are taken over.' },
)
export type AggregationRule = Static<typeof AggregationRule>

export const PolicyRule = message(
  'rbac.v1.PolicyRule',
  {
    apiGroups: opt(2, list(string, { list: 'atomic' }), 'Groups of the resources; "" is the core group, * all.'),
    nonResourceURLs: opt(5, list(string, { list: 'atomic' }), 'Paths that are no resources.'),
    resourceNames: opt(4, list(string, { list: 'atomic' }), 'Names of objects; all when empty.'),
    resources: opt(3, list(string, { list: 'atomic' }), 'Resources; * for all, RESOURCE/SUBRESOURCE for a part.'),
    verbs: req(1, list(string, { list: 'atomic' }), 'Verbs; * for all.'),
  },
  { doc: 'Who has it may do these verbs on these resources.' },
)
export type PolicyRule = Static<typeof PolicyRule>

export const ClusterRole = message(
  'rbac.v1.ClusterRole',
  {
    aggregationRule: opt(3, AggregationRule, 'Roles whose rules are taken over into this one.'),
    metadata: opt(1, ObjectMeta, 'Standard metadata of the object.'),
    rules: opt(2, list(PolicyRule, { list: 'atomic' }), 'The rights.'),
  },
  { kind: true, doc: 'Rights in all namespaces and on what has none.' },
)
export type ClusterRole = ObjectOf<Static<typeof ClusterRole>>

export const RoleRef = message(
  'rbac.v1.RoleRef',
  {
    apiGroup: opt(1, string, 'Group of the role.'),
    kind: req(2, string, 'Role or ClusterRole.'),
    name: req(3, string, 'Name of the role.'),
  },
  { map: 'atomic', doc: 'The role that is given.' },
)
export type RoleRef = Static<typeof RoleRef>

export const Subject = message(
  'rbac.v1.Subject',
  {
    apiGroup: opt(2, string, 'Group of the subject; empty for service accounts.'),
    kind: req(1, string, 'User, Group or ServiceAccount.'),
    name: req(3, string, 'Name of the subject.'),
    namespace: opt(4, string, 'Namespace of a service account.'),
  },
  { map: 'atomic', doc: 'Who gets a role.' },
)
export type Subject = Static<typeof Subject>

export const ClusterRoleBinding = message(
  'rbac.v1.ClusterRoleBinding',
  {
    metadata: opt(1, ObjectMeta, 'Standard metadata of the object.'),
    roleRef: req(3, RoleRef, 'The role; cannot be changed.'),
    subjects: opt(2, list(Subject, { list: 'atomic' }), 'Who gets it.'),
  },
  { kind: true, doc: 'Gives a role to subjects, everywhere.' },
)
export type ClusterRoleBinding = ObjectOf<Static<typeof ClusterRoleBinding>>

export const Role = message(
  'rbac.v1.Role',
  {
    metadata: opt(1, ObjectMeta, 'Standard metadata of the object.'),
    rules: opt(2, list(PolicyRule, { list: 'atomic' }), 'The rights.'),
  },
  { kind: true, doc: 'Rights in one namespace.' },
)
export type Role = ObjectOf<Static<typeof Role>>

export const RoleBinding = message(
  'rbac.v1.RoleBinding',
  {
    metadata: opt(1, ObjectMeta, 'Standard metadata of the object.'),
    roleRef: req(3, RoleRef, 'The role; cannot be changed.'),
    subjects: opt(2, list(Subject, { list: 'atomic' }), 'Who gets it.'),
  },
  { kind: true, doc: 'Gives a role to subjects, in one namespace.' },
)
export type RoleBinding = ObjectOf<Static<typeof RoleBinding>>
