import { type FieldError, forbiddenField, invalid } from '../../meta/field-error.ts'
import type { Draft } from '../../meta/object.ts'
import { compareQuantities } from '../../meta/quantity.ts'
import { differences, semanticEqual } from '../../meta/semantic-equal.ts'
import type { PersistentVolumeClaim } from '../../types/core/persistent-volume.ts'
import type { PersistentVolumeClaimSpec } from '../../types/core/volume-claim.ts'
import { checkImmutable } from '../immutable.ts'
import { keepStatus } from '../status.ts'
import { checkClaimSpec } from './claim-spec-rules.ts'

const BETA_CLASS = 'volume.beta.kubernetes.io/storage-class'

export function prepareClaimForCreate(claim: Draft<PersistentVolumeClaim>): void {
  claim.status = { phase: 'Pending' }
  dropForeignSource(claim.spec)
  dropUnknownSource(claim.spec)
  pairDataSources(claim.spec)
}

export function prepareClaimForUpdate(claim: Draft<PersistentVolumeClaim>, old: PersistentVolumeClaim): void {
  keepStatus(claim, old)
  if (!old.spec.dataSourceRef) dropForeignSource(claim.spec)
  if (!old.spec.dataSource && !old.spec.dataSourceRef) dropUnknownSource(claim.spec)
  pairDataSources(claim.spec)
}

/** A source in another namespace is behind a feature gate that is off. */
function dropForeignSource(spec: Draft<PersistentVolumeClaimSpec>): void {
  if (spec.dataSourceRef?.namespace) delete spec.dataSourceRef
}

/** The old field means claims and snapshots alone; anything else in it never had an effect. */
function dropUnknownSource(spec: Draft<PersistentVolumeClaimSpec>): void {
  const { dataSource, dataSourceRef } = spec
  if (!dataSource || dataSourceRef) return
  const { apiGroup = '', kind } = dataSource
  const isClaim = apiGroup === '' && kind === 'PersistentVolumeClaim'
  const isSnapshot = apiGroup === 'snapshot.storage.k8s.io' && kind === 'VolumeSnapshot'
  if (!isClaim && !isSnapshot) delete spec.dataSource
}

/** The old field and the new one say the same where one of them is left out. */
function pairDataSources(spec: Draft<PersistentVolumeClaimSpec>): void {
  const { dataSource, dataSourceRef } = spec
  if (dataSource && !dataSourceRef) spec.dataSourceRef = { ...dataSource }
  else if (dataSourceRef && !dataSource && !dataSourceRef.namespace) {
    const { namespace: _, ...rest } = dataSourceRef
    spec.dataSource = rest
  }
}

export function validateClaim({ spec }: PersistentVolumeClaim): readonly FieldError[] {
  const errors: FieldError[] = []
  checkClaimSpec(spec, 'spec', errors)
  return errors
}

/** A claim's wish is fixed, but for its volume (once); once it is bound, its size may grow and its attributes change. */
export function validateClaimUpdate(now: PersistentVolumeClaim, old: PersistentVolumeClaim): readonly FieldError[] {
  const errors: FieldError[] = []
  const betaClass = old.metadata.annotations?.[BETA_CLASS]
  if ((now.metadata.annotations?.[BETA_CLASS] ?? '') !== (betaClass ?? '')) {
    errors.push(invalid(`metadata.annotations[${BETA_CLASS}]`, now.metadata.annotations?.[BETA_CLASS] ?? '', 'field is immutable'))
  }
  const bound = now.status.phase === 'Bound'
  const classMayCome =
    old.spec.storageClassName == null && now.spec.storageClassName != null && (betaClass ?? now.spec.storageClassName) === now.spec.storageClassName
  const requests = now.spec.resources?.requests
  const wish = {
    ...now.spec,
    ...(!old.spec.volumeName && { volumeName: old.spec.volumeName }),
    ...(classMayCome && { storageClassName: old.spec.storageClassName }),
    ...(bound && requests && { resources: { ...now.spec.resources, requests: { ...requests, storage: old.spec.resources?.requests?.['storage'] } } }),
    ...(bound && { volumeAttributesClassName: old.spec.volumeAttributesClassName }),
  }
  if (!semanticEqual(wish, old.spec)) {
    const changed = differences(old.spec, wish, 'spec').join(', ')
    const rule = 'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims'
    errors.push(forbiddenField('spec', `${rule}\nchanged: ${changed}`))
  }
  checkSize(now, old, errors)
  checkImmutable(now.spec.volumeMode, old.spec.volumeMode, 'volumeMode', errors)
  const current = old.status.currentVolumeAttributesClassName
  if (current != null && !now.spec.volumeAttributesClassName) {
    const what = now.spec.volumeAttributesClassName == null ? 'nil' : 'empty string'
    errors.push(forbiddenField('spec.volumeAttributesClassName', `update to ${what} is forbidden when status.currentVolumeAttributesClassName is not nil`))
  }
  return errors
}

/** A size may be taken back only as long as the volume has not grown to it. */
function checkSize(now: PersistentVolumeClaim, old: PersistentVolumeClaim, errors: FieldError[]): void {
  const size = now.spec.resources?.requests?.['storage'] ?? '0'
  if (compareQuantities(size, old.spec.resources?.requests?.['storage'] ?? '0') >= 0) return
  if (compareQuantities(size, old.status.capacity?.['storage'] ?? '0') <= 0) {
    errors.push(forbiddenField('spec.resources.requests.storage', 'field can not be less than status.capacity'))
  }
}
