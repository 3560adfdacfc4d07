import type { Node } from '../../api/types/core/node.ts'

export const zoneOf = (node: Node): string => {
  const labels = node.metadata.labels ?? {}
  return `${labels['topology.kubernetes.io/region'] ?? ''}:\0:${labels['topology.kubernetes.io/zone'] ?? ''}`
}

/** How many nodes of a zone are ready and how many are not. */
export interface ZoneCounts {
  readonly ready: number
  readonly unready: number
}
export type ZoneState = 'normal' | 'partial' | 'full'

const UNHEALTHY_SHARE = 0.55
const LARGE_ZONE = 50
const NORMAL_PER_SECOND = 0.1
const SLOW_PER_SECOND = 0.01

export function stateOf({ ready, unready }: ZoneCounts): ZoneState {
  if (ready === 0 && unready > 0) return 'full'
  return unready > 2 && unready / (ready + unready) >= UNHEALTHY_SHARE ? 'partial' : 'normal'
}

/** Nodes per second that may newly evict their pods in a zone (upstream's rule); a zone that is lost alone counts as normal. */
export const evictionRate = (counts: ZoneCounts): number =>
  stateOf(counts) !== 'partial' ? NORMAL_PER_SECOND : counts.ready + counts.unready > LARGE_ZONE ? SLOW_PER_SECOND : 0

/** No node is heard of in any zone: nobody is evicted. */
export const allSilent = (zones: Iterable<ZoneCounts>): boolean => {
  let any = false
  for (const counts of zones) {
    if (counts.ready + counts.unready === 0) continue
    if (stateOf(counts) !== 'full') return false
    any = true
  }
  return any
}
