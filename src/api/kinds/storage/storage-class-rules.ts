import { repeats } from '../../../base/repeats.ts'
import { duplicate, type FieldError, invalid, required, tooLong } from '../../meta/field-error.ts'
import { qualifiedName } from '../../meta/names.ts'
import { report } from '../../meta/object-meta.ts'
import type { StorageClass } from '../../types/storage/storage-class.ts'
import { checkChoice, checkOptionalChoice } from '../choice.ts'
import { checkImmutable } from '../immutable.ts'

const MAX_PARAMETERS = 512
const MAX_BYTES = 256 * 1024

export function validateStorageClass(storage: StorageClass): readonly FieldError[] {
  const errors: FieldError[] = []
  if (!storage.provisioner) errors.push(required('provisioner'))
  else report(errors, 'provisioner', storage.provisioner.toLowerCase(), qualifiedName(storage.provisioner.toLowerCase()))
  checkParameters(storage.parameters ?? {}, errors)
  if (storage.reclaimPolicy) checkOptionalChoice(storage.reclaimPolicy, ['Delete', 'Retain'], 'reclaimPolicy', errors)
  checkChoice(storage.volumeBindingMode, ['Immediate', 'WaitForFirstConsumer'], 'volumeBindingMode', errors)
  checkTopologies(storage.allowedTopologies ?? [], errors)
  return errors
}

function checkParameters(parameters: Readonly<Record<string, string>>, errors: FieldError[]): void {
  const entries = Object.entries(parameters)
  if (entries.length > MAX_PARAMETERS) {
    errors.push(tooLong('parameters', MAX_PARAMETERS))
    return
  }
  if (Object.hasOwn(parameters, '')) errors.push(invalid('parameters', '', 'field can not be empty.'))
  if (entries.reduce((bytes, [key, value]) => bytes + key.length + value.length, 0) > MAX_BYTES) errors.push(tooLong('parameters', MAX_BYTES))
}

function checkTopologies(topologies: NonNullable<StorageClass['allowedTopologies']>, errors: FieldError[]): void {
  const sameTopology = repeats(topologies, ({ matchLabelExpressions = [] }) =>
    JSON.stringify(matchLabelExpressions.map(({ key, values = [] }) => [key, ...values])),
  )
  topologies.forEach(({ matchLabelExpressions = [] }, i) => {
    const path = `allowedTopologies[${i}].matchLabelExpressions`
    const sameKey = repeats(matchLabelExpressions, ({ key }) => key)
    matchLabelExpressions.forEach(({ key, values = [] }, j) => {
      const at = `${path}[${j}]`
      if (values.length === 0) errors.push(required(`${at}.values`))
      for (const k of repeats(values, value => value)) errors.push(duplicate(`${at}.values[${k}]`, values[k]))
      report(errors, `${at}.key`, key, qualifiedName(key))
      if (sameKey.has(j)) errors.push(duplicate(`${at}.key`, key))
    })
    if (matchLabelExpressions.length === 0 || sameTopology.has(i)) errors.push(duplicate(path, ''))
  })
}

export function validateStorageClassUpdate(now: StorageClass, old: StorageClass): readonly FieldError[] {
  const errors: FieldError[] = []
  for (const field of ['parameters', 'provisioner', 'reclaimPolicy', 'volumeBindingMode'] as const) checkImmutable(now[field], old[field], field, errors)
  return errors
}
