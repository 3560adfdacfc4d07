import type { Pod } from '../../api/types/core/pod.ts'

/** Nodes that a pod names, so that no other need be looked at; `conflict` when it names two at once. */
export type NamedNodes = readonly string[] | 'conflict' | undefined

/**
 * The nodes that the required terms name by `metadata.name`: their union, if every term names some; a term whose names contradict
 * each other adds none, and all terms doing so is a conflict. A daemon's pod names exactly one.
 */
export function namedNodes(pod: Pod): NamedNodes {
  const terms = pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms
  if (!terms?.length) return undefined
  const union = new Set<string>()
  for (const { matchFields = [] } of terms) {
    let names: readonly string[] | undefined
    for (const { key, operator, values = [] } of matchFields) {
      if (key !== 'metadata.name' || operator !== 'In') continue
      names = names ? names.filter(name => values.includes(name)) : values
    }
    if (!names) return undefined
    for (const name of names) union.add(name)
  }
  return union.size > 0 ? [...union] : 'conflict'
}
