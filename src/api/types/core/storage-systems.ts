import { boolean, explicit, int32, list, type MessageOf, map, message, opt, req, type Static, string, withDefault } from '../../schema/build.ts'
import { LocalObjectReference, ObjectReference, SecretReference } from './reference.ts'

// Volumes of storage systems, as a pod and as a PersistentVolume name them: many differ only in where the Secret is looked for.

export const AWSElasticBlockStoreVolumeSource = message(
  'core.v1.AWSElasticBlockStoreVolumeSource',
  {
    fsType: opt(2, string, 'File system to mount.'),
    partition: opt(3, int32, 'Partition to mount; 0 for the whole disk.'),
    readOnly: opt(4, boolean, 'Mounts without the right to write.'),
    volumeID: req(1, string, 'Id of the disk.'),
  },
  { doc: 'An AWS disk.' },
)
export type AWSElasticBlockStoreVolumeSource = Static<typeof AWSElasticBlockStoreVolumeSource>

export const AzureDiskVolumeSource = message(
  'core.v1.AzureDiskVolumeSource',
  {
    cachingMode: opt(3, withDefault(explicit(string), 'ReadWrite'), 'None, ReadOnly or ReadWrite.'),
    diskName: req(1, string, 'Name of the disk.'),
    diskURI: req(2, string, 'Address of the disk.'),
    fsType: opt(4, withDefault(explicit(string), 'ext4'), 'File system to mount.'),
    kind: opt(6, withDefault(explicit(string), 'Shared'), 'Shared, Dedicated or Managed.'),
    readOnly: opt(5, withDefault(explicit(boolean), false), 'Mounts without the right to write.'),
  },
  { doc: 'An Azure disk.' },
)
export type AzureDiskVolumeSource = Static<typeof AzureDiskVolumeSource>

export const AzureFileVolumeSource = message(
  'core.v1.AzureFileVolumeSource',
  {
    readOnly: opt(3, boolean, 'Mounts without the right to write.'),
    secretName: req(1, string, "Secret with the account's name and key."),
    shareName: req(2, string, 'Name of the share.'),
  },
  { doc: 'An Azure file share.' },
)
export type AzureFileVolumeSource = Static<typeof AzureFileVolumeSource>

export const AzureFilePersistentVolumeSource = message(
  'core.v1.AzureFilePersistentVolumeSource',
  {
    readOnly: opt(3, boolean, 'Mounts without the right to write.'),
    secretName: req(1, string, "Secret with the account's name and key."),
    secretNamespace: opt(4, explicit(string), 'Namespace of the Secret.'),
    shareName: req(2, string, 'Name of the share.'),
  },
  { doc: 'An Azure file share.' },
)
export type AzureFilePersistentVolumeSource = Static<typeof AzureFilePersistentVolumeSource>

const cephFS = <T>(secret: MessageOf<T>) => ({
  monitors: req(1, list(string, { list: 'atomic' }), 'Addresses of the monitors.'),
  path: opt(2, string, 'Root that is mounted.'),
  readOnly: opt(6, boolean, 'Mounts without the right to write.'),
  secretFile: opt(4, string, 'File on the node with the key.'),
  secretRef: opt(5, secret, 'Secret with the key.'),
  user: opt(3, string, 'User to mount as.'),
})

export const CephFSVolumeSource = message('core.v1.CephFSVolumeSource', cephFS(LocalObjectReference), { doc: 'A CephFS directory.' })
export type CephFSVolumeSource = Static<typeof CephFSVolumeSource>

export const CephFSPersistentVolumeSource = message('core.v1.CephFSPersistentVolumeSource', cephFS(SecretReference), { doc: 'A CephFS directory.' })
export type CephFSPersistentVolumeSource = Static<typeof CephFSPersistentVolumeSource>

