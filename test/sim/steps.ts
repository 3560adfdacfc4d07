import { ControllerRevisions } from '../../src/api/kinds/apps/controller-revision.ts'
import { DaemonSets } from '../../src/api/kinds/apps/daemon-set.ts'
import { Nodes } from '../../src/api/kinds/core/node.ts'
import { Pods } from '../../src/api/kinds/core/pod.ts'
import type { NewObject } from '../../src/api/meta/object.ts'
import { controllerOf } from '../../src/api/meta/owner.ts'
import { isStatus } from '../../src/api/meta/status.ts'
import type { DaemonSet } from '../../src/api/types/apps/daemon-set.ts'
import type { Pod, PodSpec } from '../../src/api/types/core/pod.ts'
import type { SimCluster } from './sim-cluster.ts'

export const NAMESPACE = 'default'
export const HOLD = 'sim.everynode.dev/hold'
/** How the name of a revision ends that somebody made as a copy of another. */
export const COPY = '-b'
/** More processors than any node has. */
export const BIG = '1001'
/** Nodes whose tier is known and is not b. */
const AFFINE = {
  nodeAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: {
      nodeSelectorTerms: [
        {
          matchExpressions: [
            { key: 'tier', operator: 'Exists' },
            { key: 'tier', operator: 'NotIn', values: ['b'] },
          ],
        },
      ],
    },
  },
}
const IMAGE = 'registry.example/daemon'

/** Says what a step does to the cluster. A step that has nothing to act on does nothing. */
export async function take(cluster: SimCluster, step: string): Promise<void> {
  const [verb = '', ...words] = step.split(' ')
  const action = STEPS[verb]
  if (!action) throw new Error(`there is no step ${JSON.stringify(step)}`)
  try {
    await action(cluster, ...words)
  } catch (error) {
    // What the script wanted to touch has gone meanwhile, or somebody else changed it: as in life.
    if (!isStatus(error, 'NotFound', 'Conflict', 'AlreadyExists', 'Invalid', 'Forbidden')) throw error
  }
}

type Action = (cluster: SimCluster, ...words: string[]) => Promise<void>

