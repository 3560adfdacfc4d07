import type { Kind } from '../../api/kinds/kind.ts'
import type { Draft, KubeObject } from '../../api/meta/object.ts'
import type { User } from '../../api/meta/user.ts'
import type { Clock } from '../../base/clock.ts'

/** A write on its way, as admission sees it: after defaults, before validation. */
export interface AdmissionRequest {
  readonly operation: 'create' | 'update' | 'delete'
  readonly kind: Kind
  readonly subresource: string | undefined
  readonly namespace: string | undefined
  /** On a create whose name is yet to be generated, its prefix. */
  readonly name: string
  readonly user: User
  /** The object to be; a plugin that mutates may change it. On a delete, what is there now. */
  readonly object: Draft<KubeObject> | KubeObject
  readonly old: KubeObject | undefined
  readonly dryRun: boolean
  readonly warn: (text: string) => void
}

/** What plugins may know of the cluster: the newest state. */
export interface AdmissionView {
  get<T extends KubeObject>(kind: { readonly group: string; readonly resource: string }, namespace: string | undefined, name: string): T | undefined
  list<T extends KubeObject>(kind: { readonly group: string; readonly resource: string }, namespace?: string): readonly T[]
  readonly clock: Clock
}

/** One rule that a write must pass. Throws a `StatusError` to refuse. */
export interface AdmissionPlugin {
  readonly name: string
  /** Which writes it wants to see: `resource`, or `resource/subresource`, or `*`. */
  readonly on: readonly string[]
  readonly operations: readonly AdmissionRequest['operation'][]
  /** May change `request.object`; runs before validation. */
  mutate?(request: AdmissionRequest, view: AdmissionView): Promise<void> | undefined
  /** May only refuse; runs after validation. */
  check?(request: AdmissionRequest, view: AdmissionView): Promise<void> | undefined
}
