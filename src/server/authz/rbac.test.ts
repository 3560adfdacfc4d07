import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { User } from '../../api/meta/user.ts'
import type { ClusterRole, ClusterRoleBinding, PolicyRule, Role, RoleBinding, Subject } from '../../api/types/rbac.ts'
import type { Attributes } from '../registry/authorizer.ts'
import { RbacIndex } from './rbac.ts'
import { uncovered } from './rules.ts'

const meta = (name: string, namespace?: string) => ({
  name,
  uid: name,
  resourceVersion: '1',
  creationTimestamp: '2026-01-01T00:00:00Z',
  ...(namespace && { namespace }),
})
const clusterRole = (name: string, ...rules: PolicyRule[]) => ({ apiVersion: '', kind: 'ClusterRole', metadata: meta(name), rules }) as ClusterRole
const role = (namespace: string, name: string, ...rules: PolicyRule[]) => ({ apiVersion: '', kind: 'Role', metadata: meta(name, namespace), rules }) as Role
const bind = (to: string, ...subjects: Subject[]) =>
  ({ apiVersion: '', kind: 'ClusterRoleBinding', metadata: meta(to), roleRef: { kind: 'ClusterRole', name: to }, subjects }) as ClusterRoleBinding
const bindIn = (namespace: string, kind: string, to: string, ...subjects: Subject[]) =>
  ({ apiVersion: '', kind: 'RoleBinding', metadata: meta(to, namespace), roleRef: { kind, name: to }, subjects }) as RoleBinding

const world = () => {
  const index = new RbacIndex()
  index.setRole(clusterRole('reader', { verbs: ['get', 'list'], apiGroups: [''], resources: ['pods', '*/log'] }))
  index.setRole(clusterRole('paths', { verbs: ['get'], nonResourceURLs: ['/metrics', '/debug/*'] }))
  index.setRole(role('a', 'one', { verbs: ['*'], apiGroups: ['apps'], resources: ['daemonsets'], resourceNames: ['x'] }))
  index.setBinding(bind('reader', { kind: 'Group', name: 'team' }))
  index.setBinding(bind('paths', { kind: 'ServiceAccount', name: 'robot', namespace: 'b' }))
  index.setBinding(bindIn('a', 'Role', 'one', { kind: 'User', name: 'ann' }))
  index.setBinding(bindIn('a', 'ClusterRole', 'reader', { kind: 'ServiceAccount', name: 'robot' }))
  return index
}
const user = (name: string, ...groups: string[]): User => ({ name, groups })
const resource = (who: User, verb: string, path: string, namespace?: string): Attributes => {
  const [groupResource = '', name] = path.split(' ')
  const [whole = '', group = ''] = groupResource.split('.')
  const [plural = '', subresource] = whole.split('/')
  return { user: who, verb, group, version: 'v1', resource: plural, subresource, namespace, name }
}

test('RBAC allows what a binding grants, where it grants it, and nothing else', () => {
  const index = world()
  const team = user('tim', 'team')
  const ann = user('ann')
  const robot = user('system:serviceaccount:a:robot')
  const cases: [Attributes, boolean][] = [
    [resource(team, 'get', 'pods p', 'any'), true],
    [resource(team, 'list', 'pods'), true],
    [resource(team, 'watch', 'pods'), false],
    [resource(team, 'get', 'pods/log p', 'any'), true],
    [resource(team, 'get', 'pods/exec p', 'any'), false],
    [resource(team, 'get', 'pods.metrics p', 'any'), false],
    [resource(ann, 'delete', 'daemonsets.apps x', 'a'), true],
    [resource(ann, 'delete', 'daemonsets.apps y', 'a'), false],
    [resource(ann, 'list', 'daemonsets.apps', 'a'), false],
    [resource(ann, 'delete', 'daemonsets.apps x', 'b'), false],
    [resource(ann, 'get', 'daemonsets.apps x'), false],
    [resource(robot, 'get', 'pods p', 'a'), true],
    [resource(robot, 'get', 'pods p', 'b'), false],
    [{ user: user('system:serviceaccount:b:robot'), verb: 'get', path: '/debug/pprof' }, true],
    [{ user: user('system:serviceaccount:b:robot'), verb: 'get', path: '/debug' }, false],
    [{ user: user('system:serviceaccount:b:robot'), verb: 'post', path: '/metrics' }, false],
    [{ user: robot, verb: 'get', path: '/metrics' }, false],
  ]
  assert.deepEqual(
    cases.map(([attributes]) => index.authorize(attributes).allowed),
    cases.map(([, allowed]) => allowed),
  )
})

test('a binding that is changed or removed grants no more', () => {
  const index = world()
  const attributes = resource(user('tim', 'team'), 'list', 'pods')
  index.setBinding(bind('reader', { kind: 'Group', name: 'others' }))
  assert.equal(index.authorize(attributes).allowed, false)
  assert.equal(index.authorize(resource(user('o', 'others'), 'list', 'pods')).allowed, true)
  index.removeBinding(bind('reader'))
  assert.equal(index.authorize(resource(user('o', 'others'), 'list', 'pods')).allowed, false)
})

test('a role covers another only if every verb on every resource is covered', () => {
  const owned: PolicyRule[] = [
    { verbs: ['get', 'list'], apiGroups: [''], resources: ['pods'] },
    { verbs: ['watch'], apiGroups: ['*'], resources: ['*'] },
    { verbs: ['get'], apiGroups: [''], resources: ['secrets'], resourceNames: ['mine'] },
  ]
  const fine: PolicyRule[] = [
    { verbs: ['get', 'list', 'watch'], apiGroups: [''], resources: ['pods'] },
    { verbs: ['get'], apiGroups: [''], resources: ['secrets'], resourceNames: ['mine'] },
  ]
  const greedy: PolicyRule[] = [
    { verbs: ['delete'], apiGroups: [''], resources: ['pods'] },
    { verbs: ['get'], apiGroups: [''], resources: ['secrets'] },
    { verbs: ['get'], nonResourceURLs: ['/metrics'] },
  ]
  assert.deepEqual(uncovered(owned, [...fine, ...greedy]), greedy)
})
