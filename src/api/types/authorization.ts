import type { ObjectOf } from '../meta/object.ts'
import { boolean, list, map, message, opt, req, type Static, string } from '../schema/build.ts'
import { FieldSelectorRequirement, LabelSelectorRequirement, ObjectMeta } from './meta.ts'

export const NonResourceAttributes = message('authorization.v1.NonResourceAttributes', {
  path: opt(1, string),
  verb: opt(2, string),
})
export type NonResourceAttributes = Static<typeof NonResourceAttributes>

export const FieldSelectorAttributes = message('authorization.v1.FieldSelectorAttributes', {
  rawSelector: opt(1, string),
  requirements: opt(2, list(FieldSelectorRequirement, { list: 'atomic' })),
})
export type FieldSelectorAttributes = Static<typeof FieldSelectorAttributes>

export const LabelSelectorAttributes = message('authorization.v1.LabelSelectorAttributes', {
  rawSelector: opt(1, string),
  requirements: opt(2, list(LabelSelectorRequirement, { list: 'atomic' })),
})
export type LabelSelectorAttributes = Static<typeof LabelSelectorAttributes>

export const ResourceAttributes = message('authorization.v1.ResourceAttributes', {
  fieldSelector: opt(8, FieldSelectorAttributes),
  group: opt(3, string),
  labelSelector: opt(9, LabelSelectorAttributes),
  name: opt(7, string),
  namespace: opt(1, string),
  resource: opt(5, string),
  subresource: opt(6, string),
  verb: opt(2, string),
  version: opt(4, string),
})
export type ResourceAttributes = Static<typeof ResourceAttributes>

export const SubjectAccessReviewSpec = message('authorization.v1.SubjectAccessReviewSpec', {
  extra: opt(5, map(list(string))),
  groups: opt(4, list(string, { list: 'atomic' })),
  nonResourceAttributes: opt(2, NonResourceAttributes),
  resourceAttributes: opt(1, ResourceAttributes),
  uid: opt(6, string),
  user: opt(3, string),
})
export type SubjectAccessReviewSpec = Static<typeof SubjectAccessReviewSpec>

export const SubjectAccessReviewStatus = message('authorization.v1.SubjectAccessReviewStatus', {
  allowed: req(1, boolean),
  denied: opt(4, boolean),
  evaluationError: opt(3, string),
  reason: opt(2, string),
})
export type SubjectAccessReviewStatus = Static<typeof SubjectAccessReviewStatus>

export const LocalSubjectAccessReview = message(
  'authorization.v1.LocalSubjectAccessReview',
  {
    metadata: opt(1, ObjectMeta),
    spec: req(2, SubjectAccessReviewSpec),
    status: opt(3, SubjectAccessReviewStatus),
  },
  { kind: true },
)
export type LocalSubjectAccessReview = ObjectOf<Static<typeof LocalSubjectAccessReview>>

export const SelfSubjectAccessReviewSpec = message('authorization.v1.SelfSubjectAccessReviewSpec', {
  nonResourceAttributes: opt(2, NonResourceAttributes),
  resourceAttributes: opt(1, ResourceAttributes),
})
export type SelfSubjectAccessReviewSpec = Static<typeof SelfSubjectAccessReviewSpec>

export const SelfSubjectAccessReview = message(
  'authorization.v1.SelfSubjectAccessReview',
  {
    metadata: opt(1, ObjectMeta),
    spec: req(2, SelfSubjectAccessReviewSpec),
    status: opt(3, SubjectAccessReviewStatus),
  },
  { kind: true },
)
export type SelfSubjectAccessReview = ObjectOf<Static<typeof SelfSubjectAccessReview>>

export const SelfSubjectRulesReviewSpec = message('authorization.v1.SelfSubjectRulesReviewSpec', {
  namespace: opt(1, string),
})
export type SelfSubjectRulesReviewSpec = Static<typeof SelfSubjectRulesReviewSpec>

export const NonResourceRule = message('authorization.v1.NonResourceRule', {
  nonResourceURLs: opt(2, list(string, { list: 'atomic' })),
  verbs: req(1, list(string, { list: 'atomic' })),
})
export type NonResourceRule = Static<typeof NonResourceRule>

export const ResourceRule = message('authorization.v1.ResourceRule', {
  apiGroups: opt(2, list(string, { list: 'atomic' })),
  resourceNames: opt(4, list(string, { list: 'atomic' })),
  resources: opt(3, list(string, { list: 'atomic' })),
  verbs: req(1, list(string, { list: 'atomic' })),
})
export type ResourceRule = Static<typeof ResourceRule>

export const SubjectRulesReviewStatus = message('authorization.v1.SubjectRulesReviewStatus', {
  evaluationError: opt(4, string),
  incomplete: req(3, boolean),
  nonResourceRules: req(2, list(NonResourceRule, { list: 'atomic' })),
  resourceRules: req(1, list(ResourceRule, { list: 'atomic' })),
})
export type SubjectRulesReviewStatus = Static<typeof SubjectRulesReviewStatus>

export const SelfSubjectRulesReview = message(
  'authorization.v1.SelfSubjectRulesReview',
  {
    metadata: opt(1, ObjectMeta),
    spec: req(2, SelfSubjectRulesReviewSpec),
    status: opt(3, SubjectRulesReviewStatus),
  },
  { kind: true },
)
export type SelfSubjectRulesReview = ObjectOf<Static<typeof SelfSubjectRulesReview>>

export const SubjectAccessReview = message(
  'authorization.v1.SubjectAccessReview',
  {
    metadata: opt(1, ObjectMeta),
    spec: req(2, SubjectAccessReviewSpec),
    status: opt(3, SubjectAccessReviewStatus),
  },
  { kind: true },
)
export type SubjectAccessReview = ObjectOf<Static<typeof SubjectAccessReview>>
