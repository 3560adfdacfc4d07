import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Api } from '../api/access.ts'
import { isStatus } from '../api/meta/status.ts'
import type { Node } from '../api/types/core/node.ts'
import type { Pod } from '../api/types/core/pod.ts'
import { type Clock, sleep } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import { keyOf, type Lister } from '../client/informer.ts'
import { Pods } from './kinds.ts'
import { isMirror, MIRROR } from './pod-source.ts'

const PERIOD_MS = 2000
const HASH = 'kubernetes.io/config.hash'
const SOURCE = 'kubernetes.io/config.source'

/** A manifest as the pod that this node runs: named after the node, with an id that changes when the manifest does. */
export function staticPod(manifest: Pod, text: string, nodeName: string): Pod {
  const uid = createHash('sha256').update(nodeName).update('\0').update(text).digest('hex').slice(0, 32)
  const { metadata, spec } = manifest
  return {
    ...manifest,
    metadata: {
      ...metadata,
      name: `${metadata.name}-${nodeName}`,
      namespace: metadata.namespace || 'default',
      uid,
      resourceVersion: '0',
      creationTimestamp: '',
      annotations: { ...metadata.annotations, [HASH]: uid, [SOURCE]: 'file' },
    },
    spec: { ...spec, nodeName, tolerations: [...(spec.tolerations ?? []), { operator: 'Exists', effect: 'NoExecute' }] },
    status: {},
  }
}

/** What the API shows of a static pod: a copy that cannot be told what to do. */
export function mirrorOf(pod: Pod, node: Node) {
  const { name, namespace = 'default', labels, annotations } = pod.metadata
  const { name: nodeName, uid } = node.metadata
  const owner = { apiVersion: 'v1', kind: 'Node', name: nodeName, uid, controller: true }
  const metadata = { name, namespace, ...(labels && { labels }), annotations: { ...annotations, [MIRROR]: pod.metadata.uid }, ownerReferences: [owner] }
  return { metadata, spec: pod.spec }
}

/** The pods that the manifests of a directory describe. A file that cannot be read as a pod is named and left out. */
export async function readStaticPods(directory: string, nodeName: string, log: Log): Promise<readonly Pod[]> {
  const names = (await readdir(directory)).filter(name => !name.startsWith('.') && /\.(ya?ml|json)$/.test(name)).sort()
  if (names.length === 0) return []
  const [{ readYaml }, { decode }, { fill }, { Pods: kind }] = await Promise.all([
    import('../api/yaml/read.ts'),
    import('../api/schema/decode.ts'),
    import('../api/schema/fill.ts'),
    import('../api/kinds/core/pod.ts'),
  ])
  const pods: Pod[] = []
  for (const name of names) {
    try {
      const text = await readFile(join(directory, name), 'utf8')
      const { documents } = await readYaml(text)
      for (const { value } of documents) {
        if ((value as { kind?: string } | undefined)?.kind !== 'Pod') throw new Error('it describes no Pod')
        const decoded = decode(kind.schema, value as never, { unknown: 'drop', as: { kind: 'Pod', version: 'v1' } }).value as never
        fill(kind.schema, decoded)
        kind.defaults?.(decoded)
        pods.push(staticPod(decoded as Pod, JSON.stringify(decoded), nodeName))
      }
    } catch (error) {
      log.warn('a static pod cannot be read', { file: join(directory, name), error: (error as Error).message })
    }
  }
  return pods
}

export interface StaticPodsOptions {
  readonly directory: string
  readonly nodeName: string
  readonly api: Api
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
  readonly onChange: (pods: readonly Pod[]) => void
  /** What the API has of this node. */
  readonly pods: Lister<Pod>
  readonly node: () => Node | undefined
  /** Whether the API has answered at all. */
  readonly answered: () => boolean
}

/** Keeps the static pods those of the directory, and their mirrors in the API. */
export async function keepStaticPods(options: StaticPodsOptions): Promise<void> {
  const { directory, nodeName, clock, log, signal, onChange } = options
  let known = ''
  while (!signal.aborted) {
    try {
      const pods = await readStaticPods(directory, nodeName, log)
      const ids = pods.map(pod => pod.metadata.uid).join()
      if (ids !== known) onChange(pods)
      known = ids
      const node = options.node()
      if (node && options.answered()) await mirror(pods, node, options)
    } catch (error) {
      if (!signal.aborted) log.warn('static pods could not be brought up to date', { directory, error: (error as Error).message })
    }
    await sleep(clock, PERIOD_MS, signal).catch(() => {})
  }
}

async function mirror(pods: readonly Pod[], node: Node, { api, pods: present, signal }: StaticPodsOptions): Promise<void> {
  const wanted = new Map(pods.map(pod => [keyOf(pod), pod]))
  const remove = async (pod: Pod) => {
    const { name, namespace, uid } = pod.metadata
    await api.delete({ kind: Pods, namespace, name }, { gracePeriodSeconds: 0, preconditions: { uid }, signal }).catch(error => {
      if (!isStatus(error, 'NotFound', 'Conflict')) throw error
    })
  }
  for (const pod of present.list()) {
    // Deleting a mirror deletes nothing but the mirror: it comes back.
    if (isMirror(pod) && (pod.metadata.deletionTimestamp || wanted.get(keyOf(pod))?.metadata.uid !== pod.metadata.annotations?.[MIRROR])) await remove(pod)
  }
  for (const [key, pod] of wanted) {
    const there = present.get(key)
    if (there && !there.metadata.deletionTimestamp && there.metadata.annotations?.[MIRROR] === pod.metadata.uid) continue
    try {
      await api.create({ kind: Pods, namespace: pod.metadata.namespace }, mirrorOf(pod, node), { signal })
    } catch (error) {
      if (!isStatus(error, 'AlreadyExists')) throw error
    }
  }
}
