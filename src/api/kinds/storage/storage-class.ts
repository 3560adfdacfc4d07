import { StorageClass } from '../../types/storage/storage-class.ts'
import { AGE, NAME, text } from '../columns.ts'
import { oldLabel } from '../core/old-labels.ts'
import type { Column, Kind } from '../kind.ts'
import { validateStorageClass, validateStorageClassUpdate } from './storage-class-rules.ts'

const IS_DEFAULT = ['storageclass.kubernetes.io/is-default-class', 'storageclass.beta.kubernetes.io/is-default-class']

const name: Column<StorageClass> = {
  ...NAME,
  cell: storage => (IS_DEFAULT.some(a => storage.metadata.annotations?.[a] === 'true') ? `${storage.metadata.name} (default)` : storage.metadata.name),
}

const topologyWarnings = ({ allowedTopologies }: StorageClass): readonly string[] =>
  (allowedTopologies ?? []).flatMap(({ matchLabelExpressions }, i) =>
    (matchLabelExpressions ?? []).flatMap(({ key }, j) => {
      const why = oldLabel(key)
      return why ? [`allowedTopologies[${i}].matchLabelExpressions[${j}].key: ${why}`] : []
    }),
  )

export const StorageClasses: Kind<StorageClass> = {
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'StorageClass',
  resource: 'storageclasses',
  singular: 'storageclass',
  shortNames: ['sc'],
  namespaced: false,
  schema: StorageClass,
  notEnforced: true,
  validate: validateStorageClass,
  validateUpdate: validateStorageClassUpdate,
  warnings: topologyWarnings,
  columns: [
    name,
    text('Provisioner', 'Who makes the volumes.', storage => storage.provisioner),
    text('ReclaimPolicy', 'What becomes of a volume that is released.', storage => storage.reclaimPolicy ?? 'Delete'),
    text('VolumeBindingMode', 'When a claim is bound.', storage => storage.volumeBindingMode ?? '<unset>'),
    text('AllowVolumeExpansion', 'Whether volumes may grow.', storage => storage.allowVolumeExpansion ?? '<unset>'),
    AGE,
  ],
}
