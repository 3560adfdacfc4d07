import { apiVersionOf } from '../../api/kinds/kind.ts'
import type { KubeObject } from '../../api/meta/object.ts'
import { timeOf } from '../../api/meta/time.ts'
import type { Lease } from '../../api/types/coordination.ts'
import type { ManagedFieldsEntry, ObjectMeta } from '../../api/types/meta.ts'
import { equal } from '../../base/equal.ts'
import { isCurrent, isLease } from './current.ts'
import type { Working } from './metadata.ts'
import type { Body } from './request.ts'
import type { Update } from './update.ts'
import type { World } from './world.ts'

const CANONICAL = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/
/** Members of the metadata that a PUT need not say. */
const UNSAID: ReadonlySet<string> = new Set(['name', 'namespace', 'uid', 'creationTimestamp', 'managedFields'])
/** Those that a Lease of a node or an election has. Others may be worth a warning, or end the object. */
const USUAL: ReadonlySet<string> = new Set([...UNSAID, 'resourceVersion', 'ownerReferences'])

/**
 * The next state of a Lease, if the body of a PUT is the stored one with another `renewTime` and nothing else: what its holder
 * writes every few seconds for as long as it lives. Reading, judging and recording it whole would give the very same (a test
 * compares them). Undefined for everything else, and for whatever is not certain at a glance.
 */
export function renewedLease(
  world: Pick<World, 'clock' | 'store'>,
  { served, part, manager }: Update,
  { problems, value }: Body,
  old: KubeObject,
): Working | undefined {
  if (!isLease(served.kind) || served.version !== undefined || part !== 'main') return undefined
  if ((problems && problems.length > 0) || typeof value !== 'object' || value === null) return undefined
  const { apiVersion = old.apiVersion, kind = old.kind, metadata, spec, ...rest } = value as Partial<Lease>
  if (apiVersion !== old.apiVersion || kind !== old.kind || Object.keys(rest).length > 0) return undefined
  const stored = (old as Lease).spec
  const time = spec?.renewTime
  if (typeof time !== 'string' || !CANONICAL.test(time) || Number.isNaN(Date.parse(time)) || stored.renewTime === undefined) return undefined
  if (!equal({ ...spec, renewTime: stored.renewTime }, stored)) return undefined
  if (!isCurrent(world, served.kind, old, metadata?.resourceVersion) || !isSameMetadata(metadata, old.metadata)) return undefined
  const [record, ...others] = old.metadata.managedFields ?? []
  if (record === undefined || others.length > 0 || !isOwn(record, manager, apiVersionOf(served.kind))) return undefined
  const managedFields = [{ ...record, time: timeOf(world.clock.now()) }]
  return { ...old, metadata: { ...old.metadata, managedFields }, spec: { ...stored, renewTime: time } } as unknown as Working
}

function isSameMetadata(given: ObjectMeta | undefined, stored: KubeObject['metadata']): boolean {
  if (typeof given !== 'object' || given === null) return false
  for (const key of new Set([...Object.keys(given), ...Object.keys(stored)]) as Set<keyof ObjectMeta>) {
    if (key === 'resourceVersion' || (given[key] === undefined && UNSAID.has(key))) continue
    if (!USUAL.has(key) || !equal(given[key], stored[key])) return false
  }
  return true
}

function isOwn({ manager, operation, apiVersion, subresource, fieldsV1 }: ManagedFieldsEntry, writer: string, version: string): boolean {
  if (manager !== writer || operation !== 'Update' || apiVersion !== version || subresource) return false
  return (fieldsV1 as { readonly 'f:spec'?: { readonly 'f:renewTime'?: object } } | undefined)?.['f:spec']?.['f:renewTime'] !== undefined
}
