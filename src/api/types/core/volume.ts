import { boolean, explicit, int32, int64, list, map, message, opt, quantity, req, type Static, string, withDefault } from '../../schema/build.ts'
import { LabelSelector } from '../meta.ts'
import { ObjectFieldSelector, ResourceFieldSelector } from './env.ts'
import { LocalObjectReference } from './reference.ts'
import { PersistentVolumeClaimTemplate } from './volume-claim.ts'

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

export const CephFSVolumeSource = message(
  'core.v1.CephFSVolumeSource',
  {
    monitors: req(1, list(string, { list: 'atomic' }), 'Addresses of the monitors.'),
    path: opt(2, string, 'Root that is mounted.'),
    readOnly: opt(6, boolean, 'Mounts without the right to write.'),
    secretFile: opt(4, string, 'File on the node with the key.'),
    secretRef: opt(5, LocalObjectReference, 'Secret with the key.'),
    user: opt(3, string, 'User to mount as.'),
  },
  { doc: 'A CephFS directory.' },
)
export type CephFSVolumeSource = Static<typeof CephFSVolumeSource>

export const CinderVolumeSource = message(
  'core.v1.CinderVolumeSource',
  {
    fsType: opt(2, string, 'File system to mount.'),
    readOnly: opt(3, boolean, 'Mounts without the right to write.'),
    secretRef: opt(4, LocalObjectReference, 'Secret with the parameters for OpenStack.'),
    volumeID: req(1, string, 'Id of the disk.'),
  },
  { doc: 'An OpenStack disk.' },
)
export type CinderVolumeSource = Static<typeof CinderVolumeSource>

export const KeyToPath = message(
  'core.v1.KeyToPath',
  {
    key: req(1, string, 'The key.'),
    mode: opt(3, explicit(int32), "File mode, such as 0644; the volume's default when not given."),
    path: req(2, string, 'Relative path of the file.'),
  },
  { doc: 'A key as a file.' },
)
export type KeyToPath = Static<typeof KeyToPath>

export const ConfigMapVolumeSource = message(
  'core.v1.ConfigMapVolumeSource',
  {
    defaultMode: opt(3, withDefault(explicit(int32), 420), 'Mode of the files, such as 0644.'),
    items: opt(2, list(KeyToPath, { list: 'atomic' }), 'Keys to project and their paths; every key when empty.'),
    name: opt([1, 1], string, 'Name of the ConfigMap.'),
    optional: opt(4, explicit(boolean), 'Whether it may be missing.'),
  },
  { doc: 'Files from a ConfigMap.' },
)
export type ConfigMapVolumeSource = Static<typeof ConfigMapVolumeSource>

export const CSIVolumeSource = message(
  'core.v1.CSIVolumeSource',
  {
    driver: req(1, string, 'Name of the driver.'),
    fsType: opt(3, explicit(string), 'File system to mount.'),
    nodePublishSecretRef: opt(5, LocalObjectReference, 'Secret handed to the driver.'),
    readOnly: opt(2, explicit(boolean), 'Mounts without the right to write.'),
    volumeAttributes: opt(4, map(string), 'Parameters for the driver.'),
  },
  { doc: 'A volume of a CSI driver for one pod.' },
)
export type CSIVolumeSource = Static<typeof CSIVolumeSource>

export const DownwardAPIVolumeFile = message(
  'core.v1.DownwardAPIVolumeFile',
  {
    fieldRef: opt(2, ObjectFieldSelector, 'A field: labels, annotations, name, namespace or uid.'),
    mode: opt(4, explicit(int32), 'Mode of this file.'),
    path: req(1, string, 'Relative path of the file.'),
    resourceFieldRef: opt(3, ResourceFieldSelector, 'A request or limit of a container.'),
  },
  { doc: 'A file with a field of the pod.' },
)
export type DownwardAPIVolumeFile = Static<typeof DownwardAPIVolumeFile>

