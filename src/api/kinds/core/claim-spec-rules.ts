import { type FieldError, forbiddenField, invalid, notSupported, required } from '../../meta/field-error.ts'
import { dnsLabel, dnsSubdomain } from '../../meta/names.ts'
import { report } from '../../meta/object-meta.ts'
import { isNegative, nanoValue } from '../../meta/quantity.ts'
import { semanticEqual } from '../../meta/semantic-equal.ts'
import type { PersistentVolumeClaimSpec } from '../../types/core/volume-claim.ts'
import { checkOptionalChoice } from '../choice.ts'
import { checkLabelSelector } from '../label-selector.ts'

const MODES = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod']
export const VOLUME_MODES = ['Block', 'Filesystem']
const POSITIVE = 'must be greater than zero'

export function checkModes(modes: readonly string[], path: string, errors: FieldError[]): void {
  for (const mode of modes) if (!MODES.includes(mode)) errors.push(notSupported(path, mode, MODES))
  if (modes.includes('ReadWriteOncePod') && modes.some(mode => mode !== 'ReadWriteOncePod' && MODES.includes(mode))) {
    errors.push(forbiddenField(path, 'may not use ReadWriteOncePod with other access modes'))
  }
}

export function checkPositive(amount: string, path: string, errors: FieldError[]): void {
  if (isNegative(amount) || nanoValue(amount) === 0n) errors.push(invalid(path, amount, POSITIVE))
}

export function checkClassName(name: string | undefined | null, path: string, errors: FieldError[]): void {
  if (name) report(errors, path, name, dnsSubdomain(name))
}

/** What is asked of a volume, by a claim or by the template of one. */
export function checkClaimSpec(spec: PersistentVolumeClaimSpec, path: string, errors: FieldError[]): void {
  if (!spec.accessModes?.length) errors.push(required(`${path}.accessModes`, 'at least 1 access mode is required'))
  checkLabelSelector(spec.selector, `${path}.selector`, errors)
  checkModes(spec.accessModes ?? [], `${path}.accessModes`, errors)
  const size = spec.resources?.requests?.['storage']
  if (size === undefined) errors.push(required(`${path}.resources[storage]`))
  else checkPositive(size, `${path}.resources[storage]`, errors)
  checkClassName(spec.storageClassName, `${path}.storageClassName`, errors)
  checkOptionalChoice(spec.volumeMode, VOLUME_MODES, `${path}.volumeMode`, errors)
  checkDataSources(spec, path, errors)
  checkClassName(spec.volumeAttributesClassName, `${path}.volumeAttributesClassName`, errors)
}

type DataSource = NonNullable<PersistentVolumeClaimSpec['dataSourceRef']>

function checkDataSource({ name, kind, apiGroup, namespace }: DataSource, path: string, errors: FieldError[]): void {
  if (!name) errors.push(required(`${path}.name`))
  if (!kind) errors.push(required(`${path}.kind`))
  if (!apiGroup && kind !== 'PersistentVolumeClaim') {
    errors.push(invalid(path, kind, "must be 'PersistentVolumeClaim' when referencing the default apiGroup"))
  }
  if (apiGroup) report(errors, `${path}.apiGroup`, apiGroup, dnsSubdomain(apiGroup))
  if (namespace) report(errors, `${path}.namespace`, namespace, dnsLabel(namespace))
}

function checkDataSources({ dataSource, dataSourceRef }: PersistentVolumeClaimSpec, path: string, errors: FieldError[]): void {
  if (dataSource) checkDataSource(dataSource, `${path}.dataSource`, errors)
  if (dataSourceRef) checkDataSource(dataSourceRef, `${path}.dataSourceRef`, errors)
  if (!dataSource || !dataSourceRef) return
  const { namespace, ...rest } = dataSourceRef
  if (namespace) errors.push(invalid(path, `${path}.dataSource`, 'may not be specified when dataSourceRef.namespace is specified'))
  else if (!semanticEqual(rest, dataSource)) errors.push(invalid(path, `${path}.dataSource`, 'must match dataSourceRef'))
}
