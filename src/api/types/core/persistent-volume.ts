import type { ObjectOf } from '../../meta/object.ts'
import { boolean, explicit, granular, list, map, message, opt, quantity, req, type Static, string, time, withDefault } from '../../schema/build.ts'
import { ObjectMeta } from '../meta.ts'
import { VolumeNodeAffinity } from './affinity.ts'
import { ObjectReference, SecretReference } from './reference.ts'
import {
  AWSElasticBlockStoreVolumeSource,
  AzureDiskVolumeSource,
  AzureFilePersistentVolumeSource,
  CephFSPersistentVolumeSource,
  CinderPersistentVolumeSource,
  FCVolumeSource,
  FlexPersistentVolumeSource,
  FlockerVolumeSource,
  GCEPersistentDiskVolumeSource,
  GlusterfsPersistentVolumeSource,
  ISCSIPersistentVolumeSource,
  NFSVolumeSource,
  PhotonPersistentDiskVolumeSource,
  PortworxVolumeSource,
  QuobyteVolumeSource,
  RBDPersistentVolumeSource,
  ScaleIOPersistentVolumeSource,
  StorageOSPersistentVolumeSource,
  VsphereVirtualDiskVolumeSource,
} from './storage-systems.ts'
import { HostPathVolumeSource } from './volume.ts'
import { PersistentVolumeClaimSpec } from './volume-claim.ts'

export const CSIPersistentVolumeSource = message(
  'core.v1.CSIPersistentVolumeSource',
  {
    controllerExpandSecretRef: opt(9, SecretReference, 'Secret for growing the volume.'),
    controllerPublishSecretRef: opt(6, SecretReference, 'Secret for attaching the volume.'),
    driver: req(1, string, 'Name of the driver.'),
    fsType: opt(4, string, 'File system to mount.'),
    nodeExpandSecretRef: opt(10, SecretReference, 'Secret for growing the volume on the node.'),
    nodePublishSecretRef: opt(8, SecretReference, 'Secret for mounting the volume.'),
    nodeStageSecretRef: opt(7, SecretReference, 'Secret for staging the volume.'),
    readOnly: opt(3, boolean, 'Mounts without the right to write.'),
    volumeAttributes: opt(5, map(string), 'Parameters for the driver.'),
    volumeHandle: req(2, string, 'Id of the volume at the driver.'),
  },
  { doc: 'A volume of a CSI driver.' },
)
export type CSIPersistentVolumeSource = Static<typeof CSIPersistentVolumeSource>

export const LocalVolumeSource = message(
  'core.v1.LocalVolumeSource',
  {
    fsType: opt(2, explicit(string), 'File system to mount, for a disk.'),
    path: req(1, string, 'Path of the directory or disk.'),
  },
  { doc: 'Storage of one node.' },
)
export type LocalVolumeSource = Static<typeof LocalVolumeSource>

export const PersistentVolumeSpec = message(
  'core.v1.PersistentVolumeSpec',
  {
    accessModes: opt(3, list(string, { list: 'atomic' }), 'How it can be mounted.'),
    awsElasticBlockStore: opt([2, 2], AWSElasticBlockStoreVolumeSource, 'An AWS disk.'),
    azureDisk: opt([2, 16], AzureDiskVolumeSource, 'An Azure disk.'),
    azureFile: opt([2, 13], AzureFilePersistentVolumeSource, 'An Azure file share.'),
    capacity: opt(1, map(quantity), 'Its capacity.'),
    cephfs: opt([2, 9], CephFSPersistentVolumeSource, 'A CephFS directory.'),
    cinder: opt([2, 8], CinderPersistentVolumeSource, 'An OpenStack disk.'),
    claimRef: opt(4, granular(ObjectReference), 'The claim it is bound to.'),
    csi: opt([2, 22], CSIPersistentVolumeSource, 'A volume of a CSI driver.'),
    fc: opt([2, 10], FCVolumeSource, 'A Fibre Channel disk.'),
    flexVolume: opt([2, 12], FlexPersistentVolumeSource, 'A volume of a FlexVolume plugin.'),
    flocker: opt([2, 11], FlockerVolumeSource, 'A Flocker volume.'),
    gcePersistentDisk: opt([2, 1], GCEPersistentDiskVolumeSource, 'A Google Cloud disk.'),
    glusterfs: opt([2, 4], GlusterfsPersistentVolumeSource, 'A Gluster volume.'),
    hostPath: opt([2, 3], HostPathVolumeSource, 'A directory of a node.'),
    iscsi: opt([2, 7], ISCSIPersistentVolumeSource, 'An iSCSI disk.'),
    local: opt([2, 20], LocalVolumeSource, 'A directory or disk of one node.'),
    mountOptions: opt(7, list(string, { list: 'atomic' }), 'Options for mounting.'),
    nfs: opt([2, 5], NFSVolumeSource, 'A directory of an NFS server.'),
    nodeAffinity: opt(9, VolumeNodeAffinity, 'Nodes it can be reached from.'),
    persistentVolumeReclaimPolicy: opt(5, withDefault(string, 'Retain'), 'What happens after its claim is gone: Retain, Delete or Recycle.'),
    photonPersistentDisk: opt([2, 17], PhotonPersistentDiskVolumeSource, 'A Photon disk.'),
    portworxVolume: opt([2, 18], PortworxVolumeSource, 'A Portworx volume.'),
    quobyte: opt([2, 15], QuobyteVolumeSource, 'A Quobyte volume.'),
    rbd: opt([2, 6], RBDPersistentVolumeSource, 'A Ceph block device.'),
    scaleIO: opt([2, 19], ScaleIOPersistentVolumeSource, 'A ScaleIO volume.'),
    storageClassName: opt(6, string, 'Storage class it belongs to.'),
    storageos: opt([2, 21], StorageOSPersistentVolumeSource, 'A StorageOS volume.'),
    volumeAttributesClassName: opt(10, explicit(string), 'Class of attributes.'),
    volumeMode: opt(8, withDefault(explicit(string), 'Filesystem'), 'Filesystem or Block.'),
    vsphereVolume: opt([2, 14], VsphereVirtualDiskVolumeSource, 'A vSphere disk.'),
  },
  { doc: 'A piece of storage: its capacity and one source.' },
)
export type PersistentVolumeSpec = Static<typeof PersistentVolumeSpec>

