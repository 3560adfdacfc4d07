import { addAll } from '../../../base/add-all.ts'
import { isQuantity, nanoValue } from '../../meta/quantity.ts'
import type { PersistentVolume, PersistentVolumeClaim } from '../../types/core/persistent-volume.ts'
import { termWarnings } from './old-labels.ts'

const CLASS = 'volume.beta.kubernetes.io/storage-class'
const CLASS_WARNING = `metadata.annotations[${CLASS}]: deprecated since v1.8; use "storageClassName" attribute instead`
const MOUNT_OPTIONS = 'volume.beta.kubernetes.io/mount-options'
const has = (annotations: Readonly<Record<string, string>> | undefined, key: string): boolean => annotations !== undefined && Object.hasOwn(annotations, key)

/** Volume types that no release mounts any more, by their field and as the field is named to users. */
export const OLD_VOLUMES = {
  photonPersistentDisk: ['photonPersistentDisk', 'deprecated in v1.11, non-functional in v1.16+'],
  gitRepo: ['gitRepo', 'deprecated in v1.11, and disabled by default in v1.33+'],
  scaleIO: ['scaleIO', 'deprecated in v1.16, non-functional in v1.22+'],
  flocker: ['flocker', 'deprecated in v1.22, non-functional in v1.25+'],
  storageos: ['storageOS', 'deprecated in v1.22, non-functional in v1.25+'],
  quobyte: ['quobyte', 'deprecated in v1.22, non-functional in v1.25+'],
  glusterfs: ['glusterfs', 'deprecated in v1.25, non-functional in v1.26+'],
  cephfs: ['cephfs', 'deprecated in v1.28, non-functional in v1.31+'],
  rbd: ['rbd', 'deprecated in v1.28, non-functional in v1.31+'],
} as const
const OF_PERSISTENT = ['cephfs', 'photonPersistentDisk', 'scaleIO', 'storageos', 'glusterfs', 'rbd'] as const

/** Of these amounts, those that are no whole bytes. */
export function fractionalBytes(amounts: Readonly<Record<string, string>> | undefined, names: readonly string[], path: string): readonly string[] {
  return names.flatMap(name => {
    const amount = amounts?.[name]
    if (amount === undefined || !isQuantity(amount) || nanoValue(amount) % 1_000_000_000n === 0n) return []
    return [`${path}[${name}]: fractional byte value ${JSON.stringify(amount)} is invalid, must be an integer`]
  })
}

/** What whoever writes the spec of a claim should know. */
export const claimSpecWarnings = ({ resources }: PersistentVolumeClaim['spec'], path: string): readonly string[] =>
  (['requests', 'limits'] as const).flatMap(kind => fractionalBytes(resources?.[kind], ['storage'], `${path}.resources.${kind}`))

export const claimWarnings = ({ metadata, spec }: PersistentVolumeClaim): readonly string[] => [
  ...(has(metadata.annotations, CLASS) ? [CLASS_WARNING] : []),
  ...claimSpecWarnings(spec, 'spec'),
]

export function volumeWarnings({ metadata, spec }: PersistentVolume): readonly string[] {
  const found: string[] = []
  if (has(metadata.annotations, CLASS)) found.push(CLASS_WARNING)
  if (has(metadata.annotations, MOUNT_OPTIONS)) {
    found.push(`metadata.annotations[${MOUNT_OPTIONS}]: deprecated since v1.31; use "mountOptions" attribute instead`)
  }
  if (spec.persistentVolumeReclaimPolicy === 'Recycle') {
    found.push(
      'spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.',
    )
  }
  spec.nodeAffinity?.required?.nodeSelectorTerms?.forEach((term, i) => {
    addAll(found, termWarnings(term, `spec.nodeAffinity.required.nodeSelectorTerms[${i}]`))
  })
  for (const type of OF_PERSISTENT) if (spec[type]) found.push(`spec.${OLD_VOLUMES[type][0]}: ${OLD_VOLUMES[type][1]}`)
  return found
}
