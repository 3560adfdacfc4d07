import { chmod, chown, lstat, mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { quantityValue } from '../../api/meta/quantity.ts'
import type { Pod } from '../../api/types/core/pod.ts'
import type { Volume } from '../../api/types/core/volume.ts'
import { inMemory, leaveMemory } from '../host/memory-directory.ts'
import { mountsUnder } from '../host/mounts.ts'
import { type NodePaths, volumesDirectory } from '../pod-files.ts'
import { StepError } from '../runtime/runtime.ts'
import { writePayload } from './atomic-writer.ts'
import { prepareHostPath } from './host-path.ts'
import { hasPayload, isSecretive, type PayloadSources, payloadOf } from './payload.ts'

export interface VolumeOptions {
  readonly paths: NodePaths
  /** Where a path of the machine really lies for this node. */
  readonly mapHostPath: (path: string) => string
}

/** Where a volume lies on this machine. Depends on nothing but the pod, so that it survives a restart of the agent. */
export function volumePath(pod: Pod, volume: Volume, { paths, mapHostPath }: VolumeOptions): string {
  if (volume.hostPath) return mapHostPath(volume.hostPath.path)
  return join(volumesDirectory(paths, pod.metadata.uid), pluginOf(volume), volume.name)
}

const pluginOf = (volume: Volume): string =>
  `kubernetes.io~${volume.configMap ? 'configmap' : volume.secret ? 'secret' : volume.projected ? 'projected' : volume.downwardAPI ? 'downward-api' : 'empty-dir'}`

/** Makes a volume ready to be mounted. Throws `StepError` FailedMount, which keeps the pod waiting. */
export async function prepareVolume(pod: Pod, volume: Volume, sources: PayloadSources, options: VolumeOptions): Promise<void> {
  const path = volumePath(pod, volume, options)
  const fsGroup = pod.spec.securityContext?.fsGroup
  try {
    if (volume.hostPath) await prepareHostPath(path, volume.hostPath.type ?? '')
    else if (hasPayload(volume)) {
      await mkdir(path, { recursive: true, mode: 0o755 })
      if (isSecretive(volume)) await inMemory(path, ['mode=0755'])
      await writePayload(path, payloadOf(volume, sources), { fsGroup })
    } else if (volume.emptyDir || isBare(volume)) await prepareEmptyDir(path, volume, fsGroup)
    else throw new StepError('FailedMount', unsupported(volume))
  } catch (error) {
    const { message } = error as Error
    throw new StepError('FailedMount', `MountVolume.SetUp failed for volume "${volume.name}" : ${message}`, { cause: error })
  }
}

/** Brings the files of a volume up to date; true when something changed. */
export async function refreshVolume(pod: Pod, volume: Volume, sources: PayloadSources, options: VolumeOptions): Promise<boolean> {
  if (!hasPayload(volume)) return false
  return writePayload(volumePath(pod, volume, options), payloadOf(volume, sources), { fsGroup: pod.spec.securityContext?.fsGroup })
}

const isBare = (volume: Volume): boolean => Object.keys(volume).length === 1

async function prepareEmptyDir(path: string, volume: Volume, fsGroup: number | undefined): Promise<void> {
  await mkdir(path, { recursive: true })
  const size = volume.emptyDir?.sizeLimit
  if (volume.emptyDir?.medium === 'Memory') await inMemory(path, ['mode=0777', ...(size ? [`size=${quantityValue(size)}`] : [])])
  if (fsGroup === undefined) await chmod(path, 0o777)
  else await give(path, fsGroup)
}

/** Takes away what an ended pod leaves in an emptyDir; leaves all as it is while something is mounted in there, which is not the pod's. */
export async function removeEmptyDir(pod: Pod, volume: Volume, options: VolumeOptions): Promise<void> {
  const path = volumePath(pod, volume, options)
  await leaveMemory(path)
  if ((await mountsUnder(path)).length === 0) await rm(path, { recursive: true, force: true })
}

/** Lets a group write, also what its members make later. */
async function give(path: string, gid: number): Promise<void> {
  const { mode, gid: now } = await lstat(path)
  if (now !== gid) {
    await chown(path, -1, gid)
    for (const entry of await readdir(path, { withFileTypes: true })) if (!entry.isSymbolicLink()) await chown(join(path, entry.name), -1, gid)
  }
  if ((mode & 0o2777) !== 0o2777) await chmod(path, 0o2777)
}

function unsupported(volume: Volume): string {
  const [source = 'nothing'] = Object.keys(volume).filter(key => key !== 'name')
  if (source === 'image') return 'it is of type image, which needs an engine that mounts images'
  return `it is of type ${source}, which needs a driver or a provisioner that this node does not have`
}
