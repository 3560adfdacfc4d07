import { labelValue } from '../../meta/names.ts'
import type { NodeSelectorTerm } from '../../types/core/affinity.ts'

/** Labels of nodes that have new names. */
const OLD_LABELS: Readonly<Record<string, string>> = {
  'beta.kubernetes.io/arch': 'deprecated since v1.14; use "kubernetes.io/arch" instead',
  'beta.kubernetes.io/os': 'deprecated since v1.14; use "kubernetes.io/os" instead',
  'failure-domain.beta.kubernetes.io/region': 'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
  'failure-domain.beta.kubernetes.io/zone': 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
  'beta.kubernetes.io/instance-type': 'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
  'app.kubernetes.io/created-by': 'deprecated since v1.9',
  'scheduler.alpha.kubernetes.io/preferAvoidPods': 'deprecated since v1.22; use Taints and Tolerations instead',
  'node-role.kubernetes.io/master': 'use "node-role.kubernetes.io/control-plane" instead',
}
/** What to use in place of a node's label that has a new name. */
export const oldLabel = (label: string): string | undefined => (Object.hasOwn(OLD_LABELS, label) ? OLD_LABELS[label] : undefined)

/** What whoever selects nodes should know; `values` also of values that no label can have. */
export function termWarnings(term: NodeSelectorTerm, path: string, values = false): readonly string[] {
  const found: string[] = []
  term.matchExpressions?.forEach((expression, i) => {
    const at = `${path}.matchExpressions[${i}]`
    const why = oldLabel(expression.key)
    if (why) found.push(`${at}.key: ${expression.key} is ${why}`)
    if (!values) return
    expression.values?.forEach((value, j) => {
      for (const wrong of labelValue(value)) found.push(`${at}.values[${j}]: ${value} is invalid, ${wrong}`)
    })
  })
  return found
}
