import { join } from 'node:path'
import type { Pod } from '../../api/types/core/pod.ts'
import { logDirectory } from '../pod-files.ts'
import type { Backend } from '../runtime/backend.ts'
import type { ContainerReading } from '../stats/usage.ts'
import { type VolumeOptions, volumePath } from '../volumes/pod-volumes.ts'
import { type DiskUse, diskUseOf } from './disk-use.ts'
import { isOnDisk, type LocalStorage } from './local-storage.ts'
import type { Uses } from './plan.ts'
import type { Shortfall } from './shortfalls.ts'

/** What a pod holds of the node's disks now: what the engine says of its layers, and what is found of the rest. */
export async function storageOf(pod: Pod, readings: Iterable<ContainerReading>, places: VolumeOptions): Promise<LocalStorage> {
  const { name, namespace = '', uid } = pod.metadata
  const emptyDirs = new Map<string, DiskUse>()
  for (const volume of (pod.spec.volumes ?? []).filter(isOnDisk)) emptyDirs.set(volume.name, await diskUseOf(volumePath(pod, volume, places)))
  const logs = new Map<string, DiskUse>()
  for (const container of [...pod.spec.containers, ...(pod.spec.initContainers ?? [])]) {
    logs.set(container.name, await diskUseOf(join(logDirectory(places.paths, { name, namespace, uid }), container.name)))
  }
  const layers = new Map<string, DiskUse>()
  for (const { uid: of, container, layer } of readings) if (of === uid && layer) layers.set(container, layer)
  return { emptyDirs, logs, layers }
}

/** What each pod uses of what is short. */
export async function usesOf({ resource }: Shortfall, pods: readonly Pod[], backend: Backend, places: VolumeOptions): Promise<Uses> {
  const byUid = async <T>(measure: (pod: Pod) => Promise<T>): Promise<ReadonlyMap<string, T>> => {
    const found = new Map<string, T>()
    for (const pod of pods) found.set(pod.metadata.uid, await measure(pod))
    return found
  }
  if (resource === 'pids') return { processes: await byUid(({ metadata }) => backend.processes(metadata.uid)) }
  const readings = [...(await backend.readings()).values()]
  if (resource === 'memory') {
    const ofPod = (uid: string) => readings.filter(reading => reading.uid === uid).map(({ container, memoryBytes }) => [container, memoryBytes] as const)
    return { memory: new Map(pods.map(({ metadata: { uid } }) => [uid, new Map(ofPod(uid))])) }
  }
  return { storage: await byUid(pod => storageOf(pod, readings, places)) }
}