const STEPS: Readonly<Record<string, Action>> = {
  async apply(cluster, name = '', strategy = '', image = '0', ...more) {
    const set = wanted(name, strategy, image, more)
    const old = await setNamed(cluster, name)
    if (!old) await cluster.api.create({ kind: DaemonSets, namespace: NAMESPACE }, set)
    else if (!old.metadata.deletionTimestamp) await cluster.api.update({ kind: DaemonSets, namespace: NAMESPACE, name }, { ...old, spec: set.spec })
  },
  image: (cluster, name = '', image = '0') =>
    changeTemplate(cluster, name, spec => ({ ...spec, containers: [{ ...spec.containers[0]!, image: `${IMAGE}:${image}` }] })),
  big: (cluster, name = '') =>
    changeTemplate(cluster, name, spec => ({ ...spec, containers: [{ ...spec.containers[0]!, resources: { requests: { cpu: BIG } } }] })),
  small: (cluster, name = '') => changeTemplate(cluster, name, spec => ({ ...spec, containers: [{ ...spec.containers[0]!, resources: {} }] })),
  async hold(cluster, name = '') {
    await patchSet(cluster, name, { spec: { template: { metadata: { finalizers: [HOLD] } } } })
  },
  async undo(cluster, name = '') {
    const set = await setNamed(cluster, name)
    const { items } = await cluster.api.list({ kind: ControllerRevisions, namespace: NAMESPACE })
    const own = items.filter(revision => controllerOf(revision)?.uid === set?.metadata.uid).sort((a, b) => b.revision - a.revision)
    if (own[1]) await cluster.api.patch({ kind: DaemonSets, namespace: NAMESPACE, name }, { type: 'strategic', body: own[1].data })
  },
  /** Somebody meddles with the history: a second revision of the same data, one without its hash, one that is gone. */
  async revision(cluster, name = '', how = '', index = '0') {
    const set = await setNamed(cluster, name)
    const { items } = await cluster.api.list({ kind: ControllerRevisions, namespace: NAMESPACE })
    const own = items.filter(revision => controllerOf(revision)?.uid === set?.metadata.uid).sort((a, b) => b.revision - a.revision)
    const one = own[Number(index) % own.length]
    if (!one) return
    const at = { kind: ControllerRevisions, namespace: NAMESPACE, name: one.metadata.name }
    if (how === 'drop') await cluster.api.delete(at)
    else if (how === 'unlabel') await cluster.api.patch(at, { type: 'merge', body: { metadata: { labels: { 'controller-revision-hash': null } } } })
    else {
      const { labels, ownerReferences = [] } = one.metadata
      const name = `${one.metadata.name}${COPY}`
      const hash = `${labels?.['controller-revision-hash'] ?? one.metadata.name}${COPY}`
      const metadata = { name, namespace: NAMESPACE, labels: { ...labels, 'controller-revision-hash': hash }, ownerReferences }
      await cluster.api.create({ kind: ControllerRevisions, namespace: NAMESPACE }, { metadata, data: one.data!, revision: own[0]!.revision + 1 })
    }
  },
  async delete(cluster, name = '', propagation = '') {
    await cluster.api.delete({ kind: DaemonSets, namespace: NAMESPACE, name }, { propagation: propagation as 'Background' })
  },
  async label(cluster, name = '', label = '') {
    const [key = '', value] = label.split('=')
    await cluster.api.patch({ kind: Nodes, name }, { type: 'merge', body: { metadata: { labels: { [key]: value } } } })
  },
  async taint(cluster, name = '', taint = '') {
    const [key = '', effect = ''] = taint.split(':')
    const node = await cluster.api.get({ kind: Nodes, name })
    const taints = [...(node.spec.taints ?? []).filter(t => t.key !== key || t.effect !== effect), { key, effect }]
    await cluster.api.update({ kind: Nodes, name }, { ...node, spec: { ...node.spec, taints } })
  },
  async untaint(cluster, name = '') {
    const node = await cluster.api.get({ kind: Nodes, name })
    await cluster.api.update({ kind: Nodes, name }, { ...node, spec: { ...node.spec, taints: (node.spec.taints ?? []).filter(t => t.key.includes('/')) } })
  },
  cordon: (cluster, name = '') => cordoned(cluster, name, true),
  uncordon: (cluster, name = '') => cordoned(cluster, name, false),
  async add(cluster, name = '') {
    cluster.startAgent(name)
  },
  remove: (cluster, name = '') => cluster.removeNode(name),
  async die(cluster, name = '') {
    cluster.killAgent(name)
  },
  async return(cluster, name = '') {
    if (cluster.nodeNames.includes(name)) cluster.startAgent(name)
  },
  kill: (cluster, index) => withPod(cluster, index, ({ metadata: { name } }) => cluster.api.delete({ kind: Pods, namespace: NAMESPACE, name })),
  gone: (cluster, index) =>
    withPod(cluster, index, ({ metadata: { name } }) => cluster.api.delete({ kind: Pods, namespace: NAMESPACE, name }, { gracePeriodSeconds: 0 })),
  fail: (cluster, index) => ended(cluster, index, { phase: 'Failed', reason: 'Evicted', message: 'for the sake of it' }),
  finish: (cluster, index) => ended(cluster, index, { phase: 'Succeeded' }),
  async stray(cluster, set = '', how = '', node = '') {
    const spec: Partial<PodSpec> =
      how === 'bound'
        ? { nodeName: node }
        : how === 'pinned'
          ? {
              affinity: {
                nodeAffinity: {
                  requiredDuringSchedulingIgnoredDuringExecution: {
                    nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [node] }] }],
                  },
                },
              },
            }
          : {}
    if (how === 'bound' && !cluster.nodeNames.includes(node)) return
    await cluster.api.create(
      { kind: Pods, namespace: NAMESPACE },
      {
        metadata: { generateName: 'stray-', labels: { set } },
        spec: { containers: [{ name: 'main', image: IMAGE }], tolerations: [{ operator: 'Exists' }], ...spec },
      },
    )
  },
  async cut(cluster) {
    cluster.cutWatches()
  },
  compact: cluster => cluster.compact(),
  crash: cluster => cluster.crashControllers(),
  async refuse(cluster, count) {
    cluster.faults.refuse = Number(count)
  },
  async lose(cluster, count) {
    cluster.faults.lose = Number(count)
  },
  time: (cluster, seconds) => cluster.time.pass(Number(seconds) * 1000),
}
export const VERBS: readonly string[] = Object.keys(STEPS)

