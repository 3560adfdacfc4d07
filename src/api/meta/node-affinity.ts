import type { NodeSelector, NodeSelectorRequirement, NodeSelectorTerm, PreferredSchedulingTerm } from '../types/core/affinity.ts'
import type { PodSpec } from '../types/core/pod.ts'
import type { ObjectMeta } from '../types/meta.ts'
import { type FieldError, invalid, notSupported } from './field-error.ts'
import { compileRequirements, hasLabels, type Operator, parseInt64 } from './label-selector.ts'
import { labelValue, qualifiedName } from './names.ts'

interface Named {
  readonly metadata: ObjectMeta
}
type NodeMatcher = (node: Named) => boolean

/** The only field of a node that `matchFields` knows. */
export const NODE_NAME_FIELD = 'metadata.name'

const compiled = new WeakMap<NodeSelector, readonly NodeMatcher[]>()

/** Whether any term matches; kept per object identity, so never call it with a selector that will change. */
export function matchesNodeSelector(selector: NodeSelector, node: Named): boolean {
  const name = soleName(selector)
  if (name !== undefined) return name === node.metadata.name
  let terms = compiled.get(selector)
  if (!terms) {
    terms = (selector.nodeSelectorTerms ?? []).map(compileTerm)
    compiled.set(selector, terms)
  }
  for (const term of terms) if (term(node)) return true
  return false
}

/** The node that a selector names, if it says nothing else: each pod of a daemon has one of its own, that is asked twice and not worth compiling. */
function soleName({ nodeSelectorTerms: terms }: NodeSelector): string | undefined {
  if (terms?.length !== 1) return undefined
  const { matchExpressions, matchFields } = terms[0]!
  if (matchExpressions?.length || matchFields?.length !== 1) return undefined
  const { key, operator, values } = matchFields[0]!
  return key === NODE_NAME_FIELD && operator === 'In' && values?.length === 1 ? values[0] : undefined
}

/** Whether one term matches: all its expressions and fields; one that is empty or cannot be read does not. */
export const matchesNodeSelectorTerm = (term: NodeSelectorTerm, node: Named): boolean => compileTerm(term)(node)

/** Whether a pod's `nodeSelector` and its required node affinity both let it run on the node. */
export function matchesNodeSelectorAndAffinity(spec: PodSpec, node: Named): boolean {
  if (!hasLabels(node.metadata.labels, spec.nodeSelector)) return false
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
  return !required || matchesNodeSelector(required, node)
}

const isEmpty = (term: NodeSelectorTerm): boolean => !term.matchExpressions?.length && !term.matchFields?.length

function compileTerm(term: NodeSelectorTerm): NodeMatcher {
  const expressions = term.matchExpressions ?? []
  const fields = term.matchFields ?? []
  if (isEmpty(term) || termErrors(term, '').length > 0) return () => false
  const labels = compileRequirements(expressions.map(({ key, operator, values }) => ({ key, operator: operator as Operator, values: values ?? [] })))
  return node => {
    for (const { key, operator, values } of fields) {
      const value = key === NODE_NAME_FIELD ? (node.metadata.name ?? '') : ''
      if ((values?.[0] === value) !== (operator === 'In')) return false
    }
    return labels(node.metadata.labels)
  }
}

const scores = new WeakMap<readonly PreferredSchedulingTerm[], readonly { readonly weight: number; readonly matches: NodeMatcher }[]>()

/** The sum of the weights of the preferred terms that match; kept per identity of the list. */
export function preferredScore(preferred: readonly PreferredSchedulingTerm[] | undefined, node: Named): number {
  if (!preferred) return 0
  let terms = scores.get(preferred)
  if (!terms) {
    terms = preferred
      .filter(({ weight, preference }) => weight !== 0 && !isEmpty(preference))
      .map(({ weight, preference }) => ({ weight, matches: compileTerm(preference) }))
    scores.set(preferred, terms)
  }
  let score = 0
  for (const { weight, matches } of terms) if (matches(node)) score += weight
  return score
}

/** What in a selector cannot be read, by path below `path`. */
export const nodeSelectorErrors = (selector: NodeSelector, path = ''): readonly FieldError[] =>
  (selector.nodeSelectorTerms ?? []).flatMap((term, i) => termErrors(term, `${path ? `${path}.` : ''}nodeSelectorTerms[${i}]`))

/** As above for preferred terms; those without weight do not count. */
export const preferredErrors = (preferred: readonly PreferredSchedulingTerm[], path = ''): readonly FieldError[] =>
  preferred.flatMap(({ weight, preference }, i) => (weight === 0 ? [] : termErrors(preference, `${path}[${i}]`)))

function termErrors(term: NodeSelectorTerm, path: string): readonly FieldError[] {
  const errors: FieldError[] = []
  term.matchExpressions?.forEach((requirement, i) => {
    checkExpression(requirement, `${path}.matchExpressions[${i}]`, errors)
  })
  term.matchFields?.forEach((requirement, i) => {
    checkField(requirement, `${path}.matchFields[${i}]`, errors)
  })
  return errors
}

export function checkExpression({ key, operator, values = [] }: NodeSelectorRequirement, path: string, errors: FieldError[]): void {
  const count = values.length
  switch (operator) {
    case 'In':
    case 'NotIn':
      if (count === 0) errors.push(invalid(`${path}.values`, values, "for 'in', 'notin' operators, values set can't be empty"))
      break
    case 'Exists':
    case 'DoesNotExist':
      if (count > 0) errors.push(invalid(`${path}.values`, values, 'values set must be empty for exists and does not exist'))
      break
    case 'Gt':
    case 'Lt':
      if (count !== 1) errors.push(invalid(`${path}.values`, values, "for 'Gt', 'Lt' operators, exactly one value is required"))
      values.forEach((value, i) => {
        if (parseInt64(value) === undefined) {
          errors.push(invalid(`${path}.values[${i}]`, value, "for 'Gt', 'Lt' operators, the value must be an integer"))
        }
      })
      break
    default:
      errors.push(notSupported(`${path}.operator`, operator, ['In', 'NotIn', 'Exists', 'DoesNotExist', 'Gt', 'Lt']))
      return
  }
  for (const problem of qualifiedName(key)) errors.push(invalid(`${path}.key`, key, problem))
  values.forEach((value, i) => {
    for (const problem of labelValue(value)) errors.push(invalid(`${path}.values[${i}]`, value, problem))
  })
}

function checkField({ operator, values = [] }: NodeSelectorRequirement, path: string, errors: FieldError[]): void {
  if (operator !== 'In' && operator !== 'NotIn') errors.push(notSupported(`${path}.operator`, operator, ['In', 'NotIn']))
  else if (values.length !== 1) errors.push(invalid(`${path}.values`, values, 'must have one element'))
}
