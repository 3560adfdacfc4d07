import { repeats } from '../../../base/repeats.ts'
import { duplicate, type FieldError, forbiddenField, invalid, required } from '../../meta/field-error.ts'
import { familyOf, isCIDR } from '../../meta/ip.ts'
import { labelValue, qualifiedName } from '../../meta/names.ts'
import type { Draft } from '../../meta/object.ts'
import { report } from '../../meta/object-meta.ts'
import { semanticEqual } from '../../meta/semantic-equal.ts'
import type { Taint } from '../../types/core/affinity.ts'
import type { Node } from '../../types/core/node.ts'
import { checkChoice } from '../choice.ts'
import { checkAmount } from './pod-spec/resources.ts'
import { EFFECTS } from './pod-spec/tolerations.ts'

/** What can be given away is what is there, where the node does not say. */
export function defaultNode({ spec, status }: Draft<Node>): void {
  if (status.capacity && !status.allocatable) status.allocatable = { ...status.capacity }
  // Of the two the older field counts, as clients may know it alone.
  if (spec.podCIDR && spec.podCIDR !== spec.podCIDRs?.[0]) spec.podCIDRs = [spec.podCIDR]
  else if (!spec.podCIDR && spec.podCIDRs?.[0]) spec.podCIDR = spec.podCIDRs[0]
}

/** Where a node's own configuration once came from means nothing any more. */
export function prepareNodeForCreate({ spec, status }: Draft<Node>): void {
  if (spec.configSource !== undefined) delete spec.configSource
  if (status.config !== undefined) delete status.config
}

export function prepareNodeForUpdate(node: Draft<Node>, old: Node): void {
  if (node.spec.configSource !== undefined) delete node.spec.configSource
  node.status = old.status as Draft<Node>['status']
}

export function checkTaints(taints: readonly Taint[] | undefined, path: string, errors: FieldError[]): void {
  const again = repeats(taints ?? [], ({ key, effect }) => JSON.stringify([key, effect]))
  taints?.forEach((taint, i) => {
    const at = `${path}[${i}]`
    report(errors, `${at}.key`, taint.key, qualifiedName(taint.key))
    const problems = labelValue(taint.value ?? '')
    if (problems.length > 0) errors.push(invalid(`${at}.value`, taint.value, problems.join(';')))
    checkChoice(taint.effect, EFFECTS, `${at}.effect`, errors)
    if (again.has(i)) {
      const same = duplicate(at, taint)
      errors.push({ ...same, message: `${same.message}: taints must be unique by key and effect pair` })
    }
  })
}

export function validateNode({ spec, status }: Node): readonly FieldError[] {
  const errors: FieldError[] = []
  checkTaints(spec.taints, 'spec.taints', errors)
  for (const field of ['capacity', 'allocatable'] as const) {
    const amounts = status[field]
    for (const name in amounts) checkAmount(name, amounts[name] as string, `status.${field}[${name}]`, errors)
  }
  spec.podCIDRs?.forEach((cidr, i) => {
    if (!isCIDR(cidr)) errors.push(invalid(`spec.podCIDRs[${i}]`, cidr, 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'))
  })
  const families = (spec.podCIDRs ?? []).map(familyOf)
  if (families.length > 2 || new Set(families).size < families.length) {
    errors.push(invalid('spec.podCIDRs', spec.podCIDRs, 'may specify no more than one CIDR for each IP family'))
  }
  checkFeatures(status.declaredFeatures ?? [], errors)
  return errors
}

const FEATURE = /^[A-Z][A-Za-z0-9]*(?:\/[A-Za-z0-9]+)*$/
const FEATURE_RULE =
  "must start with an UpperCamelCase segment, with subsequent segments separated by '/' (e.g., MyFeature or MyFeature/mySubFeature), and contain only alphanumeric characters and slashes"

function checkFeatures(features: readonly string[], errors: FieldError[]): void {
  features.forEach((feature, i) => {
    const at = `status.declaredFeatures[${i}]`
    if (!FEATURE.test(feature)) errors.push(invalid(at, feature, `invalid feature name ${JSON.stringify(feature)}: ${FEATURE_RULE}`))
    if (feature === features[i - 1]) errors.push(duplicate(at, feature))
    else if (i > 0 && feature < features[i - 1]!) errors.push(invalid(at, feature, 'list must be sorted alphabetically'))
  })
}

export function validateNodeUpdate(node: Node, old: Node): readonly FieldError[] {
  const errors: FieldError[] = []
  if (old.spec.providerID && node.spec.providerID !== old.spec.providerID) {
    errors.push(forbiddenField('spec.providerID', 'node updates may not change providerID except from "" to valid'))
  }
  if (old.spec.podCIDRs?.length && !semanticEqual(node.spec.podCIDRs, old.spec.podCIDRs)) {
    errors.push(forbiddenField('spec.podCIDRs', 'node updates may not change podCIDR except from "" to valid'))
  }
  if ((node.spec.externalID ?? '') !== (old.spec.externalID ?? '')) errors.push(forbiddenField('spec.externalID', 'may not be updated'))
  return errors
}

export function validateNodeStatusUpdate(node: Node): readonly FieldError[] {
  const errors: FieldError[] = [...validateNode(node)]
  const again = repeats(node.status.addresses ?? [], ({ type, address }) => JSON.stringify([type, address]))
  node.status.addresses?.forEach(({ type, address }, i) => {
    if (!type) errors.push(required(`status.addresses[${i}].type`))
    if (again.has(i)) errors.push(duplicate(`status.addresses[${i}]`, { type, address }))
  })
  return errors
}
