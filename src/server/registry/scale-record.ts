import type { ManagedFieldsEntry } from '../../api/types/meta.ts'

type Entries = readonly ManagedFieldsEntry[]
type Fields = Readonly<Record<string, unknown>>

const REPLICAS = { 'f:spec': { 'f:replicas': {} } }
const specOf = (entry: ManagedFieldsEntry): Fields => ((entry.fieldsV1 as Fields | undefined)?.['f:spec'] ?? {}) as Fields
const ownsReplicas = (entry: ManagedFieldsEntry): boolean => 'f:replicas' in specOf(entry)
const identityOf = ({ manager, operation, subresource }: ManagedFieldsEntry): string => JSON.stringify([manager, operation, subresource])

/** Who owns the replicas of an object, as the record of its Scale. */
export const scaleRecord = (entries: Entries = []): Entries =>
  entries.filter(ownsReplicas).map(entry => ({ ...entry, apiVersion: 'autoscaling/v1', fieldsV1: REPLICAS }))

/** The record of an object after an apply of its Scale left that one's record as `scaled`. */
export function recordAfterScale(entries: Entries = [], scaled: Entries = [], apiVersion: string): Entries {
  const owners = new Map(scaled.filter(ownsReplicas).map(entry => [identityOf(entry), entry]))
  const kept: ManagedFieldsEntry[] = []
  for (const entry of entries) {
    if (!ownsReplicas(entry) || owners.delete(identityOf(entry))) kept.push(entry)
    else kept.push(...withoutReplicas(entry))
  }
  for (const owner of owners.values()) kept.push({ ...owner, apiVersion })
  return kept
}

/** The entry without the replicas; none if it owned nothing else. */
function withoutReplicas(entry: ManagedFieldsEntry): Entries {
  const { 'f:spec': _, ...fields } = (entry.fieldsV1 ?? {}) as Fields
  const { 'f:replicas': __, ...spec } = specOf(entry)
  const left = Object.keys(spec).some(key => key !== '.') ? { ...fields, 'f:spec': spec } : fields
  return Object.keys(left).length === 0 ? [] : [{ ...entry, fieldsV1: left }]
}
