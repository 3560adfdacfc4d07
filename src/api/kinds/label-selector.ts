import { type FieldError, forbiddenField, invalid, required } from '../meta/field-error.ts'
import { compileRequirements, requirementsOf } from '../meta/label-selector.ts'
import { labelValue, qualifiedName } from '../meta/names.ts'
import { checkLabels, report } from '../meta/object-meta.ts'
import type { LabelSelector } from '../types/meta.ts'

/** Whether a selector has an expression whose value is no label value: such a stored one may stay as it is. */
export const hasInvalidValue = (selector: LabelSelector | undefined | null): boolean =>
  (selector?.matchExpressions ?? []).some(e => (e.values ?? []).some(v => labelValue(v).length > 0))

/** Whether a selector selects the labels; undefined when it cannot be read. None at all selects nothing. */
export function selects(selector: LabelSelector | undefined | null, labels: Readonly<Record<string, string>> | undefined): boolean | undefined {
  if (!selector) return false
  const requirements = requirementsOf(selector)
  return requirements && compileRequirements(requirements)(labels)
}

/** What a selector object must keep to; `toleratesValues` lets invalid values of expressions pass. */
export function checkLabelSelector(selector: LabelSelector | undefined | null, path: string, errors: FieldError[], toleratesValues = false): void {
  if (!selector) return
  checkLabels(selector.matchLabels, `${path}.matchLabels`, errors)
  selector.matchExpressions?.forEach(({ key, operator, values = [] }, i) => {
    const at = `${path}.matchExpressions[${i}]`
    if (operator === 'In' || operator === 'NotIn') {
      if (values.length === 0) errors.push(required(`${at}.values`, "must be specified when `operator` is 'In' or 'NotIn'"))
    } else if (operator === 'Exists' || operator === 'DoesNotExist') {
      if (values.length > 0) errors.push(forbiddenField(`${at}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"))
    } else errors.push(invalid(`${at}.operator`, operator, 'not a valid selector operator'))
    report(errors, `${at}.key`, key, qualifiedName(key))
    if (toleratesValues) return
    values.forEach((value, j) => {
      report(errors, `${at}.values[${j}]`, value, labelValue(value))
    })
  })
}
