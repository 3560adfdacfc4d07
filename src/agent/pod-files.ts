import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Pod } from '../api/types/core/pod.ts'

/** Where the files of a node lie. */
export interface NodePaths {
  /** The agent's own directory; 0700. */
  readonly data: string
  /** `/var/log/pods` of this node. */
  readonly podLogs: string
  /** `/var/log/containers` of this node. */
  readonly containerLogs: string
}

export const podDirectory = ({ data }: NodePaths, uid: string): string => join(data, 'pods', uid)
export const volumesDirectory = (paths: NodePaths, uid: string): string => join(podDirectory(paths, uid), 'volumes')
export const logDirectory = ({ podLogs }: NodePaths, pod: { readonly namespace: string; readonly name: string; readonly uid: string }): string =>
  join(podLogs, `${pod.namespace}_${pod.name}_${pod.uid}`)
export const terminationFile = (paths: NodePaths, uid: string, container: string, attempt: number): string =>
  join(podDirectory(paths, uid), 'containers', container, `${attempt}.termination`)
/** The name under `/var/log/containers` that log shippers take pod, namespace and container from. */
export const containerLogLink = ({ containerLogs }: NodePaths, pod: Pod, container: string, id: string): string =>
  join(containerLogs, `${pod.metadata.name}_${pod.metadata.namespace}_${container}-${id}.log`)

export interface Left {
  readonly uid: string
  readonly name: string
  readonly namespace: string
}

/** Pods that have a directory on this node, of those whose uid `wanted` says yes to. */
export async function podsOnDisk(paths: NodePaths, wanted: (uid: string) => boolean = () => true): Promise<readonly Left[]> {
  const uids = await readdir(join(paths.data, 'pods')).catch(() => [])
  return Promise.all(
    uids.filter(wanted).map(async uid => {
      try {
        return { uid, ...JSON.parse(await readFile(join(podDirectory(paths, uid), 'pod.json'), 'utf8')) } as Left
      } catch {
        return { uid, name: '', namespace: '' }
      }
    }),
  )
}
