import type { Pod } from '../../api/types/core/pod.ts'
import { claimsKeptBy } from './in-use.ts'

/** Which claims are kept by pods, `NAMESPACE/NAME` each, followed pod by pod: nobody looks through all pods for a claim that goes. */
export class ClaimUsers {
  readonly #pods = new Map<string, number>()

  /** A pod went from `old` to `object`. Returns the claims that nobody keeps any more. */
  podChanged({ object, old }: { readonly object?: Pod | undefined; readonly old?: Pod | undefined }): readonly string[] {
    const before = claimsOf(old)
    for (const claim of claimsOf(object)) this.#count(claim, 1)
    for (const claim of before) this.#count(claim, -1)
    return before.filter(claim => !this.isKept(claim))
  }

  isKept(claim: string): boolean {
    return this.#pods.has(claim)
  }

  #count(claim: string, more: number): void {
    const pods = (this.#pods.get(claim) ?? 0) + more
    if (pods > 0) this.#pods.set(claim, pods)
    else this.#pods.delete(claim)
  }
}

const NONE: readonly string[] = []

/** Each once, although a pod may name one twice. */
function claimsOf(pod: Pod | undefined): readonly string[] {
  if (!pod?.spec.volumes) return NONE
  const claims = claimsKeptBy(pod)
  return claims.length === 0 ? NONE : [...new Set(claims)].map(name => `${pod.metadata.namespace}/${name}`)
}
