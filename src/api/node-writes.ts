import type { PatchType } from './access.ts'
import type { Written } from './reports.ts'
import type { Status } from './types/meta.ts'

/**
 * What an agent writes over its link: one batch a line of JSON, answered by one line of JSON that says what became of each of its
 * writes, in their order. Each is a request of its own: who asks, what they may, admission and audit are as for any other.
 */
export interface WriteBatch {
  /** Chosen by the agent; comes back in the answer. */
  readonly id: number
  readonly writes: readonly NodeWrite[]
}

export interface NodeWrite {
  readonly verb: 'create' | 'update' | 'patch' | 'delete'
  readonly group: string
  readonly version: string
  readonly resource: string
  readonly namespace?: string | undefined
  readonly name?: string | undefined
  readonly subresource?: string | undefined
  /** Of a patch. */
  readonly type?: PatchType | undefined
  /** The object, the patch, or DeleteOptions. */
  readonly body: unknown
}

export interface BatchAnswer {
  readonly id: number
  readonly answers: readonly WriteAnswer[]
}
export type WriteAnswer = Written | { readonly status: Status }

/** A header of the server's answer to whoever opens a link: it takes batches. */
export const TAKES_WRITES = 'everynode-takes-writes'
/** How a line begins that is a batch or the answer to one; no other line of a link begins so. */
export const BATCH_BEGINS = '{'
/** Writes in one batch, and batches of one link whose answer is not there yet. */
export const BATCH_WRITES = 64
export const BATCHES_OPEN = 4
/** Bytes of one line. */
export const BATCH_BYTES = 1024 * 1024
