import type { ObjectOf } from '../../meta/object.ts'
import { boolean, explicit, list, map, message, opt, req, type Static, string, withDefault } from '../../schema/build.ts'
import { TopologySelectorTerm } from '../core/affinity.ts'
import { ObjectMeta } from '../meta.ts'

export const StorageClass = message(
  'storage.v1.StorageClass',
  {
    allowVolumeExpansion: opt(6, explicit(boolean), 'Whether volumes can grow.'),
    allowedTopologies: opt(8, list(TopologySelectorTerm, { list: 'atomic' }), 'Where volumes may be made.'),
    metadata: opt(1, ObjectMeta, 'Standard metadata of the object.'),
    mountOptions: opt(5, list(string, { list: 'atomic' }), 'Options for mounting.'),
    parameters: opt(3, map(string), 'Parameters for the provisioner.'),
    provisioner: req(2, string, 'Who makes the volumes.'),
    reclaimPolicy: opt(4, withDefault(explicit(string), 'Delete'), 'What happens after the claim is gone: Delete or Retain.'),
    volumeBindingMode: opt(7, withDefault(explicit(string), 'Immediate'), 'Immediate or WaitForFirstConsumer.'),
  },
  { kind: true, doc: 'A kind of storage that claims can ask for.' },
)
export type StorageClass = ObjectOf<Static<typeof StorageClass>>
