import type { ObjectMeta, OwnerReference } from '../../api/types/meta.ts'

/** Finalizers that ask for a way of deletion; the garbage collector takes them off when it is done. */
export const FOREGROUND = 'foregroundDeletion'
export const ORPHAN = 'orphan'

export type Propagation = 'Background' | 'Foreground' | 'Orphan'

/**
 * What is known of one owner: `present`; `waiting` for its dependents to go first; `absent`, for certain; or `unknown`, when its
 * kind is not served or it cannot be asked for, which keeps the dependent.
 */
export type OwnerState = 'present' | 'waiting' | 'absent' | 'unknown'
export interface OwnerFact {
  readonly reference: OwnerReference
  readonly state: OwnerState
}

export type GarbageVerdict =
  | { readonly do: 'keep' }
  /** It lives on; these references are of no use any more. */
  | { readonly do: 'drop-owners'; readonly uids: readonly string[] }
  | { readonly do: 'delete'; readonly propagation: Propagation }

const KEEP: GarbageVerdict = Object.freeze({ do: 'keep' })
const has = (meta: ObjectMeta, finalizer: string): boolean => meta.finalizers?.includes(finalizer) ?? false

/** Whether an object waits, in foreground deletion, for its dependents to go. */
export const waitsForDependents = (meta: ObjectMeta): boolean => meta.deletionTimestamp !== undefined && has(meta, FOREGROUND)
export const isOrphaning = (meta: ObjectMeta): boolean => meta.deletionTimestamp !== undefined && has(meta, ORPHAN)

/** What becomes of an object that is not being deleted, given all its owners. Deleted only when none of them holds it. */
export function judgeDependent(meta: ObjectMeta, owners: readonly OwnerFact[], hasDependents: boolean): GarbageVerdict {
  if (meta.deletionTimestamp || owners.length === 0) return KEEP
  const held = owners.some(({ state }) => state === 'present' || state === 'unknown')
  const useless = owners.filter(({ state }) => state === 'absent' || state === 'waiting').map(({ reference }) => reference.uid)
  if (held) return useless.length > 0 ? { do: 'drop-owners', uids: useless } : KEEP
  if (hasDependents && owners.some(({ state }) => state === 'waiting')) return { do: 'delete', propagation: 'Foreground' }
  return { do: 'delete', propagation: has(meta, ORPHAN) ? 'Orphan' : has(meta, FOREGROUND) ? 'Foreground' : 'Background' }
}

/** Whether a dependent keeps its owner's foreground deletion from ending. */
export const blocks = (references: readonly OwnerReference[], ownerUid: string): boolean =>
  references.some(({ uid, blockOwnerDeletion }) => uid === ownerUid && blockOwnerDeletion === true)
