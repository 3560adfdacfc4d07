import { ClusterRoles } from '../../api/kinds/rbac/roles.ts'
import { KeyQueue } from '../../base/key-queue.ts'
import { aggregatedRules } from '../../judge/roles/aggregate.ts'
import type { ControllerOptions } from '../options.ts'

/** Keeps the rules of aggregated cluster roles as their selectors say. */
export async function runClusterRoleAggregationController({ api, clock, log, informers, signal }: ControllerOptions): Promise<void> {
  const roles = informers.of(ClusterRoles)
  const queue = new KeyQueue<string>({ clock, onError: (name, error) => log.warn('could not aggregate a cluster role', { name, error }) })
  // Any role may be part of any aggregated one; there are few of those.
  const stop = roles.subscribe(() => {
    for (const role of roles.list()) if (role.aggregationRule) queue.add(role.metadata.name)
  })
  try {
    await queue.run(
      async name => {
        const role = roles.get(name)
        const rules = role && aggregatedRules(role, roles.list())
        if (rules) await api.update({ kind: ClusterRoles, name }, { ...role, rules })
      },
      { workers: 1, signal },
    )
  } finally {
    stop()
  }
}
