import type { Toleration } from '../../api/types/core/affinity.ts'
import type { PodSpec } from '../../api/types/core/pod.ts'

const stay = (key: string, effect: 'NoExecute' | 'NoSchedule'): Toleration => ({ key: `node.kubernetes.io/${key}`, operator: 'Exists', effect })

/** What every daemon puts up with: it stays on a node in trouble for ever, and starts on one under pressure or cordoned. */
const ALWAYS: readonly Toleration[] = [
  stay('not-ready', 'NoExecute'),
  stay('unreachable', 'NoExecute'),
  stay('disk-pressure', 'NoSchedule'),
  stay('memory-pressure', 'NoSchedule'),
  stay('pid-pressure', 'NoSchedule'),
  stay('unschedulable', 'NoSchedule'),
]
/** A daemon on the host's network may be the one that brings up the network. */
const ON_HOST_NETWORK: readonly Toleration[] = [...ALWAYS, stay('network-unavailable', 'NoSchedule')]

/** The template's tolerations with the automatic ones: in the place of an equal one (its `tolerationSeconds` is lost), else at the end. */
export function daemonTolerations(spec: PodSpec): readonly Toleration[] {
  const all = [...(spec.tolerations ?? [])]
  for (const automatic of spec.hostNetwork ? ON_HOST_NETWORK : ALWAYS) {
    const at = all.findIndex(own => sameMatch(own, automatic))
    if (at < 0) all.push(automatic)
    else all[at] = automatic
  }
  return all
}

const sameMatch = (a: Toleration, b: Toleration): boolean =>
  (a.key ?? '') === (b.key ?? '') && (a.effect ?? '') === (b.effect ?? '') && (a.operator ?? '') === (b.operator ?? '') && (a.value ?? '') === (b.value ?? '')
