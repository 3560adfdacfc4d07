import type { NodeSelectorTerm } from '../../api/types/core/affinity.ts'
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
  let union: readonly string[] | undefined
  for (const term of terms) {
    const names = namedBy(term)
    if (!names) return undefined
    union = union ? [...union, ...names] : names
  }
  if (union!.length > 1) union = [...new Set(union)]
  return union!.length > 0 ? union : 'conflict'
}

function namedBy({ matchFields = [] }: NodeSelectorTerm): readonly string[] | undefined {
  let names: readonly string[] | undefined
  for (const { key, operator, values = [] } of matchFields) {
    if (key !== 'metadata.name' || operator !== 'In') continue
    names = names ? names.filter(name => values.includes(name)) : values
  }
  return names
}
