import type { ObjectMeta, OwnerReference } from '../../api/types/meta.ts'

type References = readonly OwnerReference[]
const NONE: ReadonlyMap<string, References> = new Map()
const NO_OWNERS: References = []

/** Which objects name which owners, kept current change by change. Objects are known by a key that tells kinds apart. */
export class Dependents {
  readonly #byOwner = new Map<string, Map<string, References>>()

  /** Takes in that an object changed from `old` to `meta`; either may be absent. Costs nothing when its owners stay the same. */
  change(key: string, old: ObjectMeta | undefined, meta: ObjectMeta | undefined): void {
    const before = old?.ownerReferences ?? NO_OWNERS
    const after = meta?.ownerReferences ?? NO_OWNERS
    if (same(before, after)) return
    for (const { uid } of before) {
      const members = this.#byOwner.get(uid)
      members?.delete(key)
      if (members?.size === 0) this.#byOwner.delete(uid)
    }
    for (const { uid } of after) {
      const members = this.#byOwner.get(uid)
      if (members) members.set(key, after)
      else this.#byOwner.set(uid, new Map([[key, after]]))
    }
  }

  /** The dependents of an owner: key → all the references that the dependent has. */
  of(ownerUid: string): ReadonlyMap<string, References> {
    return this.#byOwner.get(ownerUid) ?? NONE
  }
}

const same = (a: References, b: References): boolean =>
  a === b ||
  (a.length === b.length &&
    a.every(({ uid, blockOwnerDeletion }, i) => uid === b[i]!.uid && (blockOwnerDeletion ?? false) === (b[i]!.blockOwnerDeletion ?? false)))
