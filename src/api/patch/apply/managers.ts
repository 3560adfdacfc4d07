import type { ManagedFieldsEntry } from '../../types/meta.ts'
import { type FieldSet, isEmpty, isFieldSet, union } from './fields.ts'

/** What one manager owns, in the form of a `managedFields` entry. */
export interface Owned {
  readonly manager: string
  readonly operation: 'Apply' | 'Update'
  readonly apiVersion: string
  readonly subresource: string
  readonly time: string | undefined
  readonly fields: FieldSet
  /** The entry as it stands in the object, while nothing of it has changed. */
  readonly entry?: ManagedFieldsEntry
}

/** By identity; see `identityOf`. */
export type Managers = Map<string, Owned>

/** Two writes of one identity go into one entry. What applies keeps its entry over a change of version. */
export const identityOf = (of: Pick<Owned, 'manager' | 'operation' | 'apiVersion' | 'subresource'>): string =>
  `${of.operation}\n${of.manager}\n${of.operation === 'Apply' ? '' : of.apiVersion}\n${of.subresource}`

/** Undefined if an entry is none that managers could have written. `trusted` entries are only taken apart. */
export function readManagers(entries: readonly ManagedFieldsEntry[] | undefined, trusted: boolean): Managers | undefined {
  const managers: Managers = new Map()
  for (const entry of entries ?? []) {
    const { operation, apiVersion = '', fieldsType, fieldsV1 = {}, time } = entry
    if (operation !== 'Apply' && operation !== 'Update') return undefined
    if (!trusted && (apiVersion === '' || fieldsType !== 'FieldsV1' || !isFieldSet(fieldsV1))) return undefined
    const owned: Owned = {
      manager: entry.manager ?? '',
      operation,
      apiVersion,
      subresource: entry.subresource ?? '',
      time,
      fields: fieldsV1 as FieldSet,
      entry,
    }
    managers.set(identityOf(owned), owned)
  }
  return managers
}

/** The entries in upstream's order: appliers first, then by time, manager, version, subresource. */
export function writeManagers(managers: Managers): readonly ManagedFieldsEntry[] {
  return [...managers.values()]
    .filter(owned => !isEmpty(owned.fields))
    .sort(
      (a, b) =>
        order(a.operation, b.operation) ||
        order(a.time ?? '', b.time ?? '') ||
        order(a.manager, b.manager) ||
        order(a.apiVersion, b.apiVersion) ||
        order(a.subresource, b.subresource),
    )
    .map(
      owned =>
        owned.entry ?? {
          manager: owned.manager,
          operation: owned.operation,
          apiVersion: owned.apiVersion,
          ...(owned.time !== undefined && { time: owned.time }),
          fieldsType: 'FieldsV1',
          fieldsV1: owned.fields,
          ...(owned.subresource && { subresource: owned.subresource }),
        },
    )
}

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** The same owner with other fields. */
export function withFields(owned: Owned, fields: FieldSet): Owned {
  if (fields === owned.fields) return owned
  const { manager, operation, apiVersion, subresource, time } = owned
  return { manager, operation, apiVersion, subresource, time, fields }
}

const MAX_UPDATERS = 10
const ANCIENT = 'ancient-changes'

/** Keeps at most ten entries of updates: the oldest of a version flow together into one called `ancient-changes`. */
export function capUpdaters(managers: Managers): void {
  if (managers.size <= MAX_UPDATERS) return
  const updaters = [...managers].filter(([, owned]) => owned.operation === 'Update')
  let left = updaters.length
  if (left <= MAX_UPDATERS) return
  updaters.sort(([, a], [, b]) => order(a.time ?? '', b.time ?? '') || order(a.manager, b.manager))
  const firstOf = new Map<string, string>()
  for (const [identity, owned] of updaters) {
    if (left <= MAX_UPDATERS) return
    const first = firstOf.get(owned.apiVersion)
    if (first === undefined) {
      firstOf.set(owned.apiVersion, identity)
      continue
    }
    const bucket = { manager: ANCIENT, operation: 'Update' as const, apiVersion: owned.apiVersion, subresource: '' }
    const into = identityOf(bucket)
    if (identity === into) continue
    const gathered = managers.get(into) ?? managers.get(first)
    managers.delete(first)
    managers.delete(identity)
    managers.set(into, { ...bucket, time: owned.time, fields: union(gathered?.fields ?? {}, owned.fields) })
    left--
  }
}