const cinder = <T>(secret: MessageOf<T>) => ({
  fsType: opt(2, string, 'File system to mount.'),
  readOnly: opt(3, boolean, 'Mounts without the right to write.'),
  secretRef: opt(4, secret, 'Secret with the parameters for OpenStack.'),
  volumeID: req(1, string, 'Id of the disk.'),
})

export const CinderVolumeSource = message('core.v1.CinderVolumeSource', cinder(LocalObjectReference), { doc: 'An OpenStack disk.' })
export type CinderVolumeSource = Static<typeof CinderVolumeSource>

export const CinderPersistentVolumeSource = message('core.v1.CinderPersistentVolumeSource', cinder(SecretReference), { doc: 'An OpenStack disk.' })
export type CinderPersistentVolumeSource = Static<typeof CinderPersistentVolumeSource>

export const FCVolumeSource = message(
  'core.v1.FCVolumeSource',
  {
    fsType: opt(3, string, 'File system to mount.'),
    lun: opt(2, explicit(int32), 'Unit number at the target.'),
    readOnly: opt(4, boolean, 'Mounts without the right to write.'),
    targetWWNs: opt(1, list(string, { list: 'atomic' }), 'World wide names of the targets.'),
    wwids: opt(5, list(string, { list: 'atomic' }), 'World wide identifiers, instead of targets and unit.'),
  },
  { doc: 'A Fibre Channel disk.' },
)
export type FCVolumeSource = Static<typeof FCVolumeSource>

const flex = <T>(secret: MessageOf<T>) => ({
  driver: req(1, string, 'Name of the driver.'),
  fsType: opt(2, string, 'File system to mount.'),
  options: opt(5, map(string), 'Options for the driver.'),
  readOnly: opt(4, boolean, 'Mounts without the right to write.'),
  secretRef: opt(3, secret, 'Secret handed to the driver.'),
})

export const FlexVolumeSource = message('core.v1.FlexVolumeSource', flex(LocalObjectReference), { doc: 'A volume of a FlexVolume plugin.' })
export type FlexVolumeSource = Static<typeof FlexVolumeSource>

export const FlexPersistentVolumeSource = message('core.v1.FlexPersistentVolumeSource', flex(SecretReference), { doc: 'A volume of a FlexVolume plugin.' })
export type FlexPersistentVolumeSource = Static<typeof FlexPersistentVolumeSource>

export const FlockerVolumeSource = message(
  'core.v1.FlockerVolumeSource',
  {
    datasetName: opt(1, string, 'Name of the dataset.'),
    datasetUUID: opt(2, string, 'Id of the dataset.'),
  },
  { doc: 'A Flocker volume.' },
)
export type FlockerVolumeSource = Static<typeof FlockerVolumeSource>

export const GCEPersistentDiskVolumeSource = message(
  'core.v1.GCEPersistentDiskVolumeSource',
  {
    fsType: opt(2, string, 'File system to mount.'),
    partition: opt(3, int32, 'Partition to mount; 0 for the whole disk.'),
    pdName: req(1, string, 'Name of the disk.'),
    readOnly: opt(4, boolean, 'Mounts without the right to write.'),
  },
  { doc: 'A Google Cloud disk.' },
)
export type GCEPersistentDiskVolumeSource = Static<typeof GCEPersistentDiskVolumeSource>

export const GlusterfsVolumeSource = message(
  'core.v1.GlusterfsVolumeSource',
  {
    endpoints: req(1, string, 'Endpoints object with the servers.'),
    path: req(2, string, 'Name of the volume.'),
    readOnly: opt(3, boolean, 'Mounts without the right to write.'),
  },
  { doc: 'A Gluster volume.' },
)
export type GlusterfsVolumeSource = Static<typeof GlusterfsVolumeSource>

