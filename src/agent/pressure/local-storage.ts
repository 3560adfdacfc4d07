import { addQuantities, quantityValue } from '../../api/meta/quantity.ts'
import type { Container } from '../../api/types/core/container.ts'
import type { Pod } from '../../api/types/core/pod.ts'
import type { Volume } from '../../api/types/core/volume.ts'
import { type DiskUse, together } from './disk-use.ts'
import { type Eviction, evictionOf } from './plan.ts'

const RESOURCE = 'ephemeral-storage'

/** What a pod holds of the node's disks. */
export interface LocalStorage {
  /** By the volume's name. */
  readonly emptyDirs: ReadonlyMap<string, DiskUse>
  /** By the container's name. */
  readonly logs: ReadonlyMap<string, DiskUse>
  /** By the container's name: what it wrote over its image, where images lie. */
  readonly layers: ReadonlyMap<string, DiskUse>
}

/** An emptyDir on disk; one in memory is held to its size by the kernel. */
export const isOnDisk = ({ emptyDir }: Volume): boolean => emptyDir !== undefined && emptyDir.medium !== 'Memory'

const limitOf = ({ resources }: Container): string | undefined => resources?.limits?.[RESOURCE]

/** Whether a pod must be measured at all. */
export const limitsStorage = ({ spec }: Pod): boolean =>
  (spec.volumes ?? []).some(volume => isOnDisk(volume) && volume.emptyDir?.sizeLimit) || spec.containers.some(limitOf)

/** Why a pod must go that uses more of the disk than it may; the kubelet's order and words. `apart`: images have a disk of their own. */
export function planStorageEviction(pod: Pod, { emptyDirs, logs, layers }: LocalStorage, apart = false): Eviction | undefined {
  const { spec } = pod
  for (const { name, emptyDir } of (spec.volumes ?? []).filter(isOnDisk)) {
    const limit = emptyDir?.sizeLimit
    if (limit && quantityValue(limit) > 0 && (emptyDirs.get(name)?.bytes ?? 0) > quantityValue(limit)) {
      return evictionOf(pod, `Usage of EmptyDir volume "${name}" exceeds the limit "${limit}". `)
    }
  }
  const limits = spec.containers.flatMap(container => limitOf(container) ?? [])
  if (limits.length === 0) return undefined
  const most = limits.reduce(addQuantities)
  const { bytes } = together([...emptyDirs.values(), ...logs.values(), ...layers.values()])
  if (bytes > quantityValue(most)) return evictionOf(pod, `Pod ephemeral local storage usage exceeds the total limit of containers ${most}. `)
  for (const container of spec.containers) {
    const { name } = container
    const limit = limitOf(container)
    const used = (logs.get(name)?.bytes ?? 0) + (apart ? 0 : (layers.get(name)?.bytes ?? 0))
    if (limit && used > quantityValue(limit)) return evictionOf(pod, `Container ${name} exceeded its local ephemeral storage limit "${limit}". `)
  }
  return undefined
}