export const PersistentVolumeStatus = message(
  'core.v1.PersistentVolumeStatus',
  {
    lastPhaseTransitionTime: opt(4, time, 'When the phase last changed.'),
    message: opt(2, string, 'What a person should know about the phase.'),
    phase: opt(1, withDefault(string, 'Pending'), 'Pending, Available, Bound, Released or Failed.'),
    reason: opt(3, string, 'One word for the phase.'),
  },
  { doc: 'What a volume is doing.' },
)
export type PersistentVolumeStatus = Static<typeof PersistentVolumeStatus>

export const PersistentVolume = message(
  'core.v1.PersistentVolume',
  {
    metadata: opt(1, ObjectMeta, 'Standard metadata of the object.'),
    spec: opt(2, PersistentVolumeSpec, 'What it is.'),
    status: opt(3, PersistentVolumeStatus, 'What it is doing.'),
  },
  { kind: true, doc: 'A piece of storage.' },
)
export type PersistentVolume = ObjectOf<Static<typeof PersistentVolume>>

export const PersistentVolumeClaimCondition = message(
  'core.v1.PersistentVolumeClaimCondition',
  {
    lastProbeTime: opt(3, time, 'When it was last looked at.'),
    lastTransitionTime: opt(4, time, 'When the status last changed.'),
    message: opt(6, string, 'What a person should know about it.'),
    reason: opt(5, string, 'One word for why it last changed.'),
    status: req(2, string, 'True, False or Unknown.'),
    type: req(1, string, 'What the condition is about.'),
  },
  { doc: "One aspect of a claim's state." },
)
export type PersistentVolumeClaimCondition = Static<typeof PersistentVolumeClaimCondition>

export const ModifyVolumeStatus = message(
  'core.v1.ModifyVolumeStatus',
  {
    status: req(2, string, 'Pending, InProgress or Infeasible.'),
    targetVolumeAttributesClassName: opt(1, string, 'Class of attributes that is being reached for.'),
  },
  { doc: 'State of a change of attributes.' },
)
export type ModifyVolumeStatus = Static<typeof ModifyVolumeStatus>

export const PersistentVolumeClaimStatus = message(
  'core.v1.PersistentVolumeClaimStatus',
  {
    accessModes: opt(2, list(string, { list: 'atomic' }), 'Access modes of the volume.'),
    allocatedResourceStatuses: opt(7, granular(map(string)), 'State of a resize, by resource.'),
    allocatedResources: opt(5, map(quantity), 'Capacity set aside, also during a resize.'),
    capacity: opt(3, map(quantity), 'Capacity of the volume.'),
    conditions: opt(
      4,
      list(PersistentVolumeClaimCondition, { list: 'map', keys: ['type'], patch: 'merge', mergeKey: 'type' }),
      'Present conditions of the claim.',
    ),
    currentVolumeAttributesClassName: opt(8, explicit(string), 'Class of attributes in force.'),
    modifyVolumeStatus: opt(9, ModifyVolumeStatus, 'State of a change of attributes.'),
    phase: opt(1, withDefault(string, 'Pending'), 'Pending, Bound or Lost.'),
  },
  { doc: 'What a claim was given.' },
)
export type PersistentVolumeClaimStatus = Static<typeof PersistentVolumeClaimStatus>

export const PersistentVolumeClaim = message(
  'core.v1.PersistentVolumeClaim',
  {
    metadata: opt(1, ObjectMeta, 'Standard metadata of the object.'),
    spec: opt(2, PersistentVolumeClaimSpec, 'What is asked for.'),
    status: opt(3, PersistentVolumeClaimStatus, 'What was given.'),
  },
  { kind: true, doc: 'A request for storage.' },
)
export type PersistentVolumeClaim = ObjectOf<Static<typeof PersistentVolumeClaim>>
