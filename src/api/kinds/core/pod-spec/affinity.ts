import { repeats } from '../../../../base/repeats.ts'
import { type FieldError, forbiddenField, invalid, notSupported, required } from '../../../meta/field-error.ts'
import { dnsLabel, dnsSubdomain, labelValue, qualifiedName } from '../../../meta/names.ts'
import { NODE_NAME_FIELD } from '../../../meta/node-affinity.ts'
import { report } from '../../../meta/object-meta.ts'
import type {
  Affinity,
  NodeSelector,
  NodeSelectorRequirement,
  NodeSelectorTerm,
  PodAffinity,
  PodAffinityTerm,
  TopologySpreadConstraint,
} from '../../../types/core/affinity.ts'
import { checkChoice } from '../../choice.ts'
import { checkLabelSelector } from '../../label-selector.ts'

const BAD_OPERATOR = 'not a valid selector operator'
const WEIGHT = 'must be in the range 1-100'
const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution'
const PREFERRED = 'preferredDuringSchedulingIgnoredDuringExecution'

function checkExpression({ key, operator, values = [] }: NodeSelectorRequirement, anyValues: boolean, path: string, errors: FieldError[]): void {
  if (operator === 'In' || operator === 'NotIn') {
    if (values.length === 0) errors.push(required(`${path}.values`, "must be specified when `operator` is 'In' or 'NotIn'"))
  } else if (operator === 'Exists' || operator === 'DoesNotExist') {
    if (values.length > 0) errors.push(forbiddenField(`${path}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"))
  } else if (operator === 'Gt' || operator === 'Lt') {
    if (values.length !== 1) errors.push(required(`${path}.values`, "must be specified single value when `operator` is 'Lt' or 'Gt'"))
  } else errors.push(invalid(`${path}.operator`, operator, BAD_OPERATOR))
  report(errors, `${path}.key`, key, qualifiedName(key))
  if (anyValues) return
  for (let i = 0; i < values.length; i++) report(errors, `${path}.values[${i}]`, values[i], labelValue(values[i] as string))
}

function checkField({ key, operator, values = [] }: NodeSelectorRequirement, path: string, errors: FieldError[]): void {
  if (operator !== 'In' && operator !== 'NotIn') errors.push(invalid(`${path}.operator`, operator, BAD_OPERATOR))
  else if (values.length !== 1) {
    errors.push(required(`${path}.values`, "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"))
  }
  if (key !== NODE_NAME_FIELD) errors.push(invalid(`${path}.key`, key, 'not a valid field selector key'))
  else for (let i = 0; i < values.length; i++) report(errors, `${path}.values[${i}]`, values[i], dnsSubdomain(values[i] as string))
}

/** `anyValues`: a value that no label can have is let pass, as a wish that nobody fulfils. */
export function checkNodeSelectorTerm(term: NodeSelectorTerm, anyValues: boolean, path: string, errors: FieldError[]): void {
  term.matchExpressions?.forEach((requirement, i) => {
    checkExpression(requirement, anyValues, `${path}.matchExpressions[${i}]`, errors)
  })
  term.matchFields?.forEach((requirement, i) => {
    checkField(requirement, `${path}.matchFields[${i}]`, errors)
  })
}

export function checkNodeSelector(selector: NodeSelector, path: string, errors: FieldError[]): void {
  const terms = selector.nodeSelectorTerms ?? []
  if (terms.length === 0) errors.push(required(`${path}.nodeSelectorTerms`, 'must have at least one node selector term'))
  terms.forEach((term, i) => {
    checkNodeSelectorTerm(term, false, `${path}.nodeSelectorTerms[${i}]`, errors)
  })
}

const checkWeight = (weight: number, path: string, errors: FieldError[]): void => {
  if (weight <= 0 || weight > 100) errors.push(invalid(path, weight, WEIGHT))
}

function checkTerm(term: PodAffinityTerm, path: string, errors: FieldError[]): void {
  checkLabelSelector(term.labelSelector, `${path}.labelSelector`, errors)
  checkLabelSelector(term.namespaceSelector, `${path}.namespaceSelector`, errors)
  for (const name of term.namespaces ?? []) report(errors, `${path}.namespace`, name, dnsLabel(name))
  checkLabelKeys(term.matchLabelKeys, term.labelSelector !== undefined, `${path}.matchLabelKeys`, errors)
  checkLabelKeys(term.mismatchLabelKeys, term.labelSelector !== undefined, `${path}.mismatchLabelKeys`, errors)
  if (!term.topologyKey) errors.push(required(`${path}.topologyKey`, 'can not be empty'))
  report(errors, `${path}.topologyKey`, term.topologyKey, qualifiedName(term.topologyKey))
}

function checkLabelKeys(keys: readonly string[] | undefined, hasSelector: boolean, path: string, errors: FieldError[]): void {
  if (!keys || keys.length === 0) return
  if (!hasSelector) errors.push(forbiddenField(path, 'must not be specified when labelSelector is not set'))
  keys.forEach((key, i) => {
    report(errors, `${path}[${i}]`, key, qualifiedName(key))
  })
}

function checkPodAffinity(affinity: PodAffinity | undefined, path: string, errors: FieldError[]): void {
  affinity?.[REQUIRED]?.forEach((term, i) => {
    checkTerm(term, `${path}.${REQUIRED}[${i}]`, errors)
  })
  affinity?.[PREFERRED]?.forEach(({ weight, podAffinityTerm }, i) => {
    checkWeight(weight, `${path}.${PREFERRED}[${i}].weight`, errors)
    checkTerm(podAffinityTerm, `${path}.${PREFERRED}[${i}].podAffinityTerm`, errors)
  })
}

export function checkAffinity(affinity: Affinity | undefined, path: string, errors: FieldError[]): void {
  if (!affinity) return
  const { nodeAffinity } = affinity
  if (nodeAffinity?.[REQUIRED]) checkNodeSelector(nodeAffinity[REQUIRED], `${path}.nodeAffinity.${REQUIRED}`, errors)
  nodeAffinity?.[PREFERRED]?.forEach(({ weight, preference }, i) => {
    const at = `${path}.nodeAffinity.${PREFERRED}[${i}]`
    checkWeight(weight, `${at}.weight`, errors)
    checkNodeSelectorTerm(preference, true, `${at}.preference`, errors)
  })
  checkPodAffinity(affinity.podAffinity, `${path}.podAffinity`, errors)
  checkPodAffinity(affinity.podAntiAffinity, `${path}.podAntiAffinity`, errors)
}

const WHEN_UNSATISFIABLE = ['DoNotSchedule', 'ScheduleAnyway']
const POLICIES = ['Honor', 'Ignore']

export function checkTopologySpread(constraints: readonly TopologySpreadConstraint[] | undefined, path: string, errors: FieldError[]): void {
  const again = repeats(constraints ?? [], ({ topologyKey, whenUnsatisfiable }) => JSON.stringify([topologyKey, whenUnsatisfiable]))
  constraints?.forEach((constraint, i) => {
    const at = `${path}[${i}]`
    const { maxSkew, minDomains, topologyKey, whenUnsatisfiable } = constraint
    if (maxSkew <= 0) errors.push(invalid(`${at}.maxSkew`, maxSkew, 'must be greater than zero'))
    if (!topologyKey) errors.push(required(`${at}.topologyKey`, 'can not be empty'))
    checkChoice(whenUnsatisfiable, WHEN_UNSATISFIABLE, `${at}.whenUnsatisfiable`, errors)
    if (again.has(i)) {
      errors.push({
        type: 'FieldValueDuplicate',
        field: `${at}.{topologyKey, whenUnsatisfiable}`,
        message: `Duplicate value: "{${topologyKey}, ${whenUnsatisfiable}}"`,
      })
    }
    if (minDomains != null) {
      if (minDomains <= 0) errors.push(invalid(`${at}.minDomains`, minDomains, 'must be greater than zero'))
      if (whenUnsatisfiable !== 'DoNotSchedule') {
        errors.push(invalid(`${at}.minDomains`, minDomains, `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${whenUnsatisfiable}`))
      }
    }
    for (const policy of ['nodeAffinityPolicy', 'nodeTaintsPolicy'] as const) {
      const value = constraint[policy]
      if (value != null && !POLICIES.includes(value)) errors.push(notSupported(`${at}.${policy}`, value, POLICIES))
    }
    checkLabelKeys(constraint.matchLabelKeys, constraint.labelSelector !== undefined, `${at}.matchLabelKeys`, errors)
    checkLabelSelector(constraint.labelSelector, `${at}.labelSelector`, errors)
  })
}
