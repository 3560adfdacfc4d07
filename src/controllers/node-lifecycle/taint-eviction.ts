import { Nodes } from '../../api/kinds/core/node.ts'
import { Pods } from '../../api/kinds/core/pod.ts'
import { objectKey } from '../../api/meta/key.ts'
import { isStatus } from '../../api/meta/status.ts'
import { timeOf } from '../../api/meta/time.ts'
import type { Taint } from '../../api/types/core/affinity.ts'
import type { Node } from '../../api/types/core/node.ts'
import type { Pod } from '../../api/types/core/pod.ts'
import { equal } from '../../base/equal.ts'
import { KeyQueue } from '../../base/key-queue.ts'
import { ON_NODE, podsByNode } from '../../client/indexes.ts'
import { evictionOf } from '../../judge/node-lifecycle/eviction.ts'
import type { ControllerOptions } from '../options.ts'
import { ready } from '../ready.ts'

const WORKERS = 16

/** Deletes pods that do not tolerate the NoExecute taints of their node, or no longer. */
export async function runTaintEvictionController({ api, clock, log, informers, recorder, signal }: ControllerOptions): Promise<void> {
  const nodes = informers.of(Nodes)
  const pods = informers.of(Pods, { indexes: podsByNode })
  if (!(await ready(signal, nodes, pods))) return
  const queue = new KeyQueue<string>({ clock, onError: (pod, error) => log.warn('could not evict a pod', { pod, error }) })
  /** When a taint without a time was first seen: node → key → ms. */
  const seen = new Map<string, Map<string, number>>()
  /** Pods whose end has been set. */
  const counted = new Set<string>()
  /** Uids of pods deleted here whose deletion has not been seen yet. */
  const evicted = new Set<string>()

  const watchTaints = (name: string, node: Node | undefined): void => {
    const untimed = node?.spec.taints?.filter(taint => taint.effect === 'NoExecute' && !taint.timeAdded) ?? []
    const before = seen.get(name)
    if (untimed.length > 0) seen.set(name, new Map(untimed.map(taint => [taint.key, before?.get(taint.key) ?? clock.now()])))
    else seen.delete(name)
  }
  const unsubscribe = [
    nodes.subscribe(({ key, object, old }) => {
      if (object && old && equal(object.spec.taints, old.spec.taints)) return
      watchTaints(key, object)
      if (object && (evicts(object) || evicts(old))) for (const pod of pods.by(ON_NODE, key)) queue.add(objectKey(pod))
    }),
    pods.subscribe(({ key, object, old }) => {
      if (old && (!object || object.metadata.deletionTimestamp)) evicted.delete(old.metadata.uid)
      if (!object) {
        counted.delete(key)
        queue.forget(key)
      } else if (object.spec !== old?.spec && object.spec.nodeName && evicts(nodes.get(object.spec.nodeName))) queue.add(key)
    }),
  ]

  async function handle(key: string): Promise<{ after: number } | void> {
    const pod = pods.get(key)
    const node = pod?.spec.nodeName ? nodes.get(pod.spec.nodeName) : undefined
    if (!pod || !node || pod.metadata.deletionTimestamp || evicted.has(pod.metadata.uid)) return
    const now = clock.now()
    const verdict = evictionOf(pod, node.spec.taints, now, taint => seen.get(node.metadata.name)?.get(taint.key) ?? now)
    if (verdict.evict === 'at') {
      counted.add(key)
      return { after: verdict.time - now }
    }
    if (verdict.evict === 'now') await evict(key, pod)
    else if (counted.delete(key)) recorder.event(pod, 'Normal', 'TaintManagerEviction', `Cancelling deletion of Pod ${key}`)
  }

  async function evict(key: string, pod: Pod): Promise<void> {
    const { namespace, name, uid } = pod.metadata
    recorder.event(pod, 'Normal', 'TaintManagerEviction', `Marking for deletion Pod ${key}`)
    const condition = {
      type: 'DisruptionTarget',
      status: 'True',
      reason: 'DeletionByTaintManager',
      message: 'Taint manager: deleting due to NoExecute taint',
      lastTransitionTime: timeOf(clock.now()),
    }
    try {
      await api.patch(
        { kind: Pods, namespace, name, subresource: 'status' },
        { type: 'strategic', body: { metadata: { uid }, status: { conditions: [condition] } } },
        { signal },
      )
      await api.delete({ kind: Pods, namespace, name }, { preconditions: { uid }, signal })
      if (pods.get(key)?.metadata.uid === uid) evicted.add(uid)
    } catch (error) {
      if (!isStatus(error, 'NotFound')) throw error
    }
  }

  try {
    await queue.run(handle, { workers: WORKERS, signal })
  } finally {
    for (const stop of unsubscribe) stop()
  }
}

const drivesOut = (taint: Taint): boolean => taint.effect === 'NoExecute'
const evicts = (node: Node | undefined): boolean => node?.spec.taints?.some(drivesOut) ?? false
