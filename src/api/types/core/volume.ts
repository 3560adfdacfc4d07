import { boolean, explicit, int32, int64, list, map, message, opt, quantity, req, type Static, string, withDefault } from '../../schema/build.ts'
import { LabelSelector } from '../meta.ts'
import { ObjectFieldSelector, ResourceFieldSelector } from './env.ts'
import { LocalObjectReference } from './reference.ts'
import {
  AWSElasticBlockStoreVolumeSource,
  AzureDiskVolumeSource,
  AzureFileVolumeSource,
  CephFSVolumeSource,
  CinderVolumeSource,
  FCVolumeSource,
  FlexVolumeSource,
  FlockerVolumeSource,
  GCEPersistentDiskVolumeSource,
  GlusterfsVolumeSource,
  ISCSIVolumeSource,
  NFSVolumeSource,
  PhotonPersistentDiskVolumeSource,
  PortworxVolumeSource,
  QuobyteVolumeSource,
  RBDVolumeSource,
  ScaleIOVolumeSource,
  StorageOSVolumeSource,
  VsphereVirtualDiskVolumeSource,
} from './storage-systems.ts'
import { PersistentVolumeClaimTemplate } from './volume-claim.ts'

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

export const PersistentVolumeClaimVolumeSource = message(
  'core.v1.PersistentVolumeClaimVolumeSource',
  {
    claimName: req(1, string, 'Name of the claim.'),
    readOnly: opt(2, boolean, 'Mounts without the right to write.'),
  },
  { doc: 'A claim in the same namespace.' },
)
export type PersistentVolumeClaimVolumeSource = Static<typeof PersistentVolumeClaimVolumeSource>

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
