import type { KubeObject } from '../../api/meta/object.ts'
import { nameOf, Resting } from './forms.ts'
import type { ObjectEvent } from './types.ts'

/** An object as it is at a revision: its outermost parts anew, all else shared. */
export function stamp<T extends KubeObject>(object: T, revision: number): T {
  return Object.freeze({ ...object, metadata: Object.freeze({ ...object.metadata, resourceVersion: String(revision) }) })
}

/** One change, with the two other ways in which a watch with a selector may see it. */
export class ChangeEvent<T extends KubeObject> implements ObjectEvent<T> {
  encodings: Map<string, unknown> | undefined = undefined
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly key: string
  readonly revision: number
  readonly previous: T | undefined
  readonly decidedAt: number | undefined
  #object: T | Resting
  #entered: ChangeEvent<T> | undefined
  #left: ChangeEvent<T> | undefined

  constructor(type: 'ADDED' | 'MODIFIED' | 'DELETED', key: string, revision: number, object: T, previous: T | undefined, decidedAt?: number) {
    this.type = type
    this.key = key
    this.revision = revision
    this.#object = object
    this.previous = previous
    this.decidedAt = decidedAt
  }

  get object(): T {
    return this.#object instanceof Resting ? (this.#object.read(nameOf(this.key)) as T) : this.#object
  }

  /** The object, as it rests from now on. */
  letRest(object: Resting): void {
    this.#object = object
    this.#entered = undefined
    this.#left = undefined
  }

  /** For whom the object did not count before. */
  entered(): ObjectEvent<T> {
    if (this.type === 'ADDED') return this
    this.#entered ??= new ChangeEvent('ADDED', this.key, this.revision, this.object, undefined, this.decidedAt)
    return this.#entered
  }

  /** For whom the object counts no more: its last state that did, with the revision of the change. */
  left(): ObjectEvent<T> {
    if (this.type === 'DELETED' || !this.previous) return this
    this.#left ??= new ChangeEvent('DELETED', this.key, this.revision, stamp(this.previous, this.revision), this.previous, this.decidedAt)
    return this.#left
  }

  dropEncodings(): void {
    this.encodings = undefined
    if (this.#entered) this.#entered.encodings = undefined
    if (this.#left) this.#left.encodings = undefined
  }
}
