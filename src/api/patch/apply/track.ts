import { equal } from '../../../base/equal.ts'
import { deepFreeze } from '../../../base/freeze.ts'
import type { Message } from '../../schema/build.ts'
import type { ManagedFieldsEntry } from '../../types/meta.ts'
import { type Changes, compare } from './compare.ts'
import { covers, difference, type FieldSet, intersection, isEmpty, union, without } from './fields.ts'
import { capUpdaters, identityOf, type Managers, readManagers, withFields, writeManagers } from './managers.ts'
import { fieldElement, placeOfMessage } from './place.ts'
import { sharedSet } from './shared-sets.ts'
import { emptyObject } from './skeleton.ts'

/** What a write is, for the record of who owns what. */
export interface Writer {
  readonly manager: string
  /** The version the client wrote at: `apps/v1`. */
  readonly apiVersion: string
  readonly subresource?: string | undefined
  /** Top-level fields that this write cannot set (`status` through the main resource). */
  readonly ignore?: readonly string[] | undefined
  /** RFC 3339 with seconds. */
  readonly now: string
}

export interface Tracked extends Writer {
  readonly message: Message
  /** The stored object; undefined on create. */
  readonly old: Readonly<Record<string, unknown>> | undefined
  /** What is to be stored: decoded, filled and defaulted. It may carry the `managedFields` that the client sent. */
  readonly object: Readonly<Record<string, unknown>>
}

/**
 * The `managedFields` that an object gets by any write but apply: what was added or changed belongs to the writer and is
 * taken from everybody else, what was removed belongs to nobody. Frozen; the very list of `old` when nothing changed.
 */
export function trackUpdate(write: Tracked): readonly ManagedFieldsEntry[] | undefined {
  const { message, old, object } = write
  const before = entriesOf(old)
  const sent = write.subresource ? undefined : entriesOf(object)
  if (isReset(sent)) return undefined
  const managers = managersFor(before, sent)
  // An object that lives without a record goes on without one until something is applied to it.
  if (old && managers.size === 0) return undefined
  const changes = settable(compare(placeOfMessage(message), old ?? emptyObject(message), object), write.ignore)
  const taken = tracked(changes.taken)
  if (isEmpty(changes.taken) && isEmpty(changes.removed)) return sameOr(before, managers)
  takeFromOthers(managers, changes, undefined)
  if (!isEmpty(taken)) {
    const self = { manager: write.manager, operation: 'Update' as const, apiVersion: write.apiVersion, subresource: write.subresource ?? '' }
    const identity = identityOf(self)
    const owned = managers.get(identity)?.fields
    managers.set(identity, {
      ...self,
      time: write.now,
      fields: owned && covers(owned, taken) ? owned : sharedSet(write.message, write.subresource, union(owned ?? {}, taken)),
    })
  }
  capUpdaters(managers)
  return sameOr(before, managers)
}

const entriesOf = (object: Readonly<Record<string, unknown>> | undefined): readonly ManagedFieldsEntry[] | undefined =>
  (object?.['metadata'] as { managedFields?: readonly ManagedFieldsEntry[] } | undefined)?.managedFields

/** A single empty entry asks for the record to be dropped. */
const isReset = (sent: readonly ManagedFieldsEntry[] | undefined): boolean => sent?.length === 1 && Object.keys(sent[0]!).length === 0

/** The record a client sent counts if it is one; clients that know nothing of it send none, and cannot delete it so. */
function managersFor(before: readonly ManagedFieldsEntry[] | undefined, sent: readonly ManagedFieldsEntry[] | undefined): Managers {
  if (sent && sent.length > 0 && sent !== before && !equal(sent, before)) {
    const managers = readManagers(sent, false)
    if (managers && managers.size > 0) return managers
  }
  return readManagers(before, true) ?? new Map()
}

function sameOr(before: readonly ManagedFieldsEntry[] | undefined, managers: Managers): readonly ManagedFieldsEntry[] | undefined {
  const entries = writeManagers(managers)
  if (entries.length === 0) return undefined
  return before && equal(before, entries) ? before : deepFreeze(entries)
}

const TYPE = ['f:apiVersion', 'f:kind']
const METADATA = [
  '.',
  'f:name',
  'f:namespace',
  'f:creationTimestamp',
  'f:selfLink',
  'f:uid',
  'f:clusterName',
  'f:generation',
  'f:managedFields',
  'f:resourceVersion',
]

/** The changes that a write can make at all. */
export function settable({ taken, removed }: Changes, ignore: readonly string[] = []): Changes {
  if (ignore.length === 0) return { taken, removed }
  const elements = ignore.map(fieldElement)
  return { taken: without(taken, elements), removed: without(removed, elements) }
}

/** What of a set is kept on record: not what the server sets by itself. */
export function tracked(set: FieldSet): FieldSet {
  const rest = without(set, TYPE)
  const metadata = rest['f:metadata']
  if (!metadata) return rest
  const kept = without(metadata, METADATA)
  if (kept === metadata && !isEmpty(kept)) return rest
  const { 'f:metadata': _, ...others } = rest
  return isEmpty(kept) ? others : { 'f:metadata': kept, ...others }
}

/** Takes changed and removed fields from every manager but `except`, and forgets those that own nothing more. */
export function takeFromOthers(managers: Managers, changes: Changes, except: string | undefined): void {
  for (const [identity, owned] of [...managers]) {
    if (identity === except) continue
    const conflicts = intersection(owned.fields, changes.taken)
    const left = difference(difference(owned.fields, conflicts), changes.removed)
    if (isEmpty(left)) managers.delete(identity)
    else managers.set(identity, withFields(owned, left))
  }
  if (except === undefined) return
  const own = managers.get(except)
  if (own && isEmpty(own.fields)) managers.delete(except)
}
