import { explicit, list, message, opt, req, type Static, string, withDefault } from '../../schema/build.ts'
import { LabelSelector, ObjectMeta } from '../meta.ts'
import { TypedLocalObjectReference, TypedObjectReference } from './reference.ts'
import { VolumeResourceRequirements } from './resources.ts'

export const PersistentVolumeClaimSpec = message(
  'core.v1.PersistentVolumeClaimSpec',
  {
    accessModes: opt(1, list(string, { list: 'atomic' }), 'ReadWriteOnce, ReadOnlyMany, ReadWriteMany or ReadWriteOncePod.'),
    dataSource: opt(7, TypedLocalObjectReference, 'Snapshot or claim the volume begins with.'),
    dataSourceRef: opt(8, TypedObjectReference, 'As dataSource, for objects of any kind.'),
    resources: opt(2, withDefault(VolumeResourceRequirements, {}), 'How much storage is wanted.'),
    selector: opt(4, LabelSelector, 'Selects volumes by their labels.'),
    storageClassName: opt(5, explicit(string), 'The storage class; empty for volumes of no class.'),
    volumeAttributesClassName: opt(9, explicit(string), 'Class of attributes that can change later.'),
    volumeMode: opt(6, withDefault(explicit(string), 'Filesystem'), 'Filesystem or Block.'),
    volumeName: opt(3, string, 'The volume the claim is bound to.'),
  },
  { doc: 'What a claim asks for.' },
)
export type PersistentVolumeClaimSpec = Static<typeof PersistentVolumeClaimSpec>

export const PersistentVolumeClaimTemplate = message(
  'core.v1.PersistentVolumeClaimTemplate',
  {
    metadata: opt(1, withDefault(ObjectMeta, {}), 'Labels and annotations of the claim.'),
    spec: req(2, PersistentVolumeClaimSpec, 'What the claim asks for.'),
  },
  { doc: 'What a claim is made from.' },
)
export type PersistentVolumeClaimTemplate = Static<typeof PersistentVolumeClaimTemplate>
