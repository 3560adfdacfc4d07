import type { Kind } from '../../api/kinds/kind.ts'
import type { KubeObject } from '../../api/meta/object.ts'
import type { Status } from '../../api/types/meta.ts'
import type { Selection } from '../cache/types.ts'
import type { LongMember } from './long-member.ts'
import type { Caller } from './request.ts'

/** A create that stores no object of its own: a review that is answered at once, or a POST to a subresource. */
export interface Posted {
  readonly caller: Caller
  readonly namespace: string | undefined
  /** Of the object whose subresource it is; of the body where it has one otherwise. */
  readonly name: string
  /** Decoded by the kind's schema and filled; owned by the handler. */
  readonly body: Readonly<Record<string, unknown>>
  readonly dryRun: boolean
  readonly fieldManager: string
  readonly signal: AbortSignal | undefined
  readonly warn: (text: string) => void
}

/** Answers a create; throws a `StatusError` to refuse. What it returns is frozen by the registry and sent with 201. */
export type PostHandler = (posted: Posted) => Promise<KubeObject | Status> | KubeObject | Status

/** A kind that is never stored (TokenReview, SubjectAccessReview, …): only `create`, answered by code. */
export interface VirtualKind {
  /** Its `verbs` are `['create']`. */
  readonly kind: Kind
  readonly create: PostHandler
}

/** POST to a subresource: the message of its body at each version that is taken. */
export interface PostSubresource {
  /** `pods/eviction`. */
  readonly on: string
  /** Group of the resource. */
  readonly group: string
  /** What bodies may be; the first one when the body does not say. */
  readonly bodies: readonly Pick<Kind, 'group' | 'version' | 'kind' | 'schema'>[]
  readonly create: PostHandler
}

/** What a GET of a subresource that is answered by code asks for. */
export interface Asked {
  readonly caller: Caller
  readonly namespace: string | undefined
  readonly name: string
  readonly parameters: URLSearchParams
  readonly signal: AbortSignal | undefined
}

export interface GetAnswer {
  readonly body: KubeObject
  readonly long?: LongMember
}

/** GET on a subresource, answered by code: nothing of it is stored. */
export interface GetSubresource {
  readonly group: string
  /** `daemonsets/placement`. */
  readonly on: string
  /** Throws a `StatusError` to refuse. The body it returns is frozen by the registry; a long member is sent like the items of a list, a slice at a turn. */
  readonly get: (asked: Asked) => Promise<GetAnswer> | GetAnswer
}

/** A kind that is never stored and can only be read: get and list, answered by code. */
export interface ReadKind {
  /** Its `verbs` are `get` and `list`; its names and labels are those of what it tells about. */
  readonly kind: Kind
  /** What the selection finds, in order of key; frozen by the registry. A get is a list by name. */
  readonly list: (selection: Selection<KubeObject>) => Promise<readonly KubeObject[]>
}
