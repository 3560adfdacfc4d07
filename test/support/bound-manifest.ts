/** Manifests that people really deploy, made fit to run on a test's node: a local image, harmless commands, a namespace of their own, any node. */
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { flattenList } from '../../src/api/yaml/list.ts'
import { readYaml } from '../../src/api/yaml/read.ts'

// biome-ignore lint/suspicious/noExplicitAny: manifests are changed as they come
type Json = Record<string, any>

export interface Binding {
  readonly namespace: string
  readonly image: string
  /** Directory that stands for the machine's root where a manifest names what this machine does not have. */
  readonly root: string
  /** What every container runs, whatever its manifest says. */
  readonly command: readonly string[]
}

export interface BoundManifest {
  readonly documents: readonly Json[]
  /** Names of its DaemonSets. */
  readonly sets: readonly string[]
}

const KEPT = new Set(['DaemonSet', 'ConfigMap', 'Secret', 'Service', 'ServiceAccount'])

export async function boundManifest(file: string, binding: Binding): Promise<BoundManifest> {
  const { documents: read } = await readYaml(readFileSync(file, 'utf8'))
  const documents: Json[] = []
  const sets: string[] = []
  const accounts = new Set<string>()
  for (const { value } of read) {
    for (const item of flattenList(value) as (Json | null)[]) {
      if (!item || !KEPT.has(item['kind'])) continue
      item['metadata'] = { ...item['metadata'], namespace: binding.namespace }
      documents.push(item)
      if (item['kind'] !== 'DaemonSet') continue
      sets.push(item['metadata'].name)
      const pod: Json = item['spec'].template.spec
      bindPod(pod, binding)
      accounts.add(pod['serviceAccountName'] ?? pod['serviceAccount'] ?? 'default')
    }
  }
  for (const name of accounts) {
    if (name === 'default' || documents.some(d => d['kind'] === 'ServiceAccount' && d['metadata'].name === name)) continue
    documents.unshift({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace: binding.namespace } })
  }
  return { documents, sets }
}

function bindPod(pod: Json, { image, command, root }: Binding): void {
  delete pod['nodeSelector']
  delete pod['affinity']
  // A shell that is told to end before it has set its trap waits for the end of this.
  pod['terminationGracePeriodSeconds'] = Math.min(pod['terminationGracePeriodSeconds'] ?? 30, 5)
  for (const container of [...(pod['initContainers'] ?? []), ...pod['containers']] as Json[]) {
    container['image'] = image
    container['imagePullPolicy'] = 'IfNotPresent'
    container['command'] = pod['initContainers']?.includes(container) && container['restartPolicy'] !== 'Always' ? ['true'] : command
    for (const handler of [
      container['lifecycle']?.postStart,
      container['lifecycle']?.preStop,
      container['livenessProbe'],
      container['readinessProbe'],
      container['startupProbe'],
    ])
      if (handler?.exec) handler.exec.command = ['true']
    // What listens in the real program does not in ours.
    for (const probe of ['livenessProbe', 'startupProbe']) if (container[probe] && !container[probe].exec) delete container[probe]
  }
  for (const { hostPath } of (pod['volumes'] ?? []) as Json[]) {
    if (!hostPath || existsSync(hostPath.path)) continue
    hostPath.path = join(root, hostPath.path)
    mkdirSync(dirname(hostPath.path), { recursive: true })
  }
}
