/** DAEMONSET.md 7.15b: owner references that block deletion, duplicates in lists, fields that a path resets. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { DaemonSets } from '../../src/api/kinds/apps/daemon-set.ts'
import { Pods } from '../../src/api/kinds/core/pod.ts'
import type { NewObject } from '../../src/api/meta/object.ts'
import type { DaemonSet } from '../../src/api/types/apps/daemon-set.ts'
import type { Pod } from '../../src/api/types/core/pod.ts'
import { type InProcess, inProcess } from '../support/in-process.ts'

let server: InProcess
before(async () => {
  server = await inProcess()
})
after(() => server.close())

const namespace = 'default'
const owner = { apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'ds', uid: 'uid-ds', controller: true }
const aPod = (name: string, ownerReferences: readonly object[]): NewObject<Pod> =>
  ({ metadata: { name, namespace, ownerReferences }, spec: { containers: [{ name: 'c', image: 'i' }] } }) as unknown as NewObject<Pod>
const ownersOf = async (name: string) => (await server.api.get({ kind: Pods, namespace, name })).metadata.ownerReferences

test('catalogue #502: a pod may be created whose reference blocks the deletion of its set', async () => {
  await server.api.create({ kind: Pods, namespace }, aPod('a', [{ ...owner, blockOwnerDeletion: true }]))
  assert.deepEqual(await ownersOf('a'), [{ ...owner, blockOwnerDeletion: true }])
})

test('catalogue #503: a reference may be changed so that it blocks', async () => {
  const pod = await server.api.create({ kind: Pods, namespace }, aPod('b', [owner]))
  await server.api.update(
    { kind: Pods, namespace, name: 'b' },
    { ...pod, metadata: { ...pod.metadata, ownerReferences: [{ ...owner, blockOwnerDeletion: true }] } },
  )
  assert.deepEqual(await ownersOf('b'), [{ ...owner, blockOwnerDeletion: true }])
})

test('catalogue #504: a reference that blocks may be added', async () => {
  const pod = await server.api.create({ kind: Pods, namespace }, aPod('c', []))
  await server.api.update(
    { kind: Pods, namespace, name: 'c' },
    { ...pod, metadata: { ...pod.metadata, ownerReferences: [{ ...owner, blockOwnerDeletion: true }] } },
  )
  assert.deepEqual(await ownersOf('c'), [{ ...owner, blockOwnerDeletion: true }])
})

const target = { kind: DaemonSets, namespace, name: 'twice' }
const env = (...pairs: readonly string[]) => pairs.map(pair => ({ name: pair.split('=')[0]!, value: pair.split('=')[1]! }))
const apply = (body: object, more: { readonly subresource?: string; readonly force?: boolean } = {}) =>
  server.api.patch(
    { ...target, subresource: more.subresource },
    { type: 'apply', body: { apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: { name: 'twice', namespace }, ...body }, force: more.force ?? false },
    { fieldManager: 'applier' },
  )
const container = (set: DaemonSet) => set.spec.template.spec!.containers[0]!

test('catalogue #505: duplicates in an associative list are stored as they are given', async () => {
  const created = await server.api.create(
    { kind: DaemonSets, namespace },
    {
      metadata: { name: 'twice', namespace },
      spec: {
        selector: { matchLabels: { a: 'b' } },
        template: {
          metadata: { labels: { a: 'b' } },
          spec: {
            containers: [
              {
                name: 'c',
                image: 'i',
                env: env('x=1', 'x=2', 'y=3'),
                ports: [
                  { name: 'p', containerPort: 80, protocol: 'TCP' },
                  { name: 'q', containerPort: 80, protocol: 'UDP' },
                ],
              },
            ],
          },
        },
      },
    },
    { fieldManager: 'creator' },
  )
  assert.deepEqual(container(created).env, env('x=1', 'x=2', 'y=3'))
})

test('catalogue #506: applying other fields leaves them, and who owns what is recorded', async () => {
  const applied = await apply({ spec: { updateStrategy: { rollingUpdate: { maxUnavailable: 2 } } } }, { force: true })
  assert.deepEqual(container(applied).env, env('x=1', 'x=2', 'y=3'))
  assert.equal(applied.spec.updateStrategy?.rollingUpdate?.maxUnavailable, 2)
  const managers = applied.metadata.managedFields?.map(({ manager, operation }) => `${manager} ${operation}`).sort()
  assert.deepEqual(managers, ['applier Apply', 'creator Update'])
  assert.match(JSON.stringify(applied.metadata.managedFields), /f:deprecated.daemonset.template.generation/)
})

test('catalogue #507: an update of other members leaves them', async () => {
  const set = await server.api.get(target)
  const ports = container(set).ports!.map(port => ({ ...port, name: `${port.name}-new` }))
  const spec = { ...set.spec, template: { ...set.spec.template, spec: { ...set.spec.template.spec!, containers: [{ ...container(set), ports }] } } }
  const updated = await server.api.update(target, { ...set, spec }, { fieldManager: 'creator' })
  assert.deepEqual(container(updated).env, env('x=1', 'x=2', 'y=3'))
  assert.deepEqual(
    container(updated).ports?.map(({ name }) => name),
    ['p-new', 'q-new'],
  )
})

test('catalogue #508: applying one of them makes it one', async () => {
  const applied = await apply({ spec: { template: { spec: { containers: [{ name: 'c', env: env('x=new') }] } } } }, { force: true })
  assert.deepEqual(
    [...(container(applied).env ?? [])].sort((a, b) => (a.name < b.name ? -1 : 1)),
    env('x=new', 'y=3'),
  )
})

test('catalogue #509: applying to the set leaves its status, applying to the status leaves its spec', async () => {
  const before = await server.api.get(target)
  await apply(
    { spec: { minReadySeconds: 7 }, status: { currentNumberScheduled: 9, desiredNumberScheduled: 9, numberMisscheduled: 0, numberReady: 9 } },
    { force: true },
  )
  const main = await server.api.get(target)
  assert.deepEqual([main.spec.minReadySeconds, main.status.desiredNumberScheduled], [7, before.status.desiredNumberScheduled])
  await apply(
    { spec: { minReadySeconds: 9 }, status: { currentNumberScheduled: 3, desiredNumberScheduled: 3, numberMisscheduled: 0, numberReady: 3 } },
    { subresource: 'status', force: true },
  )
  const status = await server.api.get(target)
  assert.deepEqual([status.spec.minReadySeconds, status.status.desiredNumberScheduled], [7, 3])
})

test('catalogue #199 #235: maxSurge alone is refused, since maxUnavailable has been defaulted to 1 by then', async () => {
  const set = (rollingUpdate: object) => ({
    metadata: { name: 'surge', namespace },
    spec: {
      selector: { matchLabels: { a: 'b' } },
      updateStrategy: { type: 'RollingUpdate', rollingUpdate },
      template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } },
    },
  })
  await assert.rejects(server.api.create({ kind: DaemonSets, namespace }, set({ maxSurge: 1 })), {
    message: /spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: 1: may not be set when maxUnavailable is non-zero/,
  })
  const { spec } = await server.api.create({ kind: DaemonSets, namespace }, set({ maxSurge: 1, maxUnavailable: 0 }))
  assert.deepEqual(spec.updateStrategy, { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } })
})
