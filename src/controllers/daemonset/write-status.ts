import type { Api } from '../../api/access.ts'
import { DaemonSets } from '../../api/kinds/apps/daemon-set.ts'
import type { DaemonSet, DaemonSetStatus } from '../../api/types/apps/daemon-set.ts'
import { tellsNews } from '../../judge/daemonset/report.ts'

/** Writes the counters when they tell anything new; after a failure once more onto the set as it is then. Gives back the set as written. */
export async function writeStatus(api: Api, set: DaemonSet, status: DaemonSetStatus, signal: AbortSignal): Promise<DaemonSet | undefined> {
  if (!tellsNews(set, status)) return undefined
  const { namespace, name } = set.metadata
  const target = { kind: DaemonSets, namespace, name, subresource: 'status' }
  try {
    return await api.update(target, { ...set, status }, { signal })
  } catch (error) {
    const live = await api.get({ kind: DaemonSets, namespace, name }, { signal })
    if (live.metadata.uid !== set.metadata.uid) throw error
    const { collisionCount, conditions } = live.status
    const kept = { ...(collisionCount !== undefined && { collisionCount }), ...(conditions && { conditions }) }
    const { collisionCount: _, conditions: __, ...counters } = status
    return await api.update(target, { ...live, status: { ...counters, ...kept } }, { signal })
  }
}
