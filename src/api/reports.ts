import type { DeleteOptions, PatchType, Target, WriteOptions } from './access.ts'
import type { KubeObject, Meta, NewObject } from './meta/object.ts'

/** What comes back of a write when nobody asks for the object: which one it is, and its revision. */
export interface Written {
  readonly metadata: Pick<Meta, 'name' | 'uid' | 'resourceVersion'>
}

/**
 * Writes of which only that is wanted; an `Api` is one. Others may send what many parts of a program write at one time together.
 * Errors are `StatusError`, as those of an `Api`.
 */
export interface Reports {
  create<T extends KubeObject>(target: Target<T>, object: NewObject<T>, options?: Signalled): Promise<Written>
  update<T extends KubeObject>(target: Target<T>, object: NoInfer<T>, options?: Signalled): Promise<Written>
  patch<T extends KubeObject>(target: Target<T>, patch: { readonly type: PatchType; readonly body: unknown }, options?: Signalled): Promise<Written>
  /** Resolves when it is deleted, or waits for its grace or its finalizers. */
  delete<T extends KubeObject>(target: Target<T>, options?: Omit<DeleteOptions, 'dryRun'>): Promise<unknown>
  /** Resolves when a write can be sent, however long the server is away; rejects when the signal aborts. Absent where it always can. */
  reached?(signal: AbortSignal): Promise<void>
}
type Signalled = Pick<WriteOptions, 'signal'>
