import type { KindRef } from './kinds/kind.ts'
import type { Json, KubeObject, NewObject } from './meta/object.ts'
import type { ObjectReference } from './types/core/reference.ts'
import type { Status } from './types/meta.ts'

/** What a request is about. `name` and `subresource` where the verb wants them. */
export interface Target<T extends KubeObject = KubeObject> {
  readonly kind: KindRef<T>
  readonly namespace?: string | undefined
  readonly name?: string | undefined
  readonly subresource?: string | undefined
}

export type PatchType = 'json' | 'merge' | 'strategic' | 'apply'

interface Signalled {
  readonly signal?: AbortSignal | undefined
}
export interface WriteOptions extends Signalled {
  readonly dryRun?: boolean
  readonly fieldManager?: string
  readonly fieldValidation?: 'Strict' | 'Warn' | 'Ignore'
}
export interface ListOptions extends Signalled {
  readonly labelSelector?: string
  readonly fieldSelector?: string
  readonly limit?: number
  readonly continue?: string
  /** '' latest; '0' any; N at least N. */
  readonly resourceVersion?: string
  readonly resourceVersionMatch?: 'Exact' | 'NotOlderThan'
}
export interface DeleteOptions extends Signalled {
  readonly dryRun?: boolean
  readonly gracePeriodSeconds?: number
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string }
  readonly propagation?: 'Background' | 'Foreground' | 'Orphan'
}
export interface WatchOptions {
  readonly labelSelector?: string
  readonly fieldSelector?: string
  readonly resourceVersion?: string
  readonly bookmarks?: boolean
  /** Stream the present state first, then a bookmark annotated `k8s.io/initial-events-end`. */
  readonly initialEvents?: boolean
  readonly timeoutSeconds?: number
  /** Ends the watch; the iterator then returns without an error. */
  readonly signal: AbortSignal
}

export interface List<T extends KubeObject> {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string; readonly remainingItemCount?: number }
  readonly items: readonly T[]
}

export type WatchEvent<T extends KubeObject = KubeObject> =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: T }
  | {
      readonly type: 'BOOKMARK'
      readonly object: { readonly metadata: { readonly resourceVersion: string; readonly annotations?: Readonly<Record<string, string>> } }
    }

export const INITIAL_EVENTS_END = 'k8s.io/initial-events-end'

/**
 * The one way in, over HTTP and in process. Errors are `StatusError` in both; what it returns is frozen.
 * A watch yields the events of one tick together; it throws `StatusError` (Expired, …) and ends at its timeout.
 */
export interface Api {
  get<T extends KubeObject>(target: Target<T>, options?: Signalled & { readonly resourceVersion?: string }): Promise<T>
  list<T extends KubeObject>(target: Target<T>, options?: ListOptions): Promise<List<T>>
  create<T extends KubeObject>(target: Target<T>, object: NewObject<T>, options?: WriteOptions): Promise<T>
  update<T extends KubeObject>(target: Target<T>, object: NoInfer<T>, options?: WriteOptions): Promise<T>
  patch<T extends KubeObject>(
    target: Target<T>,
    patch: { readonly type: PatchType; readonly body: unknown; readonly force?: boolean },
    options?: WriteOptions,
  ): Promise<T>
  /** The object as it is now if it stays a while (grace, finalizers), else a Status of success. */
  delete<T extends KubeObject>(target: Target<T>, options?: DeleteOptions): Promise<T | Status>
  deleteCollection<T extends KubeObject>(target: Target<T>, options?: DeleteOptions & ListOptions): Promise<List<T>>
  watch<T extends KubeObject>(target: Target<T>, options: WatchOptions): AsyncIterable<readonly WatchEvent<T>[]>
  /** POST to a subresource whose body is of another kind (`binding`, `eviction`, `token`), or to a virtual kind. */
  post(target: Target, body: Json | object, options?: WriteOptions): Promise<KubeObject | Status>
}

/** Reports what happened to an object; never throws, drops rather than blocks. */
export interface EventRecorder {
  event(about: ObjectReference | KubeObject, type: 'Normal' | 'Warning', reason: string, message: string, more?: EventDetails): void
}

export interface EventDetails {
  readonly annotations?: Readonly<Record<string, string>> | undefined
  /** Of the things that the object may have much to say about, the one that this is about: what is said of others does not drown it. */
  readonly part?: string
}
