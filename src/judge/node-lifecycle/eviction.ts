import { tolerates } from '../../api/meta/taints.ts'
import type { Taint } from '../../api/types/core/affinity.ts'
import type { Pod } from '../../api/types/core/pod.ts'

export type EvictionVerdict =
  | { readonly evict: 'now'; readonly taint: Taint }
  | { readonly evict: 'at'; readonly time: number }
  /** Everything is tolerated for ever, or nothing drives out. */
  | { readonly evict: 'never' }

const NEVER: EvictionVerdict = Object.freeze({ evict: 'never' })

/**
 * Whether the NoExecute taints of its node drive a pod out, and when: each taint is tolerated by the first toleration that matches
 * it, for its seconds from when the taint was added; the shortest counts. `since` says when a taint without `timeAdded` was first seen.
 */
export function evictionOf(pod: Pod, taints: readonly Taint[] | undefined, now: number, since: (taint: Taint) => number): EvictionVerdict {
  let earliest = Number.POSITIVE_INFINITY
  for (const taint of taints ?? []) {
    if (taint.effect !== 'NoExecute') continue
    const toleration = pod.spec.tolerations?.find(candidate => tolerates(candidate, taint))
    if (!toleration) return { evict: 'now', taint }
    const { tolerationSeconds } = toleration
    if (tolerationSeconds === undefined) continue
    const end = tolerationSeconds <= 0 ? now : (taint.timeAdded ? Date.parse(taint.timeAdded) : since(taint)) + tolerationSeconds * 1000
    if (end <= now) return { evict: 'now', taint }
    earliest = Math.min(earliest, end)
  }
  return earliest === Number.POSITIVE_INFINITY ? NEVER : { evict: 'at', time: earliest }
}
