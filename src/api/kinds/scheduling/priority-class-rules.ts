import { type FieldError, forbiddenField, invalid } from '../../meta/field-error.ts'
import type { PriorityClass } from '../../types/scheduling.ts'
import { checkOptionalChoice } from '../choice.ts'
import type { ValidationContext } from '../kind.ts'

export const HIGHEST_USER_PRIORITY = 1_000_000_000
/** The classes of the system and their values. */
export const SYSTEM_CLASSES: Readonly<Record<string, number>> = {
  'system-cluster-critical': 2_000_000_000,
  'system-node-critical': 2_000_001_000,
}

export function validatePriorityClass(
  { metadata, value = 0, globalDefault, preemptionPolicy }: PriorityClass,
  { old }: Pick<ValidationContext, 'old'>,
): readonly FieldError[] {
  const errors: FieldError[] = []
  // What a class says is fixed; an update is judged by that alone.
  if (old) return errors
  const { name } = metadata
  if (name?.startsWith('system-')) {
    const reserved = "priority class names with 'system-' prefix are reserved for system use only. error"
    if (!Object.hasOwn(SYSTEM_CLASSES, name)) errors.push(forbiddenField('metadata.name', `${reserved}: ${name} is not a known system priority class`))
    else if (SYSTEM_CLASSES[name] !== value)
      errors.push(forbiddenField('metadata.name', `${reserved}: value of ${name} PriorityClass must be ${SYSTEM_CLASSES[name]}`))
    else if (globalDefault) errors.push(forbiddenField('metadata.name', `${reserved}: globalDefault of ${name} PriorityClass must be false`))
  } else if (value > HIGHEST_USER_PRIORITY) {
    errors.push(forbiddenField('value', `maximum allowed value of a user defined priority is ${HIGHEST_USER_PRIORITY}`))
  }
  checkOptionalChoice(preemptionPolicy, ['PreemptLowerPriority', 'Never'], 'preemptionPolicy', errors)
  return errors
}

export function validatePriorityClassUpdate(now: PriorityClass, old: PriorityClass): readonly FieldError[] {
  const errors: FieldError[] = []
  if ((now.value ?? 0) !== (old.value ?? 0)) errors.push(forbiddenField('value', 'may not be changed in an update.'))
  if ((now.preemptionPolicy ?? '') !== (old.preemptionPolicy ?? '')) {
    errors.push(invalid('preemptionPolicy', now.preemptionPolicy ?? '', 'field is immutable'))
  }
  return errors
}