export const DownwardAPIVolumeSource = message(
  'core.v1.DownwardAPIVolumeSource',
  {
    defaultMode: opt(2, withDefault(explicit(int32), 420), 'Mode of the files, such as 0644.'),
    items: opt(1, list(DownwardAPIVolumeFile, { list: 'atomic' }), 'The files.'),
  },
  { doc: 'Files with fields of the pod.' },
)
export type DownwardAPIVolumeSource = Static<typeof DownwardAPIVolumeSource>

export const EmptyDirVolumeSource = message(
  'core.v1.EmptyDirVolumeSource',
  {
    medium: opt(1, string, "Empty for the node's disk, Memory for a file system in memory."),
    sizeLimit: opt(2, quantity, 'The most it may hold.'),
  },
  { doc: 'A directory that begins empty and ends with the pod.' },
)
export type EmptyDirVolumeSource = Static<typeof EmptyDirVolumeSource>

export const EphemeralVolumeSource = message(
  'core.v1.EphemeralVolumeSource',
  {
    volumeClaimTemplate: opt(1, PersistentVolumeClaimTemplate, 'What the claim is made from.'),
  },
  { doc: 'A claim made for the pod.' },
)
export type EphemeralVolumeSource = Static<typeof EphemeralVolumeSource>

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

export const FlexVolumeSource = message(
  'core.v1.FlexVolumeSource',
  {
    driver: req(1, string, 'Name of the driver.'),
    fsType: opt(2, string, 'File system to mount.'),
    options: opt(5, map(string), 'Options for the driver.'),
    readOnly: opt(4, boolean, 'Mounts without the right to write.'),
    secretRef: opt(3, LocalObjectReference, 'Secret handed to the driver.'),
  },
  { doc: 'A volume of a FlexVolume plugin.' },
)
export type FlexVolumeSource = Static<typeof FlexVolumeSource>

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

export const GitRepoVolumeSource = message(
  'core.v1.GitRepoVolumeSource',
  {
    directory: opt(3, string, 'Directory to clone into.'),
    repository: req(1, string, 'Address of the repository.'),
    revision: opt(2, string, 'Commit to check out.'),
  },
  { doc: 'A clone of a git repository; no longer supported.' },
)
export type GitRepoVolumeSource = Static<typeof GitRepoVolumeSource>

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

export const HostPathVolumeSource = message(
  'core.v1.HostPathVolumeSource',
  {
    path: req(1, string, 'Path on the node.'),
    type: opt(
      2,
      withDefault(explicit(string), ''),
      'What must be there: empty for no check, DirectoryOrCreate, Directory, FileOrCreate, File, Socket, CharDevice or BlockDevice.',
    ),
  },
  { doc: 'A file or directory of the node.' },
)
export type HostPathVolumeSource = Static<typeof HostPathVolumeSource>

export const ImageVolumeSource = message(
  'core.v1.ImageVolumeSource',
  {
    pullPolicy: opt(2, string, 'When the image is pulled: Always, IfNotPresent or Never.'),
    reference: opt(1, string, 'The image.'),
  },
  { doc: 'The files of an image.' },
)
export type ImageVolumeSource = Static<typeof ImageVolumeSource>

export const ISCSIVolumeSource = message(
  'core.v1.ISCSIVolumeSource',
  {
    chapAuthDiscovery: opt(8, boolean, 'Authenticates at discovery.'),
    chapAuthSession: opt(11, boolean, 'Authenticates the session.'),
    fsType: opt(5, string, 'File system to mount.'),
    initiatorName: opt(12, explicit(string), 'Name of the initiator.'),
    iqn: req(2, string, 'Qualified name of the target.'),
    iscsiInterface: opt(4, withDefault(string, 'default'), 'Interface to use.'),
    lun: req(3, int32, 'Unit number at the target.'),
    portals: opt(7, list(string, { list: 'atomic' }), 'Further portals of the target.'),
    readOnly: opt(6, boolean, 'Mounts without the right to write.'),
    secretRef: opt(10, LocalObjectReference, 'Secret for authentication.'),
    targetPortal: req(1, string, "Address of the target's portal."),
  },
  { doc: 'An iSCSI disk.' },
)
export type ISCSIVolumeSource = Static<typeof ISCSIVolumeSource>

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

