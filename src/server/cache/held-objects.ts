import type { KubeObject } from '../../api/meta/object.ts'
import { stamp } from './event.ts'
import { Forms, nameOf, Resting } from './forms.ts'
import type { Interner } from './intern.ts'

/** An object that has been loaded and not yet been asked for. */
class Unread {
  readonly bytes: Uint8Array
  readonly modified: number
  constructor(bytes: Uint8Array, modified: number) {
    this.bytes = bytes
    this.modified = modified
  }
}
type Held<T> = T | Unread | Resting

const parse = (bytes: Uint8Array): object => JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')) as object

/** The present objects of one kind by key, `ns/name`, each as it is held: frozen, as the bytes that were loaded, or at rest. */
export class HeldObjects<T extends KubeObject> {
  readonly #held = new Map<string, Held<T>>()
  readonly #forms = new Forms()
  readonly #interner: Interner
  readonly #restsBy: ((object: T) => string) | undefined

  /** Without `restsBy` none rests; see `CachedKind`. */
  constructor(interner: Interner, restsBy: ((object: T) => string) | undefined) {
    this.#interner = interner
    this.#restsBy = restsBy
  }

  get size(): number {
    return this.#held.size
  }
  keys(): Iterable<string> {
    return this.#held.keys()
  }

  load(key: string, bytes: Uint8Array, modified: number): void {
    this.#held.set(key, new Unread(bytes, modified))
  }
  set(key: string, object: T): void {
    this.#held.set(key, object)
  }
  delete(key: string): void {
    this.#held.delete(key)
  }

  get(key: string): T | undefined {
    const held = this.#held.get(key)
    return held && this.#wake(key, held)
  }

  #wake(key: string, held: Held<T>): T {
    if (held instanceof Unread) return this.#read(key, held)
    return held instanceof Resting ? (held.read(nameOf(key)) as T) : held
  }

  #read(key: string, { bytes, modified }: Unread): T {
    const object = this.admit(bytes, modified, undefined)
    this.#held.set(key, object)
    this.letRest(key, object)
    return object
  }

  /** The object that some bytes say, frozen, its parts shared with those known. */
  admit(bytes: Uint8Array, revision: number, before: T | undefined): T {
    return stamp(this.#interner.parts(parse(bytes), before) as unknown as T, revision)
  }

  /** An object is no longer new: if its kind rests, it does from now on, in the way returned, unless it is not the present one any more. */
  letRest(key: string, object: T): Resting | undefined {
    if (!this.#restsBy || this.#held.get(key) !== object) return undefined
    const resting = this.#forms.rest(object, nameOf(key), this.#restsBy(object))
    this.#held.set(key, resting)
    return resting
  }

  /** Reads what has been loaded and not yet been asked for, a few objects at each turn, and gives their bytes up. */
  *readAhead(few: number): Generator<void, void, undefined> {
    let count = 0
    for (const [key, held] of this.#held) {
      if (!(held instanceof Unread)) continue
      this.#read(key, held)
      if (++count % few === 0) yield
    }
  }

  /** As `get`, with nothing for those at rest that cannot hold all of these texts. */
  finder(texts: readonly string[] | undefined): (key: string) => T | undefined {
    if (!texts) return key => this.get(key)
    const may = this.#may(texts)
    return key => {
      const held = this.#held.get(key)
      return held && may(key, held) ? this.#wake(key, held) : undefined
    }
  }

  /** What these keys have now, each to be made later, whatever changes meanwhile. */
  snapshot(keys: Iterable<string>, texts: readonly string[] | undefined): readonly (readonly [key: string, object: () => T])[] {
    const may = texts && this.#may(texts)
    const snapshot: [string, () => T][] = []
    for (const key of keys) {
      const held = this.#held.get(key)
      if (held && (!may || may(key, held))) snapshot.push([key, () => this.#madeOf(key, held)])
    }
    return snapshot
  }

  #madeOf(key: string, held: Held<T>): T {
    return held instanceof Unread && this.#held.get(key) !== held ? this.admit(held.bytes, held.modified, undefined) : this.#wake(key, held)
  }

  #may(texts: readonly string[]): (key: string, held: Held<T>) => boolean {
    const mayHold = Resting.holding(texts)
    return (key, held) => !(held instanceof Resting) || mayHold(held, nameOf(key))
  }
}
