import type { FieldError } from '../meta/field-error.ts'
import type { KubeObject } from '../meta/object.ts'
import { checkMeta, checkMetaUpdate } from '../meta/object-meta.ts'
import type { Kind, ValidationContext } from './kind.ts'

const rulesOf = (kind: Kind) => ({ namespaced: kind.namespaced, name: kind.validateName?.bind(kind) })

/** All that is wrong with a new object; empty when nothing is. */
export function validateCreate(kind: Kind, object: KubeObject, context: ValidationContext): readonly FieldError[] {
  const errors: FieldError[] = []
  checkMeta(object.metadata, rulesOf(kind), errors)
  if (kind.validate) errors.push(...kind.validate(object, context))
  return errors
}

/** All that is wrong with an update; `object` has its resourceVersion, the stored one where the client named none. */
export function validateUpdate(kind: Kind, object: KubeObject, old: KubeObject, context: ValidationContext): readonly FieldError[] {
  const errors: FieldError[] = []
  checkMeta(object.metadata, rulesOf(kind), errors)
  checkMetaUpdate(object.metadata, old.metadata, errors)
  const known = { ...context, old }
  if (kind.validate) errors.push(...kind.validate(object, known))
  if (kind.validateUpdate) errors.push(...kind.validateUpdate(object, old, known))
  return errors
}

/** All that is wrong with an update of the status alone. */
export function validateStatusUpdate(kind: Kind, object: KubeObject, old: KubeObject, context: ValidationContext): readonly FieldError[] {
  const errors: FieldError[] = []
  checkMeta(object.metadata, rulesOf(kind), errors)
  checkMetaUpdate(object.metadata, old.metadata, errors)
  if (kind.validateStatusUpdate) errors.push(...kind.validateStatusUpdate(object, old, { ...context, old }))
  return errors
}
