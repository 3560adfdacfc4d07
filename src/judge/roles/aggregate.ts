import { matcherOf } from '../../api/meta/label-selector.ts'
import type { ClusterRole, PolicyRule } from '../../api/types/rbac.ts'
import { equal } from '../../base/equal.ts'

/**
 * The rules that an aggregated role should have: those of every role whose labels one of its selectors matches, in order of
 * name, each once. Undefined when the role aggregates nothing or has them already.
 */
export function aggregatedRules(role: ClusterRole, all: Iterable<ClusterRole>): readonly PolicyRule[] | undefined {
  const selectors = role.aggregationRule?.clusterRoleSelectors
  if (!selectors) return undefined
  const matchers = selectors.map(selector => matcherOf(selector))
  const parts = [...all]
    .filter(other => other.metadata.name !== role.metadata.name && matchers.some(matches => matches(other.metadata.labels ?? {})))
    .sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
  const rules: PolicyRule[] = []
  for (const part of parts) for (const rule of part.rules ?? []) if (!rules.some(known => equal(known, rule))) rules.push(rule)
  return equal(rules, role.rules ?? []) ? undefined : rules
}
