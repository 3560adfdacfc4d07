import type { BackedUpFile } from './sqlite-restore.ts'
import type { Entry, Write } from './store.ts'

/**
 * What passes between a `SqliteStore` and its worker. A batch of writes is one message with one transferred buffer of
 * values, and so is its answer: a message per write would cost twice the whole.
 */
export type Request = { readonly id: number } & (
  | { readonly type: 'write'; readonly batch: PackedWrites }
  | { readonly type: 'page'; readonly prefix: string; readonly after: string; readonly limit: number }
  | { readonly type: 'get'; readonly key: string }
  | { readonly type: 'quota'; readonly bytes: number | undefined }
  | { readonly type: 'backup'; readonly file: string; readonly files: readonly BackedUpFile[] }
  | { readonly type: 'vacuum' }
  | { readonly type: 'close' }
)

export type Answer =
  | { readonly id: number; readonly type: 'written'; readonly results: PackedResults }
  | { readonly id: number; readonly type: 'entries'; readonly revision: number; readonly more: boolean; readonly entries: PackedEntries }
  | { readonly id: number; readonly type: 'done'; readonly revision: number }
  | { readonly id: number; readonly type: 'failed'; readonly doing: 'read' | 'write' | 'back up'; readonly message: string }

/** The first thing that a worker says. */
export type Opened =
  | { readonly type: 'opened'; readonly revision: number; readonly unclean: boolean; readonly migratedFrom: number | undefined }
  | { readonly type: 'unusable'; readonly message: string }

export interface PackedWrites {
  readonly keys: readonly string[]
  /** For each: the revision asked for (-1: none), length of the value (-1: delete), 1 if lazy. */
  readonly numbers: Float64Array
  readonly values: ArrayBuffer
}

const WRITE = 3

export function packWrites(writes: readonly Write[]): PackedWrites {
  const numbers = new Float64Array(writes.length * WRITE)
  let total = 0
  for (const { value } of writes) total += value?.length ?? 0
  const values = new Uint8Array(total)
  let offset = 0
  writes.forEach(({ value, ifRevision, lazy }, index) => {
    numbers[index * WRITE] = ifRevision ?? -1
    numbers[index * WRITE + 1] = value ? value.length : -1
    numbers[index * WRITE + 2] = lazy ? 1 : 0
    if (!value) return
    values.set(value, offset)
    offset += value.length
  })
  return { keys: writes.map(({ key }) => key), numbers, values: values.buffer }
}

export function unpackWrites({ keys, numbers, values }: PackedWrites): Write[] {
  let offset = 0
  return keys.map((key, index) => {
    const ifRevision = numbers[index * WRITE]!
    const length = numbers[index * WRITE + 1]!
    const value = length < 0 ? undefined : new Uint8Array(values, offset, length)
    offset += Math.max(0, length)
    return { key, value, ...(ifRevision >= 0 && { ifRevision }), ...(numbers[index * WRITE + 2] === 1 && { lazy: true }) }
  })
}

/** What became of one write: written over `previous`, or refused because of `conflict`, or refused by the medium. */
export type Decided =
  | { readonly revision: number; readonly created: number; readonly version: number; readonly previous: Entry | undefined }
  | { readonly conflict: Entry | undefined }
  | { readonly failed: string }

export interface PackedResults {
  /** For each: revision (0: conflict, -1: refused by the medium), created, version; then modified, created, version and length (-1: none) of the entry that was there. */
  readonly numbers: Float64Array
  readonly values: ArrayBuffer
  readonly failure: string
}

const RESULT = 7

export function packResults(decided: readonly Decided[]): PackedResults {
  const numbers = new Float64Array(decided.length * RESULT)
  const entries: (Entry | undefined)[] = []
  let failure = ''
  decided.forEach((result, index) => {
    const at = index * RESULT
    let entry: Entry | undefined
    if ('failed' in result) {
      numbers[at] = -1
      failure = result.failed
    } else if ('conflict' in result) entry = result.conflict
    else {
      numbers[at] = result.revision
      numbers[at + 1] = result.created
      numbers[at + 2] = result.version
      entry = result.previous
    }
    numbers[at + 3] = entry?.modified ?? 0
    numbers[at + 4] = entry?.created ?? 0
    numbers[at + 5] = entry?.version ?? 0
    numbers[at + 6] = entry ? entry.value.length : -1
    entries.push(entry)
  })
  return { numbers, values: concatenate(entries), failure }
}

export function unpackResults({ numbers, values, failure }: PackedResults, keys: readonly string[]): Decided[] {
  let offset = 0
  return keys.map((key, index) => {
    const at = index * RESULT
    const length = numbers[at + 6]!
    const entry =
      length < 0
        ? undefined
        : { key, value: new Uint8Array(values, offset, length), modified: numbers[at + 3]!, created: numbers[at + 4]!, version: numbers[at + 5]! }
    offset += Math.max(0, length)
    const revision = numbers[at]!
    if (revision < 0) return { failed: failure }
    if (revision === 0) return { conflict: entry }
    return { revision, created: numbers[at + 1]!, version: numbers[at + 2]!, previous: entry }
  })
}

export interface PackedEntries {
  readonly keys: readonly string[]
  /** For each: created, modified, version, length. */
  readonly numbers: Float64Array
  readonly values: ArrayBuffer
}

const ENTRY = 4

export function packEntries(entries: readonly Entry[]): PackedEntries {
  const numbers = new Float64Array(entries.length * ENTRY)
  entries.forEach(({ created, modified, version, value }, index) => {
    numbers.set([created, modified, version, value.length], index * ENTRY)
  })
  return { keys: entries.map(({ key }) => key), numbers, values: concatenate(entries) }
}

export function unpackEntries({ keys, numbers, values }: PackedEntries): Entry[] {
  let offset = 0
  return keys.map((key, index) => {
    const [created, modified, version, length] = numbers.subarray(index * ENTRY, (index + 1) * ENTRY) as unknown as [number, number, number, number]
    const value = new Uint8Array(values, offset, length)
    offset += length
    return { key, value, created, modified, version }
  })
}

function concatenate(entries: readonly (Entry | undefined)[]): ArrayBuffer {
  let total = 0
  for (const entry of entries) total += entry?.value.length ?? 0
  const values = new Uint8Array(total)
  let offset = 0
  for (const entry of entries) {
    if (!entry) continue
    values.set(entry.value, offset)
    offset += entry.value.length
  }
  return values.buffer
}