function wanted(name: string, strategy: string, image: string, more: readonly string[]): NewObject<DaemonSet> {
  const [, kind, amount = ''] = /^(u|s|od)(.*)$/.exec(strategy)!
  const value = amount.endsWith('%') ? amount : Number(amount)
  return {
    metadata: { name, namespace: NAMESPACE },
    spec: {
      selector: { matchLabels: { set: name } },
      minReadySeconds: more.includes('wait') ? 10 : 0,
      revisionHistoryLimit: 3,
      updateStrategy:
        kind === 'od'
          ? { type: 'OnDelete' }
          : { type: 'RollingUpdate', rollingUpdate: kind === 'u' ? { maxUnavailable: value, maxSurge: 0 } : { maxUnavailable: 0, maxSurge: value } },
      template: {
        metadata: { labels: { set: name } },
        spec: {
          containers: [{ name: 'main', image: `${IMAGE}:${image}` }],
          nodeSelector: { on: 'yes', ...(more.includes('tier') && { tier: 'a' }) },
          terminationGracePeriodSeconds: 5,
          ...(more.includes('affine') && { affinity: AFFINE }),
          ...(more.includes('named') && { nodeName: 'n1' }),
          ...(more.includes('tolerate') && { tolerations: [{ key: 'a', operator: 'Exists' }] }),
        },
      },
    },
  }
}

export const setNamed = (cluster: SimCluster, name: string): Promise<DaemonSet | undefined> =>
  cluster.api.get({ kind: DaemonSets, namespace: NAMESPACE, name }).catch(error => {
    if (isStatus(error, 'NotFound')) return undefined
    throw error
  })

export async function patchSet(cluster: SimCluster, name: string, body: object): Promise<void> {
  await cluster.api.patch({ kind: DaemonSets, namespace: NAMESPACE, name }, { type: 'merge', body })
}

/** Tries again when somebody else wrote in between: what stands on the template is not to be lost to the write of a status. */
async function changeTemplate(cluster: SimCluster, name: string, change: (spec: PodSpec) => PodSpec): Promise<void> {
  const set = await setNamed(cluster, name)
  if (!set || set.metadata.deletionTimestamp) return
  const template = { ...set.spec.template, spec: change(set.spec.template.spec!) }
  await cluster.api.update({ kind: DaemonSets, namespace: NAMESPACE, name }, { ...set, spec: { ...set.spec, template } }).catch(error => {
    if (!isStatus(error, 'Conflict')) throw error
    return changeTemplate(cluster, name, change)
  })
}

async function cordoned(cluster: SimCluster, name: string, unschedulable: boolean): Promise<void> {
  await cluster.api.patch({ kind: Nodes, name }, { type: 'merge', body: { spec: { unschedulable } } })
}

async function withPod(cluster: SimCluster, index: string | undefined, act: (pod: Pod) => Promise<unknown>): Promise<void> {
  const { items } = await cluster.api.list({ kind: Pods, namespace: NAMESPACE })
  const pod = items[Number(index) % items.length]
  if (pod) await act(pod)
}

const ended = (cluster: SimCluster, index: string | undefined, status: { readonly phase: string; readonly reason?: string; readonly message?: string }) =>
  withPod(cluster, index, pod =>
    cluster.api.update({ kind: Pods, namespace: NAMESPACE, name: pod.metadata.name, subresource: 'status' }, { ...pod, status: { ...pod.status, ...status } }),
  )
