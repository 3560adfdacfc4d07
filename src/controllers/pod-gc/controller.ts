import { Nodes } from '../../api/kinds/core/node.ts'
import { Pods } from '../../api/kinds/core/pod.ts'
import { objectKey } from '../../api/meta/key.ts'
import { isStatus } from '../../api/meta/status.ts'
import { timeOf } from '../../api/meta/time.ts'
import { sleep } from '../../base/clock.ts'
import { missingNodes, type PodGcAction, planPodGc } from '../../judge/pod-gc/plan.ts'
import type { ControllerOptions } from '../options.ts'
import { ready } from '../ready.ts'

const PERIOD_MS = 20_000
const QUARANTINE_MS = 40_000
const THRESHOLD = 12_500
const AT_ONCE = 16

export interface PodGcOptions extends ControllerOptions {
  readonly terminatedThreshold?: number
}

/** Collects, every 20 s, pods that nobody else will: of nodes that are gone or out of service, never scheduled, or finished in excess. */
export async function runPodGcController(options: PodGcOptions): Promise<void> {
  const { api, clock, log, informers, signal, terminatedThreshold = THRESHOLD } = options
  const nodes = informers.of(Nodes)
  const pods = informers.of(Pods)
  if (!(await ready(signal, nodes, pods))) return
  /** Since when a node that pods are bound to has been missing. */
  const missing = new Map<string, number>()
  const node = (name: string) => nodes.get(name)

  while (!signal.aborted) {
    await sleep(clock, PERIOD_MS, signal).catch(() => {})
    if (signal.aborted) return
    const actions = planPodGc({ pods: pods.list(), node, gone: await goneNodes(), terminatedThreshold })
    for (let i = 0; i < actions.length; i += AT_ONCE) await Promise.all(actions.slice(i, i + AT_ONCE).map(collect))
  }

  /** Nodes that were missing for the whole quarantine, and that the server does not know either. */
  async function goneNodes(): Promise<ReadonlySet<string>> {
    const now = clock.now()
    const names = missingNodes(pods.list(), node)
    for (const name of missing.keys()) if (!names.has(name)) missing.delete(name)
    const gone = new Set<string>()
    for (const name of names) {
      const since = missing.get(name)
      if (since === undefined) missing.set(name, now)
      else if (now - since >= QUARANTINE_MS && (await isGone(name))) gone.add(name)
    }
    return gone
  }

  async function isGone(name: string): Promise<boolean> {
    try {
      await api.get({ kind: Nodes, name }, { signal })
    } catch (error) {
      if (isStatus(error, 'NotFound')) return true
      log.warn('could not ask for a node', { node: name, error })
    }
    return false
  }

  /** An error leaves the pod to the next pass. */
  async function collect({ pod, reason, fail }: PodGcAction): Promise<void> {
    const { namespace, name, uid } = pod.metadata
    const target = { kind: Pods, namespace, name }
    try {
      if (fail) {
        const condition = {
          type: 'DisruptionTarget',
          status: 'True',
          reason: 'DeletionByPodGC',
          message: fail.because,
          lastTransitionTime: timeOf(clock.now()),
        }
        const status = { phase: 'Failed', ...(fail.because && { conditions: [condition] }) }
        await api.patch({ ...target, subresource: 'status' }, { type: 'strategic', body: { metadata: { uid }, status } }, { signal })
      }
      await api.delete(target, { gracePeriodSeconds: 0, preconditions: { uid }, signal })
      log.info('collected a pod', { pod: objectKey(pod), reason })
    } catch (error) {
      if (!signal.aborted && !isStatus(error, 'NotFound')) log.warn('could not collect a pod', { pod: objectKey(pod), reason, error })
    }
  }
}