export const GlusterfsPersistentVolumeSource = message(
  'core.v1.GlusterfsPersistentVolumeSource',
  {
    endpoints: req(1, string, 'Endpoints object with the servers.'),
    endpointsNamespace: opt(4, explicit(string), 'Namespace of the endpoints.'),
    path: req(2, string, 'Name of the volume.'),
    readOnly: opt(3, boolean, 'Mounts without the right to write.'),
  },
  { doc: 'A Gluster volume.' },
)
export type GlusterfsPersistentVolumeSource = Static<typeof GlusterfsPersistentVolumeSource>

const iscsi = <T>(secret: MessageOf<T>) => ({
  chapAuthDiscovery: opt(8, boolean, 'Authenticates at discovery.'),
  chapAuthSession: opt(11, boolean, 'Authenticates the session.'),
  fsType: opt(5, string, 'File system to mount.'),
  initiatorName: opt(12, explicit(string), 'Name of the initiator.'),
  iqn: req(2, string, 'Qualified name of the target.'),
  iscsiInterface: opt(4, withDefault(string, 'default'), 'Interface to use.'),
  lun: req(3, int32, 'Unit number at the target.'),
  portals: opt(7, list(string, { list: 'atomic' }), 'Further portals of the target.'),
  readOnly: opt(6, boolean, 'Mounts without the right to write.'),
  secretRef: opt(10, secret, 'Secret for authentication.'),
  targetPortal: req(1, string, "Address of the target's portal."),
})

export const ISCSIVolumeSource = message('core.v1.ISCSIVolumeSource', iscsi(LocalObjectReference), { doc: 'An iSCSI disk.' })
export type ISCSIVolumeSource = Static<typeof ISCSIVolumeSource>

export const ISCSIPersistentVolumeSource = message('core.v1.ISCSIPersistentVolumeSource', iscsi(SecretReference), { doc: 'An iSCSI disk.' })
export type ISCSIPersistentVolumeSource = Static<typeof ISCSIPersistentVolumeSource>

export const NFSVolumeSource = message(
  'core.v1.NFSVolumeSource',
  {
    path: req(2, string, 'Path exported by the server.'),
    readOnly: opt(3, boolean, 'Mounts without the right to write.'),
    server: req(1, string, 'Host name or address of the server.'),
  },
  { doc: 'A directory of an NFS server.' },
)
export type NFSVolumeSource = Static<typeof NFSVolumeSource>

export const PhotonPersistentDiskVolumeSource = message(
  'core.v1.PhotonPersistentDiskVolumeSource',
  {
    fsType: opt(2, string, 'File system to mount.'),
    pdID: req(1, string, 'Id of the disk.'),
  },
  { doc: 'A Photon disk.' },
)
export type PhotonPersistentDiskVolumeSource = Static<typeof PhotonPersistentDiskVolumeSource>

export const PortworxVolumeSource = message(
  'core.v1.PortworxVolumeSource',
  {
    fsType: opt(2, string, 'File system to mount.'),
    readOnly: opt(3, boolean, 'Mounts without the right to write.'),
    volumeID: req(1, string, 'Id of the volume.'),
  },
  { doc: 'A Portworx volume.' },
)
export type PortworxVolumeSource = Static<typeof PortworxVolumeSource>

export const QuobyteVolumeSource = message(
  'core.v1.QuobyteVolumeSource',
  {
    group: opt(5, string, 'Group to access as.'),
    readOnly: opt(3, boolean, 'Mounts without the right to write.'),
    registry: req(1, string, 'Addresses of the registries.'),
    tenant: opt(6, string, 'Tenant that owns the volume.'),
    user: opt(4, string, 'User to access as.'),
    volume: req(2, string, 'Name of the volume.'),
  },
  { doc: 'A Quobyte volume.' },
)
export type QuobyteVolumeSource = Static<typeof QuobyteVolumeSource>

