import { mkdir, readdir, rm, symlink, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Pod } from '../../api/types/core/pod.ts'
import { containerLogLink, logDirectory, type NodePaths } from '../pod-files.ts'

/** Names a container's log under `/var/log/containers`, where shippers look. `seenAt` is where its readers see `/var/log/pods`. */
export async function linkLog(paths: NodePaths, pod: Pod, container: string, attempt: number, id: string, seenAt = '/var/log/pods'): Promise<void> {
  const link = containerLogLink(paths, pod, container, id)
  await mkdir(dirname(link), { recursive: true })
  await rm(link, { force: true })
  const { name, namespace = '', uid } = pod.metadata
  await symlink(join(logDirectory({ ...paths, podLogs: seenAt }, { name, namespace, uid }), container, `${attempt}.log`), link)
}

/** Takes away the names of all logs of these pods. */
export async function unlinkLogs({ containerLogs }: NodePaths, pods: readonly { readonly name: string; readonly namespace: string }[]): Promise<void> {
  const prefixes = pods.filter(p => p.name).map(p => `${p.name}_${p.namespace}_`)
  for (const name of await readdir(containerLogs).catch(() => [])) {
    if (prefixes.some(prefix => name.startsWith(prefix))) await unlink(join(containerLogs, name)).catch(() => {})
  }
}
