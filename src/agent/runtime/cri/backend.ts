import { join } from 'node:path'
import type { Api, EventRecorder } from '../../../api/access.ts'
import { isStatus } from '../../../api/meta/status.ts'
import type { Pod } from '../../../api/types/core/pod.ts'
import type { Clock } from '../../../base/clock.ts'
import { processesIn } from '../../host/cgroups.ts'
import { isImported } from '../../images/collect.ts'
import type { PulledImages } from '../../images/pulled.ts'
import { Secrets } from '../../kinds.ts'
import { logDirectory, type NodePaths } from '../../pod-files.ts'
import type { PodSetup } from '../../pod-setup.ts'
import type { ContainerReading } from '../../stats/usage.ts'
import { engineDoors } from '../../streams/engine-doors.ts'
import type { Backend, ImageStock, OpenLog } from '../backend.ts'
import type { CriClient } from './client.ts'
import type { Engine } from './engine.ts'
import { Images } from './images.ts'
import { CriRuntime } from './runtime.ts'
import { LABEL, type Owner, ownLabels, podCgroup } from './sandbox-config.ts'

export interface CriBackendOptions {
  readonly api: Api
  readonly clock: Clock
  readonly engine: Engine
  readonly owner: Owner
  readonly setup: PodSetup
  readonly recorder?: EventRecorder | undefined
  readonly podOf: (uid: string) => Pod | undefined
  /** Whether others use the engine too: their images are not ours to remove. */
  readonly share: boolean
  readonly pulled: PulledImages
}

const RUNNING = 1

export function criBackend({ api, clock, engine, owner, setup, recorder, podOf, share, pulled }: CriBackendOptions): Backend {
  const { client } = engine
  const secret = async (pod: { readonly metadata: { readonly namespace?: string | undefined } }, name: string) => {
    try {
      return await api.get({ kind: Secrets, namespace: pod.metadata.namespace, name })
    } catch (error) {
      if (isStatus(error, 'NotFound', 'Forbidden')) return undefined
      throw error
    }
  }
  const images = new Images({ client, clock, recorder, secret, pulled })
  return {
    runtime: new CriRuntime({ ...engine, clock, owner, setup, images, recorder, podOf }),
    doors: engineDoors(client),
    health: () => engine.health(),
    openLogs: () => openLogs(client, owner, setup.paths),
    readings: () => readingsOf(client, owner),
    processes: uid => processesIn(podCgroup(owner, uid)),
    images: stockOf(client, pulled, share),
    close: () => client.channel.close(),
  }
}

async function openLogs(client: CriClient, owner: Owner, paths: NodePaths): Promise<readonly OpenLog[]> {
  const { containers = [] } = await client.listContainers({ filter: { label_selector: ownLabels(owner), state: { state: RUNNING } } })
  return containers.map(({ id = '', labels = {}, metadata }) => {
    const pod = { namespace: labels[LABEL.namespace] ?? '', name: labels[LABEL.pod] ?? '', uid: labels[LABEL.uid] ?? '' }
    const path = join(logDirectory(paths, pod), labels[LABEL.container] ?? '', `${metadata?.attempt ?? 0}.log`)
    return { path, reopen: () => client.reopenContainerLog({ container_id: id }) }
  })
}

async function readingsOf(client: CriClient, owner: Owner): Promise<ReadonlyMap<string, ContainerReading>> {
  const { stats = [] } = await client.listContainerStats({ filter: { label_selector: ownLabels(owner) } })
  const containers = new Map<string, ContainerReading>()
  for (const { attributes, cpu, memory, writable_layer } of stats) {
    const labels = attributes?.labels ?? {}
    if (attributes?.id === undefined || cpu?.usage_core_nano_seconds?.value === undefined || cpu.timestamp === undefined) continue
    containers.set(attributes.id, {
      uid: labels[LABEL.uid] ?? '',
      container: labels[LABEL.container] ?? '',
      at: cpu.timestamp / 1e6,
      cpuNanoSeconds: cpu.usage_core_nano_seconds.value,
      memoryBytes: memory?.working_set_bytes?.value ?? 0,
      ...(writable_layer && { layer: { bytes: writable_layer.used_bytes?.value ?? 0, inodes: writable_layer.inodes_used?.value ?? 0 } }),
    })
  }
  return containers
}

/** The images of an engine; `share`: all but those that were pulled by this agent are pinned. */
export const stockOf = (client: CriClient, pulled: PulledImages, share = false): ImageStock => ({
  async list() {
    const [{ images = [] }, { containers = [] }] = await Promise.all([client.listImages({}), client.listContainers({})])
    const isOthers = async (id: string) => share && (await pulled.load(id)) === undefined
    const present = images.map(async ({ id = '', size = 0, pinned = false, repo_tags, repo_digests }) => {
      return { id, bytes: size, pinned: pinned || isImported(repo_tags, repo_digests) || (await isOthers(id)) }
    })
    return { present: await Promise.all(present), inUse: new Set(containers.map(c => c.image_ref ?? '')) }
  },
  async remove(id) {
    await client.removeImage({ image: { image: id } })
    await pulled.remove(id)
  },
  async directory() {
    const { image_filesystems = [] } = await client.imageFsInfo({})
    return image_filesystems[0]?.fs_id?.mountpoint
  },
})
