import { addQuantities, quantityValue } from '../../api/meta/quantity.ts'
import type { Container } from '../../api/types/core/container.ts'
import type { Pod } from '../../api/types/core/pod.ts'
import type { Volume } from '../../api/types/core/volume.ts'
import { type Eviction, evictionOf } from './plan.ts'

const RESOURCE = 'ephemeral-storage'

/** Bytes of the node's disk that a pod uses. */
export interface LocalStorage {
  /** By the volume's name. */
  readonly emptyDirs: ReadonlyMap<string, number>
  /** By the container's name: what it wrote over its image, and its logs. */
  readonly containers: ReadonlyMap<string, number>
}

/** An emptyDir on disk; one in memory is held to its size by the kernel. */
export const isOnDisk = ({ emptyDir }: Volume): boolean => emptyDir !== undefined && emptyDir.medium !== 'Memory'

const limitOf = ({ resources }: Container): string | undefined => resources?.limits?.[RESOURCE]

/** Whether a pod must be measured at all. */
export const limitsStorage = ({ spec }: Pod): boolean =>
  (spec.volumes ?? []).some(volume => isOnDisk(volume) && volume.emptyDir?.sizeLimit) || spec.containers.some(limitOf)

/** Why a pod must go that uses more of the disk than it may; the kubelet's order and words. */
export function planStorageEviction(pod: Pod, { emptyDirs, containers }: LocalStorage): Eviction | undefined {
  const { spec } = pod
  const evicted = (message: string): Eviction => evictionOf(pod, message)
  for (const { name, emptyDir } of (spec.volumes ?? []).filter(isOnDisk)) {
    const limit = emptyDir?.sizeLimit
    if (limit && quantityValue(limit) > 0 && (emptyDirs.get(name) ?? 0) > quantityValue(limit)) {
      return evicted(`Usage of EmptyDir volume "${name}" exceeds the limit "${limit}". `)
    }
  }
  const limits = spec.containers.flatMap(container => limitOf(container) ?? [])
  if (limits.length === 0) return undefined
  const most = limits.reduce(addQuantities)
  const total = [...emptyDirs.values(), ...containers.values()].reduce((sum, bytes) => sum + bytes, 0)
  if (total > quantityValue(most)) return evicted(`Pod ephemeral local storage usage exceeds the total limit of containers ${most}. `)
  for (const container of spec.containers) {
    const limit = limitOf(container)
    if (limit && (containers.get(container.name) ?? 0) > quantityValue(limit)) {
      return evicted(`Container ${container.name} exceeded its local ephemeral storage limit "${limit}". `)
    }
  }
  return undefined
}
