import { matchesNodeSelector, matchesNodeSelectorTerm } from '../../api/meta/node-affinity.ts'
import { formatTaint, isTolerated } from '../../api/meta/taints.ts'
import type { NodeSelectorRequirement, Taint, Toleration } from '../../api/types/core/affinity.ts'
import type { Node } from '../../api/types/core/node.ts'
import type { PodSpec } from '../../api/types/core/pod.ts'
import type { WhyReason } from './why-types.ts'

/** Everything that keeps a set's pods off a node, not only the first of it; nothing when the node is wanted. */
export function whyNotPlaced(podSpec: PodSpec, node: Node): readonly WhyReason[] {
  return [...byName(podSpec, node), ...bySelector(podSpec, node), ...byAffinity(podSpec, node), ...byTaints(podSpec, node)]
}

function byName({ nodeName }: PodSpec, { metadata }: Node): readonly WhyReason[] {
  if (!nodeName || nodeName === metadata.name) return []
  return [{ type: 'node-name', wanted: nodeName, has: metadata.name, message: `the template names the node ${nodeName}` }]
}

function bySelector({ nodeSelector }: PodSpec, { metadata: { name, labels } }: Node): readonly WhyReason[] {
  return Object.entries(nodeSelector ?? {})
    .filter(([key, wanted]) => labels?.[key] !== wanted)
    .map(([key, wanted]) => ({
      type: 'node-selector',
      key,
      wanted,
      ...has(labels, key),
      message: `the nodeSelector wants ${key}=${wanted}, and the node has ${labelOf(labels, key)}`,
      remedy: `kubectl label node ${name} ${key}=${wanted} --overwrite`,
    }))
}

function byAffinity({ affinity }: PodSpec, node: Node): readonly WhyReason[] {
  const required = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
  if (!required || matchesNodeSelector(required, node)) return []
  const terms = required.nodeSelectorTerms ?? []
  if (terms.length === 0) return [{ type: 'node-affinity', message: 'the required node affinity has no term, which matches no node' }]
  return terms.flatMap((term, index): readonly WhyReason[] => {
    const { matchExpressions = [], matchFields = [] } = term
    if (matchExpressions.length + matchFields.length === 0) {
      return [{ type: 'node-affinity', term: index, message: `term ${index} of the required node affinity is empty, which matches no node` }]
    }
    const failing = (list: readonly NodeSelectorRequirement[], as: 'matchExpressions' | 'matchFields') =>
      list.filter(requirement => !matchesNodeSelectorTerm({ [as]: [requirement] }, node))
    return [
      ...failing(matchExpressions, 'matchExpressions').map(requirement =>
        unmet(requirement, index, labelOf(node.metadata.labels, requirement.key), has(node.metadata.labels, requirement.key)),
      ),
      ...failing(matchFields, 'matchFields').map(requirement => unmet(requirement, index, `the name ${node.metadata.name}`, { has: node.metadata.name })),
    ]
  })
}

const unmet = (requirement: NodeSelectorRequirement, term: number, actual: string, more: { readonly has?: string }): WhyReason => ({
  type: 'node-affinity',
  term,
  key: requirement.key,
  wanted: said(requirement),
  ...more,
  message: `term ${term} of the required node affinity wants ${said(requirement)}, and the node has ${actual}`,
})

const said = ({ key, operator, values }: NodeSelectorRequirement): string =>
  values?.length ? `${key} ${operator} [${values.join(', ')}]` : `${key} ${operator}`
const has = (labels: Readonly<Record<string, string>> | undefined, key: string): { readonly has?: string } =>
  labels?.[key] === undefined ? {} : { has: labels[key] }
const labelOf = (labels: Readonly<Record<string, string>> | undefined, key: string): string =>
  labels?.[key] === undefined ? 'no such label' : `${key}=${labels[key]}`

function byTaints({ tolerations }: PodSpec, { spec: { taints } }: Node): readonly WhyReason[] {
  return (taints ?? [])
    .filter(taint => taint.effect !== 'PreferNoSchedule' && !isTolerated(tolerations, taint))
    .map(taint => {
      const toleration = admitting(taint)
      const drives = taint.effect === 'NoExecute' ? ', which drives out what runs' : ', which keeps new pods away'
      return {
        type: 'taint',
        taint: formatTaint(taint),
        toleration,
        ...(taint.timeAdded && { since: taint.timeAdded }),
        message: `the node has the taint ${formatTaint(taint)}${drives}`,
        remedy: `add to spec.template.spec.tolerations: ${JSON.stringify(toleration)}`,
      }
    })
}

/** The narrowest toleration that admits a taint for good. */
const admitting = ({ key, value, effect }: Taint): Toleration => (value ? { key, operator: 'Equal', value, effect } : { key, operator: 'Exists', effect })
