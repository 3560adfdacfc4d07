import type { ObjectOf } from '../../meta/object.ts'
import { list, map, message, opt, quantity, req, type Static, string } from '../../schema/build.ts'
import { ObjectMeta } from '../meta.ts'

export const LimitRangeItem = message(
  'core.v1.LimitRangeItem',
  {
    default: opt(4, map(quantity), 'Limits for containers that give none.'),
    defaultRequest: opt(5, map(quantity), 'Requests for containers that give none.'),
    max: opt(2, map(quantity), 'The most that may be asked for.'),
    maxLimitRequestRatio: opt(6, map(quantity), 'The most that a limit may exceed its request.'),
    min: opt(3, map(quantity), 'The least that must be asked for.'),
    type: req(1, string, 'Container, Pod or PersistentVolumeClaim.'),
  },
  { doc: 'Bounds for one kind of thing.' },
)
export type LimitRangeItem = Static<typeof LimitRangeItem>

export const LimitRangeSpec = message(
  'core.v1.LimitRangeSpec',
  {
    limits: req(1, list(LimitRangeItem, { list: 'atomic' }), 'One entry for each kind of thing.'),
  },
  { doc: 'The bounds.' },
)
export type LimitRangeSpec = Static<typeof LimitRangeSpec>

export const LimitRange = message(
  'core.v1.LimitRange',
  {
    metadata: opt(1, ObjectMeta, 'Standard metadata of the object.'),
    spec: opt(2, LimitRangeSpec, 'The bounds.'),
  },
  { kind: true, doc: 'Bounds and defaults for what pods of a namespace ask for.' },
)
export type LimitRange = ObjectOf<Static<typeof LimitRange>>

export const ScopedResourceSelectorRequirement = message(
  'core.v1.ScopedResourceSelectorRequirement',
  {
    operator: req(2, string, 'In, NotIn, Exists or DoesNotExist.'),
    scopeName: req(1, string, 'Name of the scope.'),
    values: opt(3, list(string, { list: 'atomic' }), 'Values for In and NotIn.'),
  },
  { doc: 'One term.' },
)
export type ScopedResourceSelectorRequirement = Static<typeof ScopedResourceSelectorRequirement>

export const ScopeSelector = message(
  'core.v1.ScopeSelector',
  {
    matchExpressions: opt(1, list(ScopedResourceSelectorRequirement, { list: 'atomic' }), 'Terms, all of which must hold.'),
  },
  { map: 'atomic', doc: 'Which objects count.' },
)
export type ScopeSelector = Static<typeof ScopeSelector>

export const ResourceQuotaSpec = message(
  'core.v1.ResourceQuotaSpec',
  {
    hard: opt(1, map(quantity), 'The most of each resource.'),
    scopeSelector: opt(3, ScopeSelector, 'Which objects count, by operators.'),
    scopes: opt(2, list(string, { list: 'atomic' }), 'Which objects count.'),
  },
  { doc: 'What may be used.' },
)
export type ResourceQuotaSpec = Static<typeof ResourceQuotaSpec>

export const ResourceQuotaStatus = message(
  'core.v1.ResourceQuotaStatus',
  {
    hard: opt(1, map(quantity), 'The most of each resource.'),
    used: opt(2, map(quantity), 'What is used of each resource.'),
  },
  { doc: 'What is used.' },
)
export type ResourceQuotaStatus = Static<typeof ResourceQuotaStatus>

export const ResourceQuota = message(
  'core.v1.ResourceQuota',
  {
    metadata: opt(1, ObjectMeta, 'Standard metadata of the object.'),
    spec: opt(2, ResourceQuotaSpec, 'What may be used.'),
    status: opt(3, ResourceQuotaStatus, 'What is used.'),
  },
  { kind: true, doc: 'The most that a namespace may use in all.' },
)
export type ResourceQuota = ObjectOf<Static<typeof ResourceQuota>>
