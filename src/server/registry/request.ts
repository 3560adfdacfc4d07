import type { List } from '../../api/access.ts'
import type { Kind, KindRef, ServedVersion } from '../../api/kinds/kind.ts'
import type { KubeObject } from '../../api/meta/object.ts'
import type { User } from '../../api/meta/user.ts'
import type { Status } from '../../api/types/meta.ts'
import type { Watch } from '../cache/types.ts'
import type { LongMember } from './long-member.ts'

/**
 * What HTTP and the in-process `Api` both hand to the registry: one request, its path taken apart and its body decoded to
 * a JSON value, nothing judged yet. The registry judges: options, permissions, fields; every refusal is a `StatusError`.
 */
export type Request = ReadRequest | ListRequest | WriteRequest | PatchRequest | DeleteRequest | DeleteCollectionRequest

/** A kind at one of the versions it is served at. */
export interface Served {
  /** What is stored. */
  readonly kind: Kind
  /** What the client speaks: the kind itself or one of its `alsoServed`. */
  readonly at: KindRef
  /** Present when `at` is not the stored version. */
  readonly version?: ServedVersion<KubeObject> | undefined
}

/** Who asks, and how they introduced themselves. */
export interface Caller {
  readonly user: User
  /** The field manager when none is named is what stands before the first `/`. */
  readonly userAgent?: string | undefined
  /** For audit. */
  readonly address?: string | undefined
  readonly uri?: string | undefined
  /** Names the request in the audit log. */
  readonly auditId?: string | undefined
}

interface Addressed {
  readonly caller: Caller
  readonly served: Served
  /** Absent for cluster-scoped kinds, and for a list over all namespaces. */
  readonly namespace?: string | undefined
  readonly signal?: AbortSignal | undefined
  /** Takes each warning once; HTTP sends it as `Warning: 299`. */
  readonly warn?: ((text: string) => void) | undefined
}

export interface ReadRequest extends Addressed {
  readonly verb: 'get'
  readonly name: string
  readonly subresource?: string | undefined
  readonly resourceVersion?: string | undefined
  /** The whole query, for subresources that are answered by code. */
  readonly parameters?: URLSearchParams | undefined
}

export interface ListRequest extends Addressed {
  readonly verb: 'list'
  readonly query: ListQuery
}

export interface WatchRequest extends Addressed {
  readonly verb: 'watch'
  readonly query: WatchQuery
  /** Ends the watch; the iterator then returns without an error. Whoever gives none calls `return`. */
  readonly signal?: AbortSignal | undefined
}

export interface WriteRequest extends Addressed {
  readonly verb: 'create' | 'update'
  /** Absent only for a create on the collection. */
  readonly name?: string | undefined
  readonly subresource?: string | undefined
  readonly body: Body
  readonly query: WriteQuery
}

export interface PatchRequest extends Addressed {
  readonly verb: 'patch'
  readonly name: string
  readonly subresource?: string | undefined
  readonly type: 'json' | 'merge' | 'strategic' | 'apply'
  readonly body: Body
  readonly query: WriteQuery
}

export interface DeleteRequest extends Addressed {
  readonly verb: 'delete'
  readonly name: string
  /** A DeleteOptions of any group, from the body if it was not empty, else from the query. */
  readonly options?: unknown
  readonly query: WriteQuery
}

export interface DeleteCollectionRequest extends Addressed {
  readonly verb: 'deletecollection'
  readonly options?: unknown
  readonly query: ListQuery & WriteQuery
}

/** A body as a JSON value: from JSON, YAML or protobuf. */
export interface Body {
  readonly value: unknown
  /** It came out of a JSON, YAML or protobuf reader: there is nothing in it but JSON. */
  readonly json?: true | undefined
  /** What reading found that `Strict` refuses and `Warn` warns of: `duplicate field "spec.x"`. */
  readonly problems?: readonly string[] | undefined
}

/** As they stand in the query, not yet judged. */
export interface WriteQuery {
  readonly dryRun?: readonly string[] | undefined
  readonly fieldManager?: string | undefined
  readonly fieldValidation?: string | undefined
  /** Apply only; absent when not in the query. */
  readonly force?: boolean | undefined
}

export interface ListQuery {
  readonly labelSelector?: string | undefined
  readonly fieldSelector?: string | undefined
  readonly limit?: number | undefined
  readonly continue?: string | undefined
  readonly resourceVersion?: string | undefined
  readonly resourceVersionMatch?: string | undefined
  /** On a list it is refused. */
  readonly sendInitialEvents?: boolean | undefined
}

export interface WatchQuery extends ListQuery {
  readonly allowWatchBookmarks?: boolean | undefined
  readonly timeoutSeconds?: number | undefined
}

/**
 * What a request is answered with, frozen. Objects of the kind itself are at the stored version, whatever was asked for:
 * `asServed` (served.ts) gives the version asked for, once per object.
 */
export interface Answer {
  readonly code: 200 | 201 | 202
  readonly body: KubeObject | Status | List<KubeObject>
  readonly long?: LongMember
}

/** The events of one tick together, at the stored version. The event of one change is one instance for all watchers. */
export type WatchStream = Watch

/** A request whose body has not been read. */
export interface Unread extends Addressed {
  readonly verb: Request['verb']
  readonly name?: string | undefined
  readonly subresource?: string | undefined
  readonly query?: { readonly fieldSelector?: string | undefined } | undefined
}

/** The way in. */
export interface RequestHandler {
  /** Which kind is served at a path; undefined: none. `resource` is the plural. */
  served(group: string, version: string, resource: string): Served | undefined
  /** Throws what a request is refused with whatever its body says: nobody's body is read who may not send it. */
  permit(unread: Unread): Promise<void>
  handle(request: Request): Promise<Answer>
  /** Throws at once (before the first event) what refuses the watch; later errors (Expired) come from the iterator. */
  watch(request: WatchRequest): Promise<WatchStream>
}
