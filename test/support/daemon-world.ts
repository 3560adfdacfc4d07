import type { DaemonSet, DaemonSetSpec, DaemonSetStatus } from '../../src/api/types/apps/daemon-set.ts'
import type { Taint } from '../../src/api/types/core/affinity.ts'
import type { Node } from '../../src/api/types/core/node.ts'
import type { Pod, PodSpec } from '../../src/api/types/core/pod.ts'
import type { PodCondition } from '../../src/api/types/core/pod-status.ts'
import type { ObjectMeta } from '../../src/api/types/meta.ts'
import { deepFreeze } from '../../src/base/freeze.ts'
import { pinnedTo } from '../../src/judge/daemonset/daemon-pod.ts'
import type { Failures } from '../../src/judge/daemonset/failures.ts'
import type { Observed, Plan } from '../../src/judge/daemonset/plan.ts'

/** When the worlds of the tests are looked at. */
export const NOW = Date.UTC(2026, 0, 1)
/** RFC 3339, so many seconds after (or before) that moment. */
export const at = (seconds: number): string => new Date(NOW + seconds * 1000).toISOString().replace('.000Z', 'Z')

export const L1 = { name: 'simple-daemon', type: 'production' } as const
export const L2 = { name: 'simple-daemon', type: 'test' } as const

export interface SetText {
  readonly name?: string
  readonly uid?: string
  readonly onDelete?: boolean
  readonly maxUnavailable?: number | string
  readonly maxSurge?: number | string
  readonly minReadySeconds?: number
  readonly generation?: number
  readonly templateGeneration?: number
  readonly image?: string
  readonly labels?: Readonly<Record<string, string>>
  /** Merged into the template's spec. */
  readonly pod?: Partial<PodSpec>
  readonly spec?: Partial<DaemonSetSpec>
  readonly status?: Partial<DaemonSetStatus>
  readonly meta?: Partial<ObjectMeta>
}

/** The fixture set: `default/foo`, labels L1, one container, rolling with maxUnavailable 1 unless said otherwise. */
export function daemonSet(text: SetText = {}): DaemonSet {
  const { name = 'foo', generation = 1, labels = L1, maxSurge, maxUnavailable = maxSurge === undefined ? 1 : 0 } = text
  const metadata: DaemonSet['metadata'] = {
    name,
    namespace: 'default',
    uid: text.uid ?? `uid-${name}`,
    resourceVersion: '1',
    creationTimestamp: at(-7200),
    generation,
    ...(text.templateGeneration !== undefined && { annotations: { 'deprecated.daemonset.template.generation': String(text.templateGeneration) } }),
    ...(text.meta as Partial<DaemonSet['metadata']>),
  }
  return deepFreeze<DaemonSet>({
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata,
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'main', image: text.image ?? 'foo/bar:1' }], ...text.pod } as PodSpec },
      updateStrategy: text.onDelete ? { type: 'OnDelete' } : { type: 'RollingUpdate', rollingUpdate: { maxUnavailable, maxSurge: maxSurge ?? 0 } },
      minReadySeconds: text.minReadySeconds ?? 0,
      revisionHistoryLimit: 2,
      ...text.spec,
    },
    status: {
      currentNumberScheduled: 0,
      desiredNumberScheduled: 0,
      numberMisscheduled: 0,
      numberReady: 0,
      ...text.status,
    },
  })
}

/** `n1`, then any of: `notready`, `cordoned`, `key=value` for a label, `key[=value]:Effect` for a taint. */
export function node(text: string): Node {
  const [name, ...words] = text.split(' ') as [string, ...string[]]
  const labels: Record<string, string> = {}
  const taints: Taint[] = []
  for (const word of words) {
    const taint = /^([^=:]+)(?:=([^:]*))?:(NoSchedule|NoExecute|PreferNoSchedule)$/.exec(word)
    if (taint) taints.push({ key: taint[1]!, ...(taint[2] && { value: taint[2] }), effect: taint[3]! })
    else if (word.includes('=')) labels[word.slice(0, word.indexOf('='))] = word.slice(word.indexOf('=') + 1)
    else if (!['ready', 'notready', 'cordoned'].includes(word)) throw new Error(`what is ${word}?`)
  }
  return deepFreeze({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, uid: `uid-${name}`, resourceVersion: '1', creationTimestamp: at(-9000), labels },
    spec: { ...(taints.length > 0 && { taints }), ...(words.includes('cordoned') && { unschedulable: true }) },
    status: { conditions: [{ type: 'Ready', status: words.includes('notready') ? 'False' : 'True' }], allocatable: { pods: '100' } },
  })
}

