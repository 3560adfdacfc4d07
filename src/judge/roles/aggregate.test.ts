import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ClusterRole, PolicyRule } from '../../api/types/rbac.ts'
import { aggregatedRules } from './aggregate.ts'

const rule = (resource: string): PolicyRule => ({ verbs: ['get'], apiGroups: [''], resources: [resource] })
const role = (name: string, labels: Record<string, string>, rules: PolicyRule[], ...selectors: Record<string, string>[]) =>
  ({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name, labels },
    rules,
    ...(selectors.length > 0 && { aggregationRule: { clusterRoleSelectors: selectors.map(matchLabels => ({ matchLabels })) } }),
  }) as unknown as ClusterRole

test('an aggregated role has the rules of all that its selectors match, in order of name, each once', () => {
  const admin = role('admin', {}, [], { to: 'admin' }, { also: 'yes' })
  const all = [
    admin,
    role('z', { to: 'admin' }, [rule('pods'), rule('nodes')]),
    role('a', { also: 'yes' }, [rule('secrets'), rule('pods')]),
    role('other', { to: 'edit' }, [rule('x')]),
  ]
  assert.deepEqual(aggregatedRules(admin, all), [rule('secrets'), rule('pods'), rule('nodes')])
  assert.equal(aggregatedRules({ ...admin, rules: [rule('secrets'), rule('pods'), rule('nodes')] }, all), undefined)
  assert.equal(aggregatedRules(role('plain', {}, [rule('x')]), all), undefined)
  assert.deepEqual(aggregatedRules(role('none', {}, [rule('gone')], { to: 'nobody' }), all), [])
})
