import { access } from 'node:fs/promises'
import type { HostAbilities } from '../../admit-host.ts'
import type { NodeHealth } from '../../node/describe.ts'
import { openChannel } from './channel.ts'
import { CriClient } from './client.ts'
import type { RuntimeCondition } from './messages.ts'
import { LABEL, type Owner } from './sandbox-config.ts'

export interface Engine {
  readonly client: CriClient
  /** `containerd`. */
  readonly name: string
  readonly version: string
  readonly features: Omit<HostAbilities, 'appArmor'>
  /** Asks the engine how it is. Never throws. */
  health(): Promise<NodeHealth>
}

const ANSWER_MS = 5000

/** Connects to an engine and makes sure that it is ours to use. */
export async function openEngine(socket: string, owner: Owner, share: boolean): Promise<Engine> {
  const path = socket.replace(/^unix:\/\//, '')
  await access(path).catch(() => {
    throw new Error(`no container engine at ${path}: start one, or name its socket with --cri`)
  })
  const client = new CriClient(await openChannel(path))
  try {
    const { runtime_name = 'unknown', runtime_version = '' } = await client.version({}, { timeoutMs: ANSWER_MS })
    if (!share) await refuseForeign(client, owner, path)
    const features = await featuresOf(client)
    return { client, name: runtime_name, version: runtime_version, features, health: () => healthOf(client) }
  } catch (error) {
    client.channel.close()
    throw error
  }
}

/** Another agent's pods in the engine mean that it manages it: it would remove ours. */
async function refuseForeign(client: CriClient, owner: Owner, socket: string): Promise<void> {
  const { items = [] } = await client.listPodSandbox({}, { timeoutMs: ANSWER_MS })
  const foreign = items.find(i => i.labels?.[LABEL.uid] && i.labels[LABEL.cluster] !== owner.cluster)
  if (!foreign) return
  const { name = '', namespace = '' } = foreign.metadata ?? {}
  throw new Error(`another agent runs pods in the engine at ${socket} (found ${namespace}/${name}): use an engine of its own, or --share-engine`)
}

/** Engines from before these fields say nothing of them. */
async function featuresOf(client: CriClient): Promise<Engine['features']> {
  const { runtime_handlers = [], features } = await client.status({}, { timeoutMs: ANSWER_MS })
  const usual = runtime_handlers.find(h => !h.name)?.features
  return { strictGroups: features?.supplemental_groups_policy ?? false, recursiveReadOnly: usual?.recursive_read_only_mounts ?? false, resize: true }
}

/** Why the engine has no network for pods; undefined when it has, or does not answer. */
export async function networkProblem(client: CriClient): Promise<string | undefined> {
  const { status } = await client.status({}, { timeoutMs: ANSWER_MS }).catch(() => ({ status: undefined }))
  const broken = status?.conditions?.find(({ type, status: ready }) => type === 'NetworkReady' && !ready)
  return broken && inWords(broken)
}

function inWords({ type, reason = '', message = '' }: RuntimeCondition): string {
  const what = type === 'NetworkReady' ? 'container runtime network not ready' : 'container runtime not ready'
  return `${what}: ${type}=false reason:${reason} message:${message}`
}

async function healthOf(client: CriClient): Promise<NodeHealth> {
  try {
    const { status } = await client.status({}, { timeoutMs: ANSWER_MS })
    const broken = status?.conditions?.find(c => !c.status)
    return broken ? { notReady: inWords(broken) } : {}
  } catch (error) {
    return { notReady: `container runtime is down: ${(error as Error).message}` }
  }
}
