/** The DaemonSets of a bench, and waiting until all of them are where they are to be. */
import type { Api } from '../../src/api/access.ts'
import { DaemonSets } from '../../src/api/kinds/apps/daemon-set.ts'
import { ConfigMaps } from '../../src/api/kinds/core/config-map.ts'
import { Pods } from '../../src/api/kinds/core/pod.ts'
import { Secrets } from '../../src/api/kinds/core/secret.ts'
import type { DaemonSet } from '../../src/api/types/apps/daemon-set.ts'

const IN = { kind: DaemonSets, namespace: 'default' }
const LABEL = 'bench'
/** Nodes that have it run the daemons. */
export const NODE_LABEL = { [LABEL]: 'on' }

export const setNames = (count: number): string[] => Array.from({ length: count }, (_, i) => `bench-${i}`)

export interface SetOptions {
  /** A config map and a secret that its pods mount: two more watches for each node. */
  readonly mounts?: boolean
}

export function daemonSet(name: string, { mounts = false }: SetOptions = {}) {
  const volumes = [
    { name: 'settings', configMap: { name: 'settings' } },
    { name: 'keys', secret: { secretName: 'keys' } },
  ]
  const containers = [
    {
      name: 'agent',
      image: 'example.org/agent:1',
      resources: { requests: { cpu: '10m', memory: '16Mi' } },
      ...(mounts && { volumeMounts: volumes.map(volume => ({ name: volume.name, mountPath: `/etc/${volume.name}` })) }),
    },
  ]
  return {
    metadata: { name, namespace: 'default', labels: { [LABEL]: 'yes' } },
    spec: {
      selector: { matchLabels: { app: name } },
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '10%' } },
      template: { metadata: { labels: { app: name, [LABEL]: 'yes' } }, spec: { nodeSelector: NODE_LABEL, containers, ...(mounts && { volumes }) } },
    },
  }
}

export async function createMounted(api: Api): Promise<void> {
  const metadata = (name: string) => ({ metadata: { name, namespace: 'default' } })
  await api.create({ kind: ConfigMaps, namespace: 'default' }, { ...metadata('settings'), data: { level: 'info' } })
  await api.create({ kind: Secrets, namespace: 'default' }, { ...metadata('keys'), data: { key: 'a2V5' } })
}

export const createSets = (api: Api, names: readonly string[], options: SetOptions = {}) =>
  Promise.all(names.map(name => api.create(IN, daemonSet(name, options))))

export const patchSets = (api: Api, names: readonly string[], body: object) =>
  Promise.all(names.map(name => api.patch({ ...IN, name }, { type: 'strategic', body })))

export const imageOf = (tag: number) => ({ spec: { template: { spec: { containers: [{ name: 'agent', image: `example.org/agent:${tag}` }] } } } })

/** Does something and resolves with the milliseconds from its return until `done` holds for every set, with its newest generation observed. */
export async function timed(api: Api, names: readonly string[], act: () => Promise<unknown>, done: (set: DaemonSet) => boolean): Promise<number> {
  const before = await api.list(IN, { labelSelector: LABEL })
  await act()
  const started = performance.now()
  const waiting = new Set(names)
  const generations = new Map((await api.list(IN, { labelSelector: LABEL })).items.map(({ metadata }) => [metadata.name, metadata.generation ?? 0]))
  const stop = new AbortController()
  try {
    for await (const events of api.watch(IN, { labelSelector: LABEL, resourceVersion: before.metadata.resourceVersion, signal: stop.signal })) {
      for (const event of events) {
        if (event.type === 'BOOKMARK') continue
        const { metadata, status } = event.object
        if ((status.observedGeneration ?? 0) < generations.get(metadata.name)!) continue
        if (done(event.object)) waiting.delete(metadata.name)
        else waiting.add(metadata.name)
      }
      if (waiting.size === 0) return performance.now() - started
    }
    throw new Error('the watch ended early')
  } finally {
    stop.abort()
  }
}

/** Deletes the sets; milliseconds until none of their pods is left. The sets are gone too when it resolves. */
export async function timedDelete(api: Api, names: readonly string[]): Promise<number> {
  const started = performance.now()
  await Promise.all(names.map(name => api.delete({ ...IN, name }, { propagation: 'Foreground' })))
  await untilNone(() => api.list({ kind: Pods, namespace: 'default' }, ONE))
  const taken = performance.now() - started
  await untilNone(() => api.list(IN, ONE))
  return taken
}

const ONE = { labelSelector: LABEL, limit: 1, resourceVersion: '0' }

async function untilNone(list: () => Promise<{ readonly items: readonly unknown[] }>): Promise<void> {
  while ((await list()).items.length > 0) await new Promise(resolve => setTimeout(resolve, 20))
}
