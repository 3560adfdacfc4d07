import type { Pod } from '../../api/types/core/pod.ts'
import { claimsKeptBy } from './in-use.ts'

/** Which claims are kept by pods, `NAMESPACE/NAME` each, followed pod by pod: nobody looks through all pods for a claim that goes. */
export class ClaimUsers {
  readonly #pods = new Map<string, number>()

  /** A pod went from `old` to `object`. Returns the claims that nobody keeps any more. */
  podChanged({ object, old }: { readonly object?: Pod | undefined; readonly old?: Pod | undefined }): readonly string[] {
    const [kept, before] = [claimsOf(object), claimsOf(old)]
    for (const claim of kept) this.#pods.set(claim, (this.#pods.get(claim) ?? 0) + 1)
    return before.filter(claim => {
      const pods = this.#pods.get(claim)! - 1
      if (pods > 0) this.#pods.set(claim, pods)
      else this.#pods.delete(claim)
      return pods === 0
    })
  }

  isKept(claim: string): boolean {
    return this.#pods.has(claim)
  }
}

const NONE: readonly string[] = []

/** Each once, although a pod may name one twice. */
function claimsOf(pod: Pod | undefined): readonly string[] {
  if (!pod?.spec.volumes) return NONE
  const claims = claimsKeptBy(pod)
  return claims.length === 0 ? NONE : [...new Set(claims)].map(name => `${pod.metadata.namespace}/${name}`)
}
