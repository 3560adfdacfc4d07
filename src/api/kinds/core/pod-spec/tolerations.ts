import { type FieldError, invalid, notSupported } from '../../../meta/field-error.ts'
import { parseInt64 } from '../../../meta/label-selector.ts'
import { labelValue, qualifiedName } from '../../../meta/names.ts'
import { report } from '../../../meta/object-meta.ts'
import type { Toleration } from '../../../types/core/affinity.ts'

export const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute']

export function checkTolerations(tolerations: readonly Toleration[] | undefined, path: string, errors: FieldError[]): void {
  if (!tolerations) return
  for (let i = 0; i < tolerations.length; i++) check(tolerations[i] as Toleration, `${path}[${i}]`, errors)
}

function check(toleration: Toleration, path: string, errors: FieldError[]): void {
  const { key, operator = '', value = '', effect, tolerationSeconds } = toleration
  if (key) report(errors, `${path}.key`, key, qualifiedName(key))
  else if (operator !== 'Exists') {
    errors.push(invalid(`${path}.operator`, operator, 'operator must be Exists when `key` is empty, which means "match all values and all keys"'))
  }
  if (tolerationSeconds != null && effect !== 'NoExecute') {
    errors.push(invalid(`${path}.effect`, effect ?? '', "effect must be 'NoExecute' when `tolerationSeconds` is set"))
  }
  switch (operator) {
    case '':
    case 'Equal': {
      const problems = labelValue(value)
      if (problems.length > 0) errors.push(invalid(`${path}.operator`, value, problems.join(';')))
      break
    }
    case 'Exists':
      if (value) errors.push(invalid(`${path}.operator`, toleration, "value must be empty when `operator` is 'Exists'"))
      break
    case 'Gt':
    case 'Lt':
      if (parseInt64(value) === undefined) errors.push(invalid(`${path}.value`, value, `must be an integer when \`operator\` is '${operator}'`))
      break
    default:
      errors.push(notSupported(`${path}.operator`, operator, ['Equal', 'Exists', 'Gt', 'Lt']))
  }
  if (effect && !EFFECTS.includes(effect)) errors.push(notSupported(`${path}.effect`, effect, EFFECTS))
}