export const PersistentVolumeClaimVolumeSource = message(
  'core.v1.PersistentVolumeClaimVolumeSource',
  {
    claimName: req(1, string, 'Name of the claim.'),
    readOnly: opt(2, boolean, 'Mounts without the right to write.'),
  },
  { doc: 'A claim in the same namespace.' },
)
export type PersistentVolumeClaimVolumeSource = Static<typeof PersistentVolumeClaimVolumeSource>

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

export const ClusterTrustBundleProjection = message(
  'core.v1.ClusterTrustBundleProjection',
  {
    labelSelector: opt(3, LabelSelector, 'Selects the bundles of the signer.'),
    name: opt(1, explicit(string), 'Name of one bundle.'),
    optional: opt(5, explicit(boolean), 'Whether it may be missing.'),
    path: req(4, string, 'Relative path of the file.'),
    signerName: opt(2, explicit(string), 'The signer whose bundles are meant.'),
  },
  { doc: 'Certificates to trust, as a file.' },
)
export type ClusterTrustBundleProjection = Static<typeof ClusterTrustBundleProjection>

export const ConfigMapProjection = message(
  'core.v1.ConfigMapProjection',
  {
    items: opt(2, list(KeyToPath, { list: 'atomic' }), 'Keys to project and their paths; every key when empty.'),
    name: opt([1, 1], string, 'Name of the ConfigMap.'),
    optional: opt(4, explicit(boolean), 'Whether it may be missing.'),
  },
  { doc: 'Files from a ConfigMap.' },
)
export type ConfigMapProjection = Static<typeof ConfigMapProjection>

export const DownwardAPIProjection = message(
  'core.v1.DownwardAPIProjection',
  {
    items: opt(1, list(DownwardAPIVolumeFile, { list: 'atomic' }), 'The files.'),
  },
  { doc: 'Files with fields of the pod.' },
)
export type DownwardAPIProjection = Static<typeof DownwardAPIProjection>

export const PodCertificateProjection = message(
  'core.v1.PodCertificateProjection',
  {
    certificateChainPath: opt(6, string, 'File for the certificates, when they are kept apart.'),
    credentialBundlePath: opt(4, string, 'File for key and certificates together.'),
    keyPath: opt(5, string, 'File for the key, when it is kept apart.'),
    keyType: req(2, string, 'Type of the key.'),
    maxExpirationSeconds: opt(3, explicit(int32), 'Longest lifetime wanted.'),
    signerName: req(1, string, 'Who signs the certificate.'),
    userAnnotations: opt(7, map(string), 'Further wishes to the signer.'),
  },
  { doc: 'A private key and a certificate for the pod, renewed in time.' },
)
export type PodCertificateProjection = Static<typeof PodCertificateProjection>

export const SecretProjection = message(
  'core.v1.SecretProjection',
  {
    items: opt(2, list(KeyToPath, { list: 'atomic' }), 'Keys to project and their paths; every key when empty.'),
    name: opt([1, 1], string, 'Name of the Secret.'),
    optional: opt(4, explicit(boolean), 'Whether it may be missing.'),
  },
  { doc: 'Files from a Secret.' },
)
export type SecretProjection = Static<typeof SecretProjection>

export const ServiceAccountTokenProjection = message(
  'core.v1.ServiceAccountTokenProjection',
  {
    audience: opt(1, string, 'Who the token is for; the API server when not given.'),
    expirationSeconds: opt(2, withDefault(explicit(int64), 3600), 'Lifetime of the token, at least 600.'),
    path: req(3, string, 'Relative path of the file.'),
  },
  { doc: 'A token that is renewed before it expires.' },
)
export type ServiceAccountTokenProjection = Static<typeof ServiceAccountTokenProjection>

