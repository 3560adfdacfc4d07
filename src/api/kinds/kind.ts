import type { FieldError } from '../meta/field-error.ts'
import type { Draft, KubeObject } from '../meta/object.ts'
import type { Message } from '../schema/build.ts'

/** Names a kind at the API, with the static type of its objects: all that a client needs to know. */
export interface KindRef<T extends KubeObject = KubeObject> {
  readonly group: string
  readonly version: string
  readonly kind: string
  /** The plural: `daemonsets`. */
  readonly resource: string
  readonly namespaced: boolean
  readonly of?: T
}

export const apiVersionOf = (kind: { readonly group: string; readonly version: string }): string =>
  kind.group ? `${kind.group}/${kind.version}` : kind.version

/** One column of the server-side table; priority 1 shows with `-o wide` only. */
export interface Column<T> {
  readonly name: string
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'date'
  readonly format?: 'name'
  readonly description: string
  readonly priority: 0 | 1
  /** `now` is milliseconds since 1970, for ages. */
  cell(object: T, now: number): Cell
}

export type Cell = string | number | boolean

/** A condition of a whole table row, as the pods that are done carry. */
export interface RowCondition {
  readonly type: string
  readonly status: string
  readonly reason?: string
  readonly message?: string
}

/** What validation may know besides the object. */
export interface ValidationContext {
  /** Milliseconds since 1970. */
  readonly now: number
  /** On an update, the stored object: what was already wrong in it may stay. */
  readonly old?: KubeObject
}

/** Reads one selectable field; like all functions of a kind, a method to the type checker. */
export type FieldOf<T> = { of(object: T): string }['of']

/**
 * A kind: everything the one generic registry needs to serve it. All functions are pure; those that take a `Draft`
 * change only that draft, which the pipeline owns alone. They are declared as methods so that a `Kind<DaemonSet>` is a `Kind`.
 */
export interface Kind<T extends KubeObject = KubeObject> extends KindRef<T> {
  readonly singular: string
  readonly shortNames?: readonly string[]
  readonly categories?: readonly string[]
  readonly schema: Message
  /** Verbs served; all of the usual ones when absent. */
  readonly verbs?: readonly string[]
  readonly subresources?: Subresources<T>
  /**
   * Below the members of metadata, spec and status a draft may hold parts that are frozen, since other objects have them too: what
   * changes such a part (`defaults`, `prepareForCreate`, admission) puts a changed copy in its place.
   */
  readonly sharesParts?: boolean
  /** Fills what was not said. Runs on every decode at this version, before admission. */
  defaults?(draft: Draft<T>): void
  /** Sets what the server decides, before validation: clears what a client may not set, status on create. */
  prepareForCreate?(draft: Draft<T>): void
  /** As above for an update through the main resource; `old` is the stored object. Generation is the registry's work (`spec` changed). */
  prepareForUpdate?(draft: Draft<T>, old: T): void
  validate?(object: T, context: ValidationContext): readonly FieldError[]
  validateUpdate?(object: T, old: T, context: ValidationContext): readonly FieldError[]
  validateStatusUpdate?(object: T, old: T, context: ValidationContext): readonly FieldError[]
  /** Conditions of the object's row in a table. */
  rowConditions?(object: T): readonly RowCondition[]
  /** The rule for `metadata.name`; a DNS subdomain when absent. Returns what is wrong, if anything. */
  validateName?(name: string, prefix: boolean): readonly string[]
  readonly columns: readonly Column<T>[]
  /** Field selector terms besides `metadata.name` and `metadata.namespace`. */
  readonly selectableFields?: Readonly<Record<string, FieldOf<T>>>
  /** PUT on a missing object creates it (Lease, Event, Endpoints, …). */
  readonly createOnUpdate?: boolean
  /** PUT without a resourceVersion is refused. */
  readonly requiresRevisionOnUpdate?: boolean
  /** Warnings for whoever creates or updates this object (deprecated fields, …). */
  warnings?(object: T, old: T | undefined): readonly string[]
  /** A finalizer that a delete adds, for whoever cleans up before the object goes. */
  readonly finalizerOnDelete?: string
  /** Members of the object that only the server sets, so that whoever writes them does not own them; the status alone when absent. */
  unownable?(member: string): boolean
  /** Stored and not acted on: every create and update carries the Warning `everynode stores KIND and does not enforce it`. */
  readonly notEnforced?: boolean
  /** Warning sent with every request for this kind. */
  readonly deprecation?: string
  /** Objects of this kind are gone this many seconds after their last write (Events: 3600). */
  readonly timeToLiveSeconds?: number
  /** Other versions that the same stored objects are served at. */
  readonly alsoServed?: readonly ServedVersion<T>[]
}

/** What a kind may say anew for one of the versions it is served at. */
export type VersionRules<T extends KubeObject> = Pick<
  Kind<T>,
  'subresources' | 'prepareForCreate' | 'prepareForUpdate' | 'validate' | 'validateUpdate' | 'validateStatusUpdate'
> &
  Partial<Pick<Kind<T>, 'columns'>>

/** Another group and version through which a kind's stored objects can be read and written. */
export interface ServedVersion<T extends KubeObject> extends KindRef {
  readonly schema: Message
  defaults?(draft: Draft<KubeObject>): void
  /** From this version to the stored one. Owns and may change its draft. */
  toStored(draft: Draft<KubeObject>): Draft<T>
  fromStored(object: T): KubeObject
  /** In place of all of the kind's own but its columns, for writes and reads at this version; they see stored objects. */
  readonly rules?: VersionRules<T>
  /** Warning sent with every request to this version. */
  readonly deprecation?: string
}

export interface Subresources<T> {
  readonly status?: true
  /** The mapping onto autoscaling/v1 Scale. */
  readonly scale?: ScaleMapping<T>
  /** Served by code of their own: names and verbs for discovery. */
  readonly other?: Readonly<
    Record<string, { readonly verbs: readonly string[]; readonly kind: { readonly group: string; readonly version: string; readonly kind: string } }>
  >
}

export interface ScaleMapping<T> {
  replicas(object: T): number
  setReplicas(draft: Draft<T>, replicas: number): void
  statusReplicas(object: T): number
  selector(object: T): string
}
