import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConfigMaps } from '../../api/kinds/core/config-map.ts'
import { Namespaces } from '../../api/kinds/core/namespace.ts'
import { Pods } from '../../api/kinds/core/pod.ts'
import { forbidden, StatusError } from '../../api/meta/status.ts'
import type { ConfigMap } from '../../api/types/core/config.ts'
import type { Namespace } from '../../api/types/core/namespace.ts'
import { aPod } from '../../judge/scheduling/terse-world.ts'
import { fixedKinds } from '../kind-source.ts'
import { runRootCaController } from '../root-ca/controller.ts'
import { runServiceAccountController } from '../service-account/controller.ts'
import { type ControllerWorld, inWorld } from '../testing/world.ts'
import { runNamespaceController } from './controller.ts'

const aNamespace = (world: ControllerWorld, name: string, terminating = false) =>
  world.api.put<Namespace>('namespaces', {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, ...(terminating && { deletionTimestamp: '2026-01-01T00:00:00Z' }) },
    spec: { finalizers: ['kubernetes'] },
    status: { phase: terminating ? 'Terminating' : 'Active' },
  })
const aMap = (world: ControllerWorld, namespace: string, name: string) =>
  world.api.put<ConfigMap>('configmaps', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data: {} })

test('a dying namespace is emptied, pods first, says what it waits for, and is let go', () =>
  inWorld(async (world, start) => {
    aNamespace(world, 'old', true)
    aNamespace(world, 'other')
    aMap(world, 'old', 'a')
    aMap(world, 'other', 'b')
    world.api.put('pods', aPod('p', { namespace: 'old', on: 'n1' }))
    start(runNamespaceController({ ...world, kinds: fixedKinds([ConfigMaps, Pods]) }))
    await world.settle()
    const condition = (type: string) => (world.api.all('namespaces').get('old') as Namespace).status.conditions?.find(c => c.type === type)
    assert.equal(condition('NamespaceContentRemaining')?.message, 'Some resources are remaining: pods. has 1 resource instances')
    assert.ok(world.api.all('configmaps').has('old/a'), 'nothing else goes before the pods')
    world.api.drop('pods', 'old/p')
    await world.settle()
    assert.deepEqual([...world.api.all('configmaps').keys()], ['other/b'])
    assert.equal(condition('NamespaceContentRemaining')?.status, 'False')
    assert.ok(world.api.lines.includes('update namespaces/finalize old'))
    assert.ok(!world.api.lines.some(line => line.includes('other')))
  }))

test('every namespace gets its ServiceAccount and certificate, and gets them back; a dying one does not', () =>
  inWorld(async (world, start) => {
    aNamespace(world, 'a')
    aNamespace(world, 'dying', true)
    start(runServiceAccountController(world))
    start(runRootCaController({ ...world, certificate: 'PEM' }))
    await world.settle()
    aNamespace(world, 'b')
    await world.settle()
    assert.deepEqual([...world.api.all('serviceaccounts').keys()], ['a/default', 'b/default'])
    assert.deepEqual([...world.api.all('configmaps').keys()], ['a/kube-root-ca.crt', 'b/kube-root-ca.crt'])
    world.api.drop('serviceaccounts', 'a/default')
    await world.api.patch({ kind: ConfigMaps, namespace: 'b', name: 'kube-root-ca.crt' }, { type: 'merge', body: { data: { 'ca.crt': 'forged' } } })
    await world.settle()
    assert.ok(world.api.all('serviceaccounts').has('a/default'))
    assert.deepEqual((world.api.all('configmaps').get('b/kube-root-ca.crt') as ConfigMap).data, { 'ca.crt': 'PEM' })
  }))

test('a refusal because the namespace is terminating is the end of it', () =>
  inWorld(async (world, start) => {
    aNamespace(world, 'a')
    let asked = 0
    world.api.refuse = line => {
      if (!line.startsWith('create')) return undefined
      asked++
      const plain = forbidden(
        { group: '', resource: 'serviceaccounts' },
        'default',
        'unable to create new content in namespace a because it is being terminated',
      )
      return new StatusError('Forbidden', plain.message, { ...plain.status.details, causes: [{ reason: 'NamespaceTerminating' }] })
    }
    start(runServiceAccountController(world))
    await world.pass(10_000)
    assert.equal(asked, 1)
    assert.ok(Namespaces.namespaced === false)
  }))