export const VolumeProjection = message(
  'core.v1.VolumeProjection',
  {
    clusterTrustBundle: opt(5, ClusterTrustBundleProjection, 'Certificates of a signer.'),
    configMap: opt(3, ConfigMapProjection, 'Files from a ConfigMap.'),
    downwardAPI: opt(2, DownwardAPIProjection, 'Files with fields of the pod.'),
    podCertificate: opt(6, PodCertificateProjection, 'A key and a certificate made for the pod.'),
    secret: opt(1, SecretProjection, 'Files from a Secret.'),
    serviceAccountToken: opt(4, ServiceAccountTokenProjection, "A token of the pod's service account."),
  },
  { doc: 'One source of a projected volume.' },
)
export type VolumeProjection = Static<typeof VolumeProjection>

export const ProjectedVolumeSource = message(
  'core.v1.ProjectedVolumeSource',
  {
    defaultMode: opt(2, withDefault(explicit(int32), 420), 'Mode of the files, such as 0644.'),
    sources: opt(1, list(VolumeProjection, { list: 'atomic' }), 'The sources.'),
  },
  { doc: 'Several sources in one directory.' },
)
export type ProjectedVolumeSource = Static<typeof ProjectedVolumeSource>

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

export const RBDVolumeSource = message(
  'core.v1.RBDVolumeSource',
  {
    fsType: opt(3, string, 'File system to mount.'),
    image: req(2, string, 'Name of the image.'),
    keyring: opt(6, withDefault(string, '/etc/ceph/keyring'), 'Path of the key ring.'),
    monitors: req(1, list(string, { list: 'atomic' }), 'Addresses of the monitors.'),
    pool: opt(4, withDefault(string, 'rbd'), 'Pool the image is in.'),
    readOnly: opt(8, boolean, 'Mounts without the right to write.'),
    secretRef: opt(7, LocalObjectReference, 'Secret with the key.'),
    user: opt(5, withDefault(string, 'admin'), 'User to authenticate as.'),
  },
  { doc: 'A Ceph block device.' },
)
export type RBDVolumeSource = Static<typeof RBDVolumeSource>

export const ScaleIOVolumeSource = message(
  'core.v1.ScaleIOVolumeSource',
  {
    fsType: opt(9, withDefault(string, 'xfs'), 'File system to mount.'),
    gateway: req(1, string, 'Address of the gateway.'),
    protectionDomain: opt(5, string, 'Protection domain of the storage.'),
    readOnly: opt(10, boolean, 'Mounts without the right to write.'),
    secretRef: req(3, explicit(LocalObjectReference), 'Secret with user and password.'),
    sslEnabled: opt(4, boolean, 'Whether the gateway is spoken to over TLS.'),
    storageMode: opt(7, withDefault(string, 'ThinProvisioned'), 'ThickProvisioned or ThinProvisioned.'),
    storagePool: opt(6, string, 'Storage pool.'),
    system: req(2, string, 'Name of the storage system.'),
    volumeName: opt(8, string, 'Name of the volume.'),
  },
  { doc: 'A ScaleIO volume.' },
)
export type ScaleIOVolumeSource = Static<typeof ScaleIOVolumeSource>

export const SecretVolumeSource = message(
  'core.v1.SecretVolumeSource',
  {
    defaultMode: opt(3, withDefault(explicit(int32), 420), 'Mode of the files, such as 0644.'),
    items: opt(2, list(KeyToPath, { list: 'atomic' }), 'Keys to project and their paths; every key when empty.'),
    optional: opt(4, explicit(boolean), 'Whether it may be missing.'),
    secretName: opt(1, string, 'Name of the Secret.'),
  },
  { doc: 'Files from a Secret.' },
)
export type SecretVolumeSource = Static<typeof SecretVolumeSource>