const rbd = <T>(secret: MessageOf<T>) => ({
  fsType: opt(3, string, 'File system to mount.'),
  image: req(2, string, 'Name of the image.'),
  keyring: opt(6, withDefault(string, '/etc/ceph/keyring'), 'Path of the key ring.'),
  monitors: req(1, list(string, { list: 'atomic' }), 'Addresses of the monitors.'),
  pool: opt(4, withDefault(string, 'rbd'), 'Pool the image is in.'),
  readOnly: opt(8, boolean, 'Mounts without the right to write.'),
  secretRef: opt(7, secret, 'Secret with the key.'),
  user: opt(5, withDefault(string, 'admin'), 'User to authenticate as.'),
})

export const RBDVolumeSource = message('core.v1.RBDVolumeSource', rbd(LocalObjectReference), { doc: 'A Ceph block device.' })
export type RBDVolumeSource = Static<typeof RBDVolumeSource>

export const RBDPersistentVolumeSource = message('core.v1.RBDPersistentVolumeSource', rbd(SecretReference), { doc: 'A Ceph block device.' })
export type RBDPersistentVolumeSource = Static<typeof RBDPersistentVolumeSource>

const scaleIO = <T>(secret: MessageOf<T>) => ({
  fsType: opt(9, withDefault(string, 'xfs'), 'File system to mount.'),
  gateway: req(1, string, 'Address of the gateway.'),
  protectionDomain: opt(5, string, 'Protection domain of the storage.'),
  readOnly: opt(10, boolean, 'Mounts without the right to write.'),
  secretRef: req(3, explicit(secret), 'Secret with user and password.'),
  sslEnabled: opt(4, boolean, 'Whether the gateway is spoken to over TLS.'),
  storageMode: opt(7, withDefault(string, 'ThinProvisioned'), 'ThickProvisioned or ThinProvisioned.'),
  storagePool: opt(6, string, 'Storage pool.'),
  system: req(2, string, 'Name of the storage system.'),
  volumeName: opt(8, string, 'Name of the volume.'),
})

export const ScaleIOVolumeSource = message('core.v1.ScaleIOVolumeSource', scaleIO(LocalObjectReference), { doc: 'A ScaleIO volume.' })
export type ScaleIOVolumeSource = Static<typeof ScaleIOVolumeSource>

export const ScaleIOPersistentVolumeSource = message('core.v1.ScaleIOPersistentVolumeSource', scaleIO(SecretReference), { doc: 'A ScaleIO volume.' })
export type ScaleIOPersistentVolumeSource = Static<typeof ScaleIOPersistentVolumeSource>

const storageOS = <T>(secret: MessageOf<T>) => ({
  fsType: opt(3, string, 'File system to mount.'),
  readOnly: opt(4, boolean, 'Mounts without the right to write.'),
  secretRef: opt(5, secret, 'Secret for the API.'),
  volumeName: opt(1, string, 'Name of the volume.'),
  volumeNamespace: opt(2, string, 'Namespace of the volume.'),
})

export const StorageOSVolumeSource = message('core.v1.StorageOSVolumeSource', storageOS(LocalObjectReference), { doc: 'A StorageOS volume.' })
export type StorageOSVolumeSource = Static<typeof StorageOSVolumeSource>

export const StorageOSPersistentVolumeSource = message('core.v1.StorageOSPersistentVolumeSource', storageOS(ObjectReference), { doc: 'A StorageOS volume.' })
export type StorageOSPersistentVolumeSource = Static<typeof StorageOSPersistentVolumeSource>

export const VsphereVirtualDiskVolumeSource = message(
  'core.v1.VsphereVirtualDiskVolumeSource',
  {
    fsType: opt(2, string, 'File system to mount.'),
    storagePolicyID: opt(4, string, 'Id of the storage policy.'),
    storagePolicyName: opt(3, string, 'Name of the storage policy.'),
    volumePath: req(1, string, 'Path of the disk.'),
  },
  { doc: 'A vSphere disk.' },
)
export type VsphereVirtualDiskVolumeSource = Static<typeof VsphereVirtualDiskVolumeSource>
