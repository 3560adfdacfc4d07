import { PersistentVolume } from '../../types/core/persistent-volume.ts'
import { AGE, NAME, text, wide } from '../columns.ts'
import type { Kind } from '../kind.ts'
import { keepStatus } from '../status.ts'
import { accessModesCell } from './persistent-volume-claim.ts'
import { prepareVolumeForCreate, validateVolume, validateVolumeUpdate } from './persistent-volume-rules.ts'
import { volumeWarnings } from './volume-warnings.ts'

const phase = (volume: PersistentVolume): string => (volume.metadata.deletionTimestamp ? 'Terminating' : (volume.status.phase ?? ''))

export const PersistentVolumes: Kind<PersistentVolume> = {
  group: '',
  version: 'v1',
  kind: 'PersistentVolume',
  resource: 'persistentvolumes',
  singular: 'persistentvolume',
  shortNames: ['pv'],
  namespaced: false,
  schema: PersistentVolume,
  subresources: { status: true },
  notEnforced: true,
  prepareForCreate: prepareVolumeForCreate,
  prepareForUpdate: keepStatus,
  validate: validateVolume,
  validateUpdate: validateVolumeUpdate,
  warnings: volumeWarnings,
  columns: [
    NAME,
    text('Capacity', 'Size of the volume.', volume => volume.spec.capacity?.['storage'] ?? ''),
    text('Access Modes', 'How it can be mounted.', volume => accessModesCell(volume.spec.accessModes)),
    text('Reclaim Policy', 'What becomes of it when it is released.', volume => volume.spec.persistentVolumeReclaimPolicy ?? ''),
    text('Status', 'Whether it is free, bound or released.', phase),
    text('Claim', 'Who has it.', volume => (volume.spec.claimRef ? `${volume.spec.claimRef.namespace ?? ''}/${volume.spec.claimRef.name ?? ''}` : '')),
    text(
      'StorageClass',
      'Class of the volume.',
      volume => volume.metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] ?? volume.spec.storageClassName ?? '',
    ),
    text('VolumeAttributesClass', 'Class of its attributes.', volume => volume.spec.volumeAttributesClassName ?? '<unset>'),
    text('Reason', 'Why it is in that state.', volume => volume.status.reason ?? ''),
    AGE,
    wide('VolumeMode', 'File system or block device.', volume => volume.spec.volumeMode ?? '<unset>'),
  ],
}