export const StorageOSVolumeSource = message(
  'core.v1.StorageOSVolumeSource',
  {
    fsType: opt(3, string, 'File system to mount.'),
    readOnly: opt(4, boolean, 'Mounts without the right to write.'),
    secretRef: opt(5, LocalObjectReference, 'Secret for the API.'),
    volumeName: opt(1, string, 'Name of the volume.'),
    volumeNamespace: opt(2, string, 'Namespace of the volume.'),
  },
  { doc: 'A StorageOS volume.' },
)
export type StorageOSVolumeSource = Static<typeof StorageOSVolumeSource>

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

export const Volume = message(
  'core.v1.Volume',
  {
    awsElasticBlockStore: opt([2, 4], AWSElasticBlockStoreVolumeSource, 'An AWS disk.'),
    azureDisk: opt([2, 22], AzureDiskVolumeSource, 'An Azure disk.'),
    azureFile: opt([2, 18], AzureFileVolumeSource, 'An Azure file share.'),
    cephfs: opt([2, 14], CephFSVolumeSource, 'A CephFS directory.'),
    cinder: opt([2, 13], CinderVolumeSource, 'An OpenStack disk.'),
    configMap: opt([2, 19], ConfigMapVolumeSource, 'Files from a ConfigMap.'),
    csi: opt([2, 28], CSIVolumeSource, 'A volume that a CSI driver makes for this pod alone.'),
    downwardAPI: opt([2, 16], DownwardAPIVolumeSource, 'Files with fields of the pod.'),
    emptyDir: opt([2, 2], EmptyDirVolumeSource, 'An empty directory that lives as long as the pod.'),
    ephemeral: opt([2, 29], EphemeralVolumeSource, 'A claim made for this pod and deleted with it.'),
    fc: opt([2, 17], FCVolumeSource, 'A Fibre Channel disk.'),
    flexVolume: opt([2, 12], FlexVolumeSource, 'A volume of a FlexVolume plugin.'),
    flocker: opt([2, 15], FlockerVolumeSource, 'A Flocker volume.'),
    gcePersistentDisk: opt([2, 3], GCEPersistentDiskVolumeSource, 'A Google Cloud disk.'),
    gitRepo: opt([2, 5], GitRepoVolumeSource, 'A clone of a git repository; no longer supported.'),
    glusterfs: opt([2, 9], GlusterfsVolumeSource, 'A Gluster volume.'),
    hostPath: opt([2, 1], HostPathVolumeSource, 'A file or directory of the node itself.'),
    image: opt([2, 30], ImageVolumeSource, 'The files of an image, read-only.'),
    iscsi: opt([2, 8], ISCSIVolumeSource, 'An iSCSI disk.'),
    name: req(1, string, 'Name by which containers mount the volume.'),
    nfs: opt([2, 7], NFSVolumeSource, 'A directory of an NFS server.'),
    persistentVolumeClaim: opt([2, 10], PersistentVolumeClaimVolumeSource, 'A claim in the same namespace.'),
    photonPersistentDisk: opt([2, 23], PhotonPersistentDiskVolumeSource, 'A Photon disk.'),
    portworxVolume: opt([2, 24], PortworxVolumeSource, 'A Portworx volume.'),
    projected: opt([2, 26], ProjectedVolumeSource, 'Several sources in one directory.'),
    quobyte: opt([2, 21], QuobyteVolumeSource, 'A Quobyte volume.'),
    rbd: opt([2, 11], RBDVolumeSource, 'A Ceph block device.'),
    scaleIO: opt([2, 25], ScaleIOVolumeSource, 'A ScaleIO volume.'),
    secret: opt([2, 6], SecretVolumeSource, 'Files from a Secret.'),
    storageos: opt([2, 27], StorageOSVolumeSource, 'A StorageOS volume.'),
    vsphereVolume: opt([2, 20], VsphereVirtualDiskVolumeSource, 'A vSphere disk.'),
  },
  { doc: 'Something that containers of the pod can mount; one kind of source each.' },
)
export type Volume = Static<typeof Volume>
