import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DaemonSets } from '../../api/kinds/apps/daemon-set.ts'
import { Nodes } from '../../api/kinds/core/node.ts'
import { Pods } from '../../api/kinds/core/pod.ts'
import type { Kind } from '../../api/kinds/kind.ts'
import { controllerReference } from '../../api/meta/owner.ts'
import { internalError } from '../../api/meta/status.ts'
import type { DaemonSet } from '../../api/types/apps/daemon-set.ts'
import type { Pod } from '../../api/types/core/pod.ts'
import type { OwnerReference } from '../../api/types/meta.ts'
import { aPod } from '../../judge/scheduling/terse-world.ts'
import { fixedKinds, type KindSource } from '../kind-source.ts'
import { type ControllerWorld, inWorld } from '../testing/world.ts'
import { runGarbageCollectorController } from './controller.ts'

const collect = (world: ControllerWorld) => runGarbageCollectorController({ ...world, kinds: fixedKinds([DaemonSets, Pods, Nodes]) })
const aSet = (world: ControllerWorld, name: string, namespace = 'default') =>
  world.api.put<DaemonSet>('daemonsets', { apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: { name, namespace }, spec: {} })
const owned = (world: ControllerWorld, name: string, ...owners: readonly OwnerReference[]) => {
  const pod = aPod(name)
  return world.api.put<Pod>('pods', { ...pod, metadata: { ...pod.metadata, ownerReferences: owners } })
}
const reference = (name: string, uid = `${name}-uid`): OwnerReference => ({ apiVersion: 'apps/v1', kind: 'DaemonSet', name, uid, controller: true })
const pods = (world: ControllerWorld) => [...world.api.all('pods').keys()].map(key => key.slice('default/'.length)).join(' ')

test('background: dependents follow their owner, and nothing else goes', () =>
  inWorld(async (world, start) => {
    const set = aSet(world, 'set')
    owned(world, 'a', controllerReference(set))
    owned(world, 'b')
    start(collect(world))
    await world.settle()
    assert.equal(pods(world), 'a b')
    await world.api.delete({ kind: DaemonSets, namespace: 'default', name: 'set' }, { propagation: 'Background' })
    await world.settle()
    assert.equal(pods(world), 'b')
  }))

test('foreground: the owner stays until the dependents that block it are gone', () =>
  inWorld(async (world, start) => {
    const set = aSet(world, 'set')
    const pod = owned(world, 'a', controllerReference(set))
    world.api.put('pods', { ...pod, metadata: { ...pod.metadata, finalizers: ['wait'] } })
    start(collect(world))
    await world.settle()
    await world.api.delete({ kind: DaemonSets, namespace: 'default', name: 'set' }, { propagation: 'Foreground' })
    await world.settle()
    const waiting = world.api.all('pods').get('default/a')
    assert.ok(waiting?.metadata.deletionTimestamp)
    assert.ok(world.api.all('daemonsets').has('default/set'))
    await world.api.patch({ kind: Pods, namespace: 'default', name: 'a' }, { type: 'merge', body: { metadata: { finalizers: null } } })
    await world.settle()
    assert.equal(pods(world), '')
    assert.equal(world.api.all('daemonsets').size, 0)
  }))

test('orphan: dependents lose the reference and live', () =>
  inWorld(async (world, start) => {
    const set = aSet(world, 'set')
    owned(world, 'a', controllerReference(set), reference('other'))
    aSet(world, 'other')
    start(collect(world))
    await world.settle()
    await world.api.delete({ kind: DaemonSets, namespace: 'default', name: 'set' }, { propagation: 'Orphan' })
    await world.settle()
    assert.deepEqual(
      world.api
        .all('pods')
        .get('default/a')
        ?.metadata.ownerReferences?.map(({ name }) => name),
      ['other'],
    )
    assert.ok(!world.api.all('daemonsets').has('default/set'))
  }))

test('one living owner holds it; the reference to a dead one is taken off', () =>
  inWorld(async (world, start) => {
    aSet(world, 'alive')
    owned(world, 'a', reference('alive'), { ...reference('dead'), controller: false })
    start(collect(world))
    await world.settle()
    assert.deepEqual(
      world.api
        .all('pods')
        .get('default/a')
        ?.metadata.ownerReferences?.map(({ name }) => name),
      ['alive'],
    )
  }))

test('an owner of the same name and another uid is no owner', () =>
  inWorld(async (world, start) => {
    aSet(world, 'set')
    owned(world, 'a', reference('set', 'of-its-predecessor'))
    start(collect(world))
    await world.settle()
    assert.equal(pods(world), '')
  }))

test('an owner in another namespace counts as absent', () =>
  inWorld(async (world, start) => {
    aSet(world, 'set', 'elsewhere')
    owned(world, 'a', reference('set'))
    start(collect(world))
    await world.settle()
    assert.equal(pods(world), '')
  }))

test('a node may own what has a namespace', () =>
  inWorld(async (world, start) => {
    world.api.put('nodes', { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1' }, spec: {}, status: {} })
    owned(world, 'a', { apiVersion: 'v1', kind: 'Node', name: 'n1', uid: 'n1-uid' })
    start(collect(world))
    await world.settle()
    assert.equal(pods(world), 'a')
    world.api.drop('nodes', 'n1')
    await world.settle()
    assert.equal(pods(world), '')
  }))

test('what cannot be asked for is not believed absent', () =>
  inWorld(async (world, start) => {
    owned(world, 'a', reference('set'))
    owned(world, 'b', { apiVersion: 'example.com/v1', kind: 'Thing', name: 'x', uid: 'x-uid' })
    let broken = true
    world.api.refuse = line => (broken && line.startsWith('get daemonsets') ? internalError('down') : undefined)
    start(collect(world))
    await world.settle()
    assert.equal(pods(world), 'a b')
    broken = false
    await world.pass(1000)
    assert.equal(pods(world), 'b')
  }))

test('a kind that comes to be served is watched, and forgotten when it goes', () =>
  inWorld(async (world, start) => {
    let current: readonly Kind[] = [Pods]
    let changed = () => {}
    const kinds: KindSource = {
      current: () => current,
      subscribe(listener) {
        changed = listener
        return () => {}
      },
    }
    const set = aSet(world, 'set')
    owned(world, 'a', controllerReference(set))
    owned(world, 'b', reference('gone'))
    start(runGarbageCollectorController({ ...world, kinds }))
    await world.settle()
    assert.equal(pods(world), 'a b', 'owners of a kind that is not served are not judged')
    current = [Pods, DaemonSets]
    changed()
    await world.pass(31_000)
    assert.equal(pods(world), 'a')
    world.api.drop('daemonsets', 'default/set')
    await world.settle()
    assert.equal(pods(world), '')
    current = [Pods]
    changed()
    await world.settle()
  }))
