import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PersistentVolumes } from '../../api/kinds/core/persistent-volume.ts'
import { PersistentVolumeClaims } from '../../api/kinds/core/persistent-volume-claim.ts'
import { aPod } from '../../judge/scheduling/terse-world.ts'
import { type ControllerWorld, inWorld } from '../testing/world.ts'
import { runVolumeProtectionController } from './controller.ts'

const claim = (name: string, finalizers = ['kubernetes.io/pvc-protection']) => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name, namespace: 'default', finalizers },
  spec: {},
  status: {},
})
const volume = (name: string, phase: string) => ({
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  metadata: { name, finalizers: ['kubernetes.io/pv-protection'] },
  spec: {},
  status: { phase },
})
const user = (on: string | undefined) => {
  const pod = aPod('p', { ...(on && { on }) })
  return { ...pod, spec: { ...pod.spec, volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'a' } }] } }
}
const left = (world: ControllerWorld, resource: string) => [...world.api.all(resource).keys()]
const remove = (world: ControllerWorld, name: string) => world.api.delete({ kind: PersistentVolumeClaims, namespace: 'default', name })

test('a claim that is deleted stays while a pod on a node has it, and goes with the pod', () =>
  inWorld(async (world, start) => {
    for (const name of ['a', 'b']) world.api.put('persistentvolumeclaims', claim(name) as never)
    world.api.put('pods', user('n1'))
    start(runVolumeProtectionController(world))
    await world.settle()
    assert.deepEqual(left(world, 'persistentvolumeclaims'), ['default/a', 'default/b'])
    await remove(world, 'a')
    await remove(world, 'b')
    await world.settle()
    assert.deepEqual(left(world, 'persistentvolumeclaims'), ['default/a'])
    world.api.drop('pods', 'default/p')
    await world.settle()
    assert.deepEqual(left(world, 'persistentvolumeclaims'), [])
  }))

test('a pod without a node keeps no claim, and what others hold back stays', () =>
  inWorld(async (world, start) => {
    world.api.put('persistentvolumeclaims', claim('a') as never)
    world.api.put('persistentvolumeclaims', claim('b', ['kubernetes.io/pvc-protection', 'x.io/mine']) as never)
    world.api.put('pods', user(undefined))
    start(runVolumeProtectionController(world))
    await remove(world, 'a')
    await remove(world, 'b')
    await world.settle()
    assert.deepEqual(
      [...world.api.all('persistentvolumeclaims').values()].map(({ metadata }) => [metadata.name, metadata.finalizers]),
      [['b', ['x.io/mine']]],
    )
  }))

test('a volume that is deleted stays while it is bound', () =>
  inWorld(async (world, start) => {
    for (const phase of ['Bound', 'Released', 'Pending']) world.api.put('persistentvolumes', volume(phase.toLowerCase(), phase) as never)
    start(runVolumeProtectionController(world))
    for (const name of ['bound', 'released', 'pending']) await world.api.delete({ kind: PersistentVolumes, name })
    await world.settle()
    assert.deepEqual(left(world, 'persistentvolumes'), ['bound'])
    world.api.put('persistentvolumes', { ...world.api.all('persistentvolumes').get('bound'), status: { phase: 'Released' } } as never)
    await world.settle()
    assert.deepEqual(left(world, 'persistentvolumes'), [])
  }))
