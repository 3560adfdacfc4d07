import type { ObjectOf } from '../../meta/object.ts'
import { boolean, explicit, int32, int64, list, message, opt, req, type Static, string, withDefault } from '../../schema/build.ts'
import { ObjectMeta } from '../meta.ts'

export const TokenRequest = message(
  'storage.v1.TokenRequest',
  {
    audience: req(1, string, 'Who the token is for.'),
    expirationSeconds: opt(2, explicit(int64), 'Lifetime of the token.'),
  },
  { doc: 'A token for a driver.' },
)
export type TokenRequest = Static<typeof TokenRequest>

export const CSIDriverSpec = message(
  'storage.v1.CSIDriverSpec',
  {
    attachRequired: opt(1, withDefault(explicit(boolean), true), 'Whether volumes must be attached before they are mounted.'),
    fsGroupPolicy: opt(
      5,
      withDefault(explicit(string), 'ReadWriteOnceWithFSType'),
      'Whether the owner of files is changed: ReadWriteOnceWithFSType, File or None.',
    ),
    nodeAllocatableUpdatePeriodSeconds: opt(9, explicit(int64), 'Seconds between two looks at how many volumes a node can take.'),
    podInfoOnMount: opt(2, withDefault(explicit(boolean), false), 'Whether it wants to know the pod.'),
    preventPodSchedulingIfMissing: opt(11, boolean, 'Keeps pods from nodes without the driver.'),
    requiresRepublish: opt(7, withDefault(explicit(boolean), false), 'Whether it wants to be called again and again.'),
    seLinuxMount: opt(8, withDefault(explicit(boolean), false), 'Whether it mounts with an SELinux context.'),
    serviceAccountTokenInSecrets: opt(10, explicit(boolean), 'Whether tokens come with the secrets.'),
    storageCapacity: opt(4, withDefault(explicit(boolean), false), 'Whether it reports its capacity.'),
    tokenRequests: opt(6, list(TokenRequest, { list: 'atomic' }), 'Tokens it wants of the pod.'),
    volumeLifecycleModes: opt(3, list(string, { list: 'set' }), 'Persistent, Ephemeral or both.'),
  },
  { doc: 'What a CSI driver can do and wants.' },
)
export type CSIDriverSpec = Static<typeof CSIDriverSpec>

export const CSIDriver = message(
  'storage.v1.CSIDriver',
  {
    metadata: opt(1, ObjectMeta, 'Standard metadata of the object.'),
    spec: req(2, CSIDriverSpec, 'The facts.'),
  },
  { kind: true, doc: 'What a CSI driver can do and wants.' },
)
export type CSIDriver = ObjectOf<Static<typeof CSIDriver>>

export const VolumeNodeResources = message(
  'storage.v1.VolumeNodeResources',
  {
    count: opt(1, explicit(int32), 'How many volumes.'),
  },
  { doc: 'What a node can take.' },
)
export type VolumeNodeResources = Static<typeof VolumeNodeResources>

export const CSINodeDriver = message(
  'storage.v1.CSINodeDriver',
  {
    allocatable: opt(4, VolumeNodeResources, 'What the node can take of it.'),
    name: req(1, string, 'Name of the driver.'),
    nodeID: req(2, string, 'Id of the node at the driver.'),
    topologyKeys: opt(3, list(string, { list: 'atomic' }), 'Node labels that say where it is.'),
  },
  { doc: 'One driver of a node.' },
)
export type CSINodeDriver = Static<typeof CSINodeDriver>

export const CSINodeSpec = message(
  'storage.v1.CSINodeSpec',
  {
    drivers: req(1, list(CSINodeDriver, { list: 'map', keys: ['name'], patch: 'merge', mergeKey: 'name' }), 'The drivers.'),
  },
  { doc: 'The drivers of a node.' },
)
export type CSINodeSpec = Static<typeof CSINodeSpec>

export const CSINode = message(
  'storage.v1.CSINode',
  {
    metadata: opt(1, ObjectMeta, 'Standard metadata of the object.'),
    spec: req(2, CSINodeSpec, 'The drivers.'),
  },
  { kind: true, doc: 'The CSI drivers of a node.' },
)
export type CSINode = ObjectOf<Static<typeof CSINode>>
