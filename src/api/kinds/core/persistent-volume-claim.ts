import { PersistentVolumeClaim } from '../../types/core/persistent-volume.ts'
import { AGE, NAME, text, wide } from '../columns.ts'
import type { Kind } from '../kind.ts'
import { prepareClaimForCreate, prepareClaimForUpdate, validateClaim, validateClaimUpdate } from './persistent-volume-claim-rules.ts'
import { claimWarnings } from './volume-warnings.ts'

const SHORT: readonly (readonly [mode: string, short: string])[] = [
  ['ReadWriteOnce', 'RWO'],
  ['ReadOnlyMany', 'ROX'],
  ['ReadWriteMany', 'RWX'],
  ['ReadWriteOncePod', 'RWOP'],
]

/** Access modes as kubectl prints them: `RWO,ROX`. */
export const accessModesCell = (modes: readonly string[] | undefined): string =>
  SHORT.filter(([mode]) => (modes ?? []).includes(mode))
    .map(([, short]) => short)
    .join(',')

const isBound = (claim: PersistentVolumeClaim): boolean => !!claim.spec.volumeName

export const PersistentVolumeClaims: Kind<PersistentVolumeClaim> = {
  group: '',
  version: 'v1',
  kind: 'PersistentVolumeClaim',
  resource: 'persistentvolumeclaims',
  singular: 'persistentvolumeclaim',
  shortNames: ['pvc'],
  namespaced: true,
  schema: PersistentVolumeClaim,
  subresources: { status: true },
  notEnforced: true,
  prepareForCreate: prepareClaimForCreate,
  prepareForUpdate: prepareClaimForUpdate,
  validate: validateClaim,
  validateUpdate: validateClaimUpdate,
  warnings: claimWarnings,
  columns: [
    NAME,
    text('Status', 'Whether it has a volume.', claim => (claim.metadata.deletionTimestamp ? 'Terminating' : (claim.status.phase ?? ''))),
    text('Volume', 'The volume it has.', claim => claim.spec.volumeName ?? ''),
    text('Capacity', 'Size of that volume.', claim => (isBound(claim) ? (claim.status.capacity?.['storage'] ?? '0') : '')),
    text('Access Modes', 'How it can be mounted.', claim => (isBound(claim) ? accessModesCell(claim.status.accessModes) : '')),
    text(
      'StorageClass',
      'Class of volume it wants.',
      claim => claim.metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] ?? claim.spec.storageClassName ?? '',
    ),
    text('VolumeAttributesClass', 'Class of attributes it wants.', claim => claim.spec.volumeAttributesClassName ?? '<unset>'),
    AGE,
    wide('VolumeMode', 'File system or block device.', claim => claim.spec.volumeMode ?? '<unset>'),
  ],
}