export const nodes = (...texts: readonly string[]): readonly Node[] => texts.map(node)
/** `count` nodes named node-0 and up, each with the same words. */
export const nodesNamed = (count: number, words = '', from = 0): readonly Node[] =>
  Array.from({ length: count }, (_, i) => node(`node-${i + from}${words && ` ${words}`}`))

const PHASES: Readonly<Record<string, string>> = { pending: 'Pending', starting: 'Running', unknown: 'Unknown', failed: 'Failed', succeeded: 'Succeeded' }

/**
 * `a@n1 v1 available`: a pod, where it is, its revision, how it does (pending, starting, ready, available, unknown, failed, succeeded).
 * `a->n1` is pinned and not yet bound; `a` alone names no node. Further words: `terminating`, `born=50`, `ready=-10` (seconds from now),
 * `orphan`, `owner=uid`, `ns=other`, `gen=3`, `k:v` for a label instead of the set's.
 */
export function pod(text: string, set: DaemonSet = daemonSet()): Pod {
  const [where, revision, state, ...words] = text.split(' ') as [string, string, string, ...string[]]
  const [, name, link, node] = /^([^@>]+?)(?:(@|->)(.+))?$/.exec(where)!
  const word = (key: string) => words.find(w => w.startsWith(`${key}=`))?.slice(key.length + 1)
  const ready = state === 'ready' || state === 'available'
  const readyAt = word('ready') ?? (state === 'ready' ? '0' : '-3600')
  const own = words.filter(w => w.includes(':')).map(w => w.split(':') as [string, string])
  const labels: Record<string, string> = own.length > 0 ? Object.fromEntries(own) : { ...set.spec.template.metadata?.labels }
  if (revision !== '-') labels['controller-revision-hash'] = revision
  if (word('gen')) labels['pod-template-generation'] = word('gen')!
  const conditions: PodCondition[] = [
    { type: 'Ready', status: ready ? 'True' : 'False', ...(readyAt !== 'never' && { lastTransitionTime: at(Number(readyAt)) }) },
  ]
  return deepFreeze({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: name!,
      namespace: word('ns') ?? 'default',
      uid: `uid-${name}`,
      resourceVersion: '1',
      creationTimestamp: at(Number(word('born') ?? -3600)),
      labels,
      ...(words.includes('terminating') && { deletionTimestamp: at(-1) }),
      ...(!words.includes('orphan') && {
        ownerReferences: [{ apiVersion: 'apps/v1', kind: 'DaemonSet', name: set.metadata.name, uid: word('owner') ?? set.metadata.uid, controller: true }],
      }),
    },
    spec: {
      ...set.spec.template.spec!,
      ...(link === '@' && { nodeName: node! }),
      ...(link === '->' && { affinity: pinnedTo(undefined, node!) }),
    },
    status: { phase: PHASES[state] ?? 'Running', conditions },
  })
}

export const pods = (texts: readonly string[], set?: DaemonSet): readonly Pod[] => texts.map(text => pod(text, set))

export interface WorldText {
  readonly set?: SetText | DaemonSet
  /** The current revision; `v2` unless said otherwise. */
  readonly hash?: string
  readonly nodes: readonly string[]
  readonly pods?: readonly string[]
  readonly failures?: Failures
  readonly now?: number
}

/** A world from terse text. */
export function world(text: WorldText): Observed {
  const set = text.set && 'metadata' in text.set ? text.set : daemonSet(text.set)
  return {
    now: NOW + (text.now ?? 0) * 1000,
    set,
    hash: text.hash ?? 'v2',
    nodes: text.nodes.map(node),
    pods: (text.pods ?? []).map(p => pod(p, set)),
    failures: text.failures ?? new Map(),
  }
}

/** What a plan does, readable: `create n1 (no-pod)`, `delete a (outdated)`. */
export const say = (plan: Plan): readonly string[] =>
  plan.actions.map(action => (action.do === 'create' ? `create ${action.node} (${action.why})` : `delete ${action.pod.metadata.name} (${action.why})`))

/** What becomes of each pod: `a: current`. */
export const sayPods = (plan: Plan): readonly string[] => [...plan.pods].map(([p, reason]) => `${p.metadata.name}: ${reason}`)

/** Counts of a status: `desired 3, current 2, …`, without those that are zero. */
export function sayStatus({ status: s }: { readonly status: DaemonSetStatus }): string {
  const counts = {
    desired: s.desiredNumberScheduled,
    current: s.currentNumberScheduled,
    updated: s.updatedNumberScheduled,
    ready: s.numberReady,
    available: s.numberAvailable,
    unavailable: s.numberUnavailable,
    misscheduled: s.numberMisscheduled,
  }
  return Object.entries(counts)
    .filter(([, count]) => count)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ')
}
