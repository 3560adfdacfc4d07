import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatResourceName } from '../../meta/owner.ts'
import type { ControllerRevision } from '../../types/apps/controller-revision.ts'
import type { DaemonSet } from '../../types/apps/daemon-set.ts'
import type { OwnerReference } from '../../types/meta.ts'
import type { Kind } from '../kind.ts'
import { kindNamed } from '../rules-testing.ts'
import { ControllerRevisions } from './controller-revision.ts'
import { DaemonSets } from './daemon-set.ts'

const NOW = Date.UTC(2026, 0, 1)
/** 1.9 seconds ahead of the clock: within what clocks may differ. */
const metadata = { name: 'test1', uid: 'u', resourceVersion: '1', creationTimestamp: new Date(NOW + 1900).toISOString() }

const row = <T extends Parameters<Kind['columns'][number]['cell']>[0]>(kind: Kind<T>, object: T, wide: boolean) =>
  kind.columns.filter(column => wide || column.priority === 0).map(column => column.cell(object, NOW))

const daemonSet = (name: string, [desired, current, ready, updated, available]: readonly number[]) =>
  ({
    metadata: { ...metadata, name },
    spec: {
      selector: { matchLabels: { foo: 'bar' } },
      template: { spec: { containers: [1, 2].map(i => ({ name: `fake-container${i}`, image: `fake-image${i}` })) } },
    },
    status: {
      desiredNumberScheduled: desired,
      currentNumberScheduled: current,
      numberReady: ready,
      updatedNumberScheduled: updated,
      numberAvailable: available,
    },
  }) as unknown as DaemonSet

test('catalogue #513: a set shows what it wants and what there is', () => {
  assert.deepEqual(row(DaemonSets, daemonSet('test1', [3, 2, 1, 2, 0]), false), ['test1', 3, 2, 1, 2, 0, '<none>', '0s'])
})
test('catalogue #514: wide, a set shows its containers, images and selector', () => {
  assert.deepEqual(row(DaemonSets, daemonSet('test1', [3, 2, 1, 2, 0]), true).slice(8), [
    'fake-container1,fake-container2',
    'fake-image1,fake-image2',
    'foo=bar',
  ])
})
test('catalogue #515: each set of a list has a row of its own', () => {
  const sets = [daemonSet('daemonset1', [3, 2, 1, 2, 0]), daemonSet('daemonset2', [2, 4, 9, 3, 3])]
  assert.deepEqual(
    sets.map(set => row(DaemonSets, set, false).slice(0, 6)),
    [
      ['daemonset1', 3, 2, 1, 2, 0],
      ['daemonset2', 2, 4, 9, 3, 3],
    ],
  )
})

const owner = (controller: boolean): OwnerReference => ({ apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'foo', uid: 'o', controller })
for (const [number, says, ownerReferences, controller] of [
  ['#516', 'its controller', [owner(true)], 'daemonset.apps/foo'],
  ['#517', 'no controller where the owner is none', [owner(false)], '<none>'],
  ['#518', 'no controller without owners', [], '<none>'],
  ['#519', 'no controller without a list of owners', undefined, '<none>'],
] as const) {
  test(`catalogue ${number}: a revision shows ${says}`, () => {
    const revision = { metadata: { ...metadata, ownerReferences }, revision: 1 } as unknown as ControllerRevision
    assert.deepEqual(row(ControllerRevisions, revision, false), ['test1', controller, 1, '0s'])
  })
}
test('catalogue #520: a resource is named kind/name in lower case, and by its name alone without a kind', () => {
  assert.deepEqual([formatResourceName('Pod.V1', 'foo'), formatResourceName('', 'foo')], ['pod.v1/foo', 'foo'])
})

test('columns have the types and formats by which clients print them', () => {
  const column = (kind: string, name: string) => {
    const { type, format } = kindNamed(kind).columns.find(c => c.name === name)!
    return `${kind} ${name}: ${type} ${format ?? ''}`.trim()
  }
  const RBAC = 'rbac.authorization.k8s.io'
  assert.deepEqual(
    [
      column('ControllerRevision@apps', 'Revision'),
      column('HorizontalPodAutoscaler@autoscaling', 'MaxPods'),
      column('HorizontalPodAutoscaler@autoscaling', 'Replicas'),
      column(`Role@${RBAC}`, 'Created At'),
      column('Event', 'Name'),
      column('VolumeAttachment@storage.k8s.io', 'Attacher'),
    ],
    [
      'ControllerRevision@apps Revision: string',
      'HorizontalPodAutoscaler@autoscaling MaxPods: string',
      'HorizontalPodAutoscaler@autoscaling Replicas: string',
      `Role@${RBAC} Created At: date`,
      'Event Name: string name',
      'VolumeAttachment@storage.k8s.io Attacher: string name',
    ],
  )
  assert.deepEqual(
    kindNamed('ServiceAccount').columns.map(c => c.name),
    ['Name', 'Age'],
  )
})
test('whether a CronJob is suspended is shown as kubectl has always shown it', () => {
  const suspended = kindNamed('CronJob@batch').columns.find(c => c.name === 'Suspend')!
  const cell = (suspend: boolean | undefined) => suspended.cell({ metadata, spec: { suspend } } as never, NOW)
  assert.deepEqual([cell(true), cell(false), cell(undefined)], ['True', 'False', 'False'])
})
