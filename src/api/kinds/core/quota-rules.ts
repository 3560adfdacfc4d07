import { duplicate, type FieldError, invalid, required } from '../../meta/field-error.ts'
import { qualifiedName } from '../../meta/names.ts'
import type { Draft } from '../../meta/object.ts'
import { NOT_NEGATIVE, report } from '../../meta/object-meta.ts'
import { compareQuantities, isNegative, isQuantity } from '../../meta/quantity.ts'
import type { LimitRange, ResourceQuota } from '../../types/core/quota.ts'

/** For containers, what is not limited is limited by the maximum, and what is not asked for is the limit or the minimum. */
export function defaultLimitRange({ spec }: Draft<LimitRange>): void {
  for (const item of spec.limits ?? []) {
    if (item.type !== 'Container') continue
    item.default = { ...item.max, ...item.default }
    item.defaultRequest = { ...item.min, ...item.default, ...item.defaultRequest }
    if (Object.keys(item.default).length === 0) delete item.default
    if (Object.keys(item.defaultRequest).length === 0) delete item.defaultRequest
  }
}

type Amounts = Readonly<Record<string, string>>

/** Reports where an amount of `small` is above that of `large`. */
function checkOrder(
  small: Amounts | undefined,
  large: Amounts | undefined,
  path: string,
  why: (name: string, low: string, high: string) => string,
  errors: FieldError[],
): void {
  for (const name in small) {
    const low = small[name] as string
    const high = large?.[name]
    if (high !== undefined && isQuantity(low) && isQuantity(high) && compareQuantities(low, high) > 0) {
      errors.push(invalid(`${path}[${name}]`, low, why(name, low, high)))
    }
  }
}

export function validateLimitRange({ spec }: LimitRange): readonly FieldError[] {
  const errors: FieldError[] = []
  spec.limits.forEach((item, i) => {
    const path = `spec.limits[${i}]`
    if (!item.type) errors.push(required(`${path}.type`))
    else report(errors, `${path}.type`, item.type, qualifiedName(item.type))
    if (spec.limits.findIndex(l => l.type === item.type) < i) errors.push(duplicate(`${path}.type`, item.type))
    checkOrder(item.min, item.max, `${path}.min`, (name, low, high) => `min value ${low} is greater than max value ${high} for ${name}`, errors)
    checkOrder(
      item.defaultRequest,
      item.default,
      `${path}.defaultRequest`,
      (_, low, high) => `default request value ${low} is greater than default limit value ${high}`,
      errors,
    )
    checkOrder(item.default, item.max, `${path}.default`, (_, low, high) => `default value ${low} is greater than max value ${high}`, errors)
  })
  return errors
}

export function validateResourceQuota({ spec }: ResourceQuota): readonly FieldError[] {
  const errors: FieldError[] = []
  for (const name in spec.hard) {
    const amount = spec.hard[name] as string
    report(errors, `spec.hard[${name}]`, name, qualifiedName(name))
    if (isQuantity(amount) && isNegative(amount)) errors.push(invalid(`spec.hard[${name}]`, amount, NOT_NEGATIVE))
  }
  return errors
}
