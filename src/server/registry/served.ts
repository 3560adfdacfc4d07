import { apiVersionOf, type Kind, type ServedVersion } from '../../api/kinds/kind.ts'
import type { KubeObject } from '../../api/meta/object.ts'
import { deepFreeze } from '../../base/freeze.ts'
import type { Served } from './request.ts'

const keyOf = (group: string, version: string, resource: string): string => `${group}/${version}/${resource}`

/** Everything that is served, by group, version and resource. */
export class Catalogue {
  #stored: Served[] = []
  #others: Served[] = []
  /** The same array until something changes, so that what is made from it can be kept. */
  #resources: readonly Served[] | undefined
  readonly #byPath = new Map<string, Served>()

  constructor(kinds: readonly Kind[]) {
    for (const kind of kinds) this.add(kind)
  }

  /** Serves one more kind, at all its versions. */
  add(kind: Kind): void {
    this.#add(this.#stored, { kind, at: kind })
    for (const version of kind.alsoServed ?? []) this.#add(this.#others, { kind: ruledBy(kind, version), at: version, version })
  }

  /** Stored versions first, in the order of the kinds; the same array until something is added. */
  get resources(): readonly Served[] {
    this.#resources ??= [...this.#stored, ...this.#others]
    return this.#resources
  }

  /** Serves a kind no more, at none of its versions. */
  remove(kind: Kind): void {
    for (const at of [kind, ...(kind.alsoServed ?? [])]) this.#byPath.delete(keyOf(at.group, at.version, at.resource))
    this.#stored = this.#stored.filter(served => served.kind !== kind)
    this.#others = this.#others.filter(({ version }) => !kind.alsoServed?.includes(version!))
    this.#resources = undefined
  }

  find(group: string, version: string, resource: string): Served | undefined {
    return this.#byPath.get(keyOf(group, version, resource))
  }

  #add(list: Served[], served: Served): void {
    const key = keyOf(served.at.group, served.at.version, served.at.resource)
    if (this.#byPath.has(key)) throw new Error(`two kinds are served as ${key}`)
    this.#byPath.set(key, served)
    list.push(served)
    this.#resources = undefined
  }
}

/** The stored kind, with the rules of the version it is written at. */
function ruledBy(kind: Kind, { rules }: ServedVersion<KubeObject>): Kind {
  if (!rules) return kind
  const { subresources, prepareForCreate, prepareForUpdate, validate, validateUpdate, validateStatusUpdate, ...rest } = kind
  return { ...rest, ...rules }
}

const converted = new WeakMap<ServedVersion<KubeObject>, WeakMap<object, KubeObject>>()

/**
 * An object of the kind at the version asked for: itself at the stored version, otherwise made once per object and frozen.
 * Anything that is not an object of the kind (a Status, a Scale) comes back as it is.
 */
export function asServed<T extends object>(served: Served, object: T): T {
  const { version, kind } = served
  if (version === undefined) return object
  const { apiVersion, kind: name } = object as { apiVersion?: unknown; kind?: unknown }
  if (name !== kind.kind || apiVersion !== apiVersionOf(kind)) return object
  let made = converted.get(version)
  if (made === undefined) {
    made = new WeakMap()
    converted.set(version, made)
  }
  let result = made.get(object)
  if (result === undefined) {
    result = deepFreeze(version.fromStored(object as unknown as KubeObject))
    made.set(object, result)
  }
  return result as unknown as T
}
