import { readFile } from 'node:fs/promises'
import type { Api, EventRecorder } from '../../api/access.ts'
import type { Pod } from '../../api/types/core/pod.ts'
import type { Clock } from '../../base/clock.ts'
import type { HostAbilities } from '../admit-host.ts'
import type { PulledImages } from '../images/pulled.ts'
import type { PodSetup } from '../pod-setup.ts'
import type { Backend } from './backend.ts'
import type { Owner } from './cri/sandbox-config.ts'

/** What a node is told to run its pods on. */
export type RuntimeChoice =
  /** `share`: use the engine although another agent's pods run in it. */
  { readonly kind: 'engine'; readonly socket: string; readonly share: boolean } | { readonly kind: 'processes' }

export interface BackendParts {
  readonly api: Api
  readonly clock: Clock
  readonly setup: PodSetup
  readonly recorder?: EventRecorder | undefined
  /** The pod as it was last seen. */
  readonly podOf: (uid: string) => Pod | undefined
  readonly hostIPs: () => readonly string[]
  readonly pulled: PulledImages
}

export interface OpenedBackend {
  /** `containerd`, `processes`. */
  readonly name: string
  readonly version: string
  readonly abilities: HostAbilities
  backend(parts: BackendParts): Backend
}

/** As the kubelet finds out. */
const hasAppArmor = async (): Promise<boolean> =>
  (await readFile('/sys/module/apparmor/parameters/enabled', 'utf8').catch(() => '')).trim().toUpperCase() === 'Y'

const processes = () => import('./processes/backend.ts')
const engines = async () => ({ ...(await import('./cri/engine.ts')), ...(await import('./cri/backend.ts')) })

/** Loads what `openBackend` will need. */
export const loadBackend = async (kind: RuntimeChoice['kind']): Promise<void> => void (await (kind === 'processes' ? processes() : engines()))

/** Finds what was chosen and makes sure that it is there and ours to use. */
export async function openBackend(choice: RuntimeChoice, owner: Owner): Promise<OpenedBackend> {
  if (choice.kind === 'processes') {
    const { openProcesses } = await processes()
    return openProcesses(owner)
  }
  const { openEngine, criBackend } = await engines()
  const engine = await openEngine(choice.socket, owner, choice.share)
  const appArmor = await hasAppArmor()
  return {
    name: engine.name,
    version: engine.version,
    abilities: { ...engine.features, appArmor },
    backend: parts => criBackend({ ...parts, engine, owner, share: choice.share }),
  }
}
