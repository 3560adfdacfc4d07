import { LimitRange, ResourceQuota } from '../../types/core/quota.ts'
import { AGE, CREATED_AT, NAME, text } from '../columns.ts'
import type { Kind } from '../kind.ts'
import { keepStatus, withoutStatus } from '../status.ts'
import { defaultLimitRange, validateLimitRange, validateResourceQuota } from './quota-rules.ts'

const used = ({ status }: ResourceQuota, limits: boolean): string =>
  Object.keys(status.hard ?? {})
    .filter(name => name.startsWith('limits') === limits)
    .sort()
    .map(name => `${name}: ${status.used?.[name] ?? '0'}/${status.hard?.[name]}`)
    .join(', ')

export const LimitRanges: Kind<LimitRange> = {
  group: '',
  version: 'v1',
  kind: 'LimitRange',
  resource: 'limitranges',
  singular: 'limitrange',
  shortNames: ['limits'],
  namespaced: true,
  schema: LimitRange,
  createOnUpdate: true,
  notEnforced: true,
  defaults: defaultLimitRange,
  validate: validateLimitRange,
  columns: [NAME, CREATED_AT],
}

export const ResourceQuotas: Kind<ResourceQuota> = {
  group: '',
  version: 'v1',
  kind: 'ResourceQuota',
  resource: 'resourcequotas',
  singular: 'resourcequota',
  shortNames: ['quota'],
  namespaced: true,
  schema: ResourceQuota,
  subresources: { status: true },
  notEnforced: true,
  prepareForCreate: withoutStatus,
  prepareForUpdate: keepStatus,
  validate: validateResourceQuota,
  columns: [
    NAME,
    text('Request', 'Requests: used and allowed.', quota => used(quota, false)),
    text('Limit', 'Limits: used and allowed.', quota => used(quota, true)),
    AGE,
  ],
}
