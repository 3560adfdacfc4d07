import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Api, INITIAL_EVENTS_END, type Target, type WatchEvent, type WatchOptions } from '../api/access.ts'
import { DaemonSets } from '../api/kinds/apps/daemon-set.ts'
import { ConfigMaps } from '../api/kinds/core/config-map.ts'
import { Nodes } from '../api/kinds/core/node.ts'
import { Pods } from '../api/kinds/core/pod.ts'
import type { KindRef } from '../api/kinds/kind.ts'
import type { KubeObject } from '../api/meta/object.ts'
import { StatusError } from '../api/meta/status.ts'
import type { ConfigMap } from '../api/types/core/config.ts'

export interface ApiWorld {
  /** May do everything. The namespaces `default` and `kube-system` exist, each with its account `default`. */
  readonly api: Api
  close(): Promise<void>
}

const maps = { kind: ConfigMaps, namespace: 'default' }
const sets = { kind: DaemonSets, namespace: 'default' }
const pods = { kind: Pods, namespace: 'default' }

const map = (name: string, data: Record<string, string> = {}, labels: Record<string, string> = {}) => ({ metadata: { name, labels }, data })
const daemonSet = (name: string, image = 'i:1') => ({
  metadata: { name },
  spec: {
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'c', image }] } },
  },
})
const pod = (name: string, labels: Record<string, string> = {}) => ({ metadata: { name, labels }, spec: { containers: [{ name: 'c', image: 'i' }] } })

/** What a refusal says, in one line: reason, code and the fields it names. */
async function refusal(promise: Promise<unknown>): Promise<string> {
  try {
    await promise
  } catch (error) {
    if (!(error instanceof StatusError)) throw error
    const { reason, code, details } = error.status
    const fields = details?.causes?.map(cause => cause.field).filter(Boolean) ?? []
    return [reason, code, [details?.kind, details?.name].filter(Boolean).join(' '), ...fields].filter(part => part !== '').join(', ')
  }
  return 'accepted'
}

const shown = (event: WatchEvent): string =>
  event.type === 'BOOKMARK'
    ? `BOOKMARK${event.object.metadata.annotations?.[INITIAL_EVENTS_END] ? ' end' : ''}`
    : `${event.type} ${event.object.metadata.name} ${(event.object as ConfigMap).data?.['a'] ?? ''}`.trim()

/** Takes events of a watch until there are `count`, as `ADDED name value`. */
async function take<T extends KubeObject>(api: Api, target: Target<T>, options: Omit<WatchOptions, 'signal'>, count: number): Promise<WatchEvent<T>[]> {
  const stop = new AbortController()
  const seen: WatchEvent<T>[] = []
  for await (const events of api.watch(target, { ...options, signal: stop.signal })) {
    seen.push(...events)
    if (seen.length >= count) stop.abort()
  }
  return seen
}

/** The rules of the `Api` seam, run on every implementation. `open` gives a new, empty world each time. */
export function apiContract(name: string, open: () => Promise<ApiWorld>): void {
  const on = (rule: string, body: (api: Api) => Promise<void>) =>
    test(`${name}: ${rule}`, async () => {
      const world = await open()
      try {
        await body(world.api)
      } finally {
        await world.close()
      }
    })

  on('an object that was created reads back whole, frozen, and with what the server sets', async api => {
    const created = await api.create(maps, map('m', { a: '1' }))
    assert.equal(created.kind, 'ConfigMap')
    assert.equal(created.apiVersion, 'v1')
    assert.match(created.metadata.uid, /^[0-9a-f-]{36}$/)
    assert.match(created.metadata.creationTimestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
    assert.ok(Number(created.metadata.resourceVersion) > 0)
    assert.equal(created.metadata.namespace, 'default')
    assert.deepEqual(created.data, { a: '1' })
    assert.ok(Object.isFrozen(created) && Object.isFrozen(created.metadata) && Object.isFrozen(created.data))
    assert.deepEqual(await api.get({ ...maps, name: 'm' }), created)
  })

  on('what is handed in may be changed afterwards, and names can be generated', async api => {
    const given = { metadata: { generateName: 'm-', labels: { x: '1' } }, data: { a: '1' } }
    const creating = api.create(maps, given)
    given.data.a = '2'
    given.metadata.labels.x = '2'
    const created = await creating
    assert.match(created.metadata.name, /^m-[bcdfghjklmnpqrstvwxz2456789]{5}$/)
    given.data.a = '3'
    assert.notEqual((await api.get({ ...maps, name: created.metadata.name })).data?.['a'], '3')
  })

  on('refusals are Status errors that name the object and the field', async api => {
    await api.create(maps, map('m'))
    const set = daemonSet('ds')
    assert.deepEqual(
      {
        missing: await refusal(api.get({ ...maps, name: 'nope' })),
        again: await refusal(api.create(maps, map('m'))),
        badName: await refusal(api.create(maps, map('Not_a_name'))),
        badSelector: await refusal(api.create(sets, { ...set, spec: { ...set.spec, selector: { matchLabels: { app: 'other' } } } })),
        unknownField: await refusal(api.create(maps, { ...map('n'), nope: 1 } as never, { fieldValidation: 'Strict' })),
        noNamespace: await refusal(api.create({ kind: ConfigMaps, namespace: 'nowhere' }, map('m'))),
        labelSelector: await refusal(api.list(maps, { labelSelector: 'a in (' })),
        fieldSelector: await refusal(api.list(maps, { fieldSelector: 'data.a=1' })),
      },
      {
        missing: 'NotFound, 404, configmaps nope',
        again: 'AlreadyExists, 409, configmaps m',
        badName: 'Invalid, 422, ConfigMap Not_a_name, metadata.name',
        badSelector: 'Invalid, 422, DaemonSet ds, spec.template.metadata.labels',
        unknownField: 'BadRequest, 400',
        noNamespace: 'NotFound, 404, namespaces nowhere',
        labelSelector: 'BadRequest, 400',
        fieldSelector: 'BadRequest, 400',
      },
    )
  })

  on('an update is refused when the object has changed in between, and does not touch the status', async api => {
    const created = await api.create(sets, daemonSet('ds'))
    assert.equal(created.metadata.generation, 1)
    const at = { ...sets, name: 'ds' }
    const labelled = await api.update(at, { ...created, metadata: { ...created.metadata, labels: { x: '1' } }, status: { ...created.status, numberReady: 7 } })
    assert.equal(labelled.metadata.generation, 1)
    assert.equal(labelled.status.numberReady, 0)
    assert.equal(await refusal(api.update(at, created)), 'Conflict, 409, daemonsets ds')
    const status = await api.update(
      { ...at, subresource: 'status' },
      { ...labelled, spec: { ...labelled.spec, minReadySeconds: 9 }, status: { ...labelled.status, numberReady: 7 } },
    )
    assert.deepEqual([status.status.numberReady, status.spec.minReadySeconds ?? 0, status.metadata.generation], [7, 0, 1])
    assert.equal((await api.update(at, { ...status, spec: { ...status.spec, minReadySeconds: 9 } })).metadata.generation, 2)
  })

  on('an update that changes nothing keeps the revision', async api => {
    const created = await api.create(maps, map('m', { a: '1' }))
    assert.equal((await api.update({ ...maps, name: 'm' }, created)).metadata.resourceVersion, created.metadata.resourceVersion)
  })

  on('patches of three kinds change what they say', async api => {
    await api.create(sets, daemonSet('ds'))
    const at = { ...sets, name: 'ds' }
    const image = async (patching: Promise<unknown>) => {
      await patching
      return (await api.get(at)).spec.template.spec?.containers.map(c => `${c.name}=${c.image}`).join(' ')
    }
    const merge = { metadata: { labels: { a: 'b' } }, spec: { minReadySeconds: 3 } }
    assert.equal((await api.patch(at, { type: 'merge', body: merge })).spec.minReadySeconds, 3)
    const strategic = { spec: { template: { spec: { containers: [{ name: 'd', image: 'j' }] } } } }
    assert.equal(await image(api.patch(at, { type: 'strategic', body: strategic })), 'd=j c=i:1')
    const json = [
      { op: 'test', path: '/metadata/labels/a', value: 'b' },
      { op: 'remove', path: '/spec/template/spec/containers/0' },
    ]
    assert.equal(await image(api.patch(at, { type: 'json', body: json })), 'c=i:1')
    assert.equal(await refusal(api.patch(at, { type: 'json', body: [{ op: 'test', path: '/metadata/labels/a', value: 'c' }] })), 'Invalid, 422')
    assert.equal(await refusal(api.patch({ ...maps, name: 'nope' }, { type: 'merge', body: {} })), 'NotFound, 404, configmaps nope')
  })

  on('a dry run answers as a write would and stores nothing', async api => {
    assert.equal((await api.create(maps, map('m'), { dryRun: true })).metadata.name, 'm')
    const kept = await api.create(maps, map('kept', { a: '1' }))
    assert.equal((await api.patch({ ...maps, name: 'kept' }, { type: 'merge', body: { data: { a: '2' } } }, { dryRun: true })).data?.['a'], '2')
    await api.delete({ ...maps, name: 'kept' }, { dryRun: true })
    assert.deepEqual((await api.list(maps)).items, [kept])
  })

  on('a deletion checks its preconditions, says what was deleted, and waits for finalizers', async api => {
    const created = await api.create(maps, map('m'))
    const at = { ...maps, name: 'm' }
    assert.match(await refusal(api.delete(at, { preconditions: { uid: 'other' } })), /^Conflict, 409/)
    const status = await api.delete(at, { preconditions: { uid: created.metadata.uid, resourceVersion: created.metadata.resourceVersion } })
    assert.deepEqual(
      { ...status, metadata: {} },
      { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details: { name: 'm', kind: 'configmaps', uid: created.metadata.uid } },
    )
    assert.equal(await refusal(api.get(at)), 'NotFound, 404, configmaps m')
    await api.create(maps, { ...map('f'), metadata: { name: 'f', finalizers: ['example.com/x'] } })
    const leaving = (await api.delete({ ...maps, name: 'f' })) as ConfigMap
    assert.ok(leaving.metadata.deletionTimestamp)
    await api.patch({ ...maps, name: 'f' }, { type: 'merge', body: { metadata: { finalizers: null } } })
    assert.equal(await refusal(api.get({ ...maps, name: 'f' })), 'NotFound, 404, configmaps f')
  })

  on('a collection is deleted by its labels', async api => {
    for (const [name, x] of Object.entries({ a: '1', b: '2', c: '1' })) await api.create(maps, map(name, {}, { x }))
    const deleted = await api.deleteCollection(maps, { labelSelector: 'x=1' })
    assert.deepEqual(deleted.items.map(item => item.metadata.name).sort(), ['a', 'c'])
    assert.deepEqual(
      (await api.list(maps)).items.map(item => item.metadata.name),
      ['b'],
    )
  })

  on('a list is ordered, selected, says its kind and revision, and comes in pages of one state', async api => {
    for (const name of ['c', 'a', 'b']) await api.create(maps, map(name, {}, { odd: String(name !== 'b') }))
    await api.create({ kind: ConfigMaps, namespace: 'kube-system' }, map('z'))
    const names = (list: { readonly items: readonly KubeObject[] }) => list.items.map(item => item.metadata.name).join('')
    const all = await api.list(maps)
    assert.deepEqual([all.kind, all.apiVersion, names(all)], ['ConfigMapList', 'v1', 'abc'])
    assert.deepEqual(
      all.items.map(item => [item.kind, item.apiVersion]),
      Array(3).fill(['ConfigMap', 'v1']),
    )
    assert.ok(Object.isFrozen(all.items) && Object.isFrozen(all.items[0]))
    assert.equal(names(await api.list({ kind: ConfigMaps })), 'abcz')
    assert.equal(names(await api.list(maps, { labelSelector: 'odd in (true)' })), 'ac')
    assert.equal(names(await api.list(maps, { fieldSelector: 'metadata.name!=a' })), 'bc')
    const first = await api.list(maps, { limit: 2 })
    assert.deepEqual([names(first), first.metadata.remainingItemCount], ['ab', 1])
    await api.delete({ ...maps, name: 'c' })
    const rest = await api.list(maps, { limit: 2, continue: first.metadata.continue! })
    assert.deepEqual([names(rest), rest.metadata.resourceVersion, rest.metadata.continue], ['c', first.metadata.resourceVersion, undefined])
  })

  on('a watch tells the present state, its end, and every change once', async api => {
    await api.create(maps, map('a', { a: '1' }))
    const watching = take(api, maps, { initialEvents: true, bookmarks: true }, 5)
    // The stream is known to have begun when its first state has been told.
    const begun = await take(api, maps, { initialEvents: true, bookmarks: true }, 2)
    assert.deepEqual(begun.map(shown), ['ADDED a 1', 'BOOKMARK end'])
    await api.create(maps, map('b', { a: '1' }))
    await api.patch({ ...maps, name: 'a' }, { type: 'merge', body: { data: { a: '2' } } })
    const gone = await api.delete({ ...maps, name: 'b' })
    assert.equal(gone.kind, 'Status')
    const events = await watching
    assert.deepEqual(events.map(shown), ['ADDED a 1', 'BOOKMARK end', 'ADDED b 1', 'MODIFIED a 2', 'DELETED b 1'])
    const revisions = events.map(event => Number(event.object.metadata.resourceVersion))
    assert.deepEqual(
      revisions,
      [...revisions].sort((x, y) => x - y),
    )
    const last = events[4]!
    assert.ok(last.type === 'DELETED' && Object.isFrozen(last.object) && last.object.kind === 'ConfigMap')
  })

  on('a watch goes on from a revision, and from a list', async api => {
    await api.create(maps, map('a', { a: '1' }))
    const { metadata } = await api.list(maps)
    await api.create(maps, map('b', { a: '1' }))
    await api.create({ kind: ConfigMaps, namespace: 'kube-system' }, map('elsewhere'))
    await api.delete({ ...maps, name: 'a' })
    assert.deepEqual((await take(api, maps, { resourceVersion: metadata.resourceVersion }, 2)).map(shown), ['ADDED b 1', 'DELETED a 1'])
  })

  on('what enters or leaves a selection is added to or deleted from its watch', async api => {
    await api.create(maps, map('a', { a: '1' }, { on: 'no' }))
    const { metadata } = await api.list(maps)
    const watching = take(api, maps, { resourceVersion: metadata.resourceVersion, labelSelector: 'on=yes' }, 3)
    const label = (on: string, a: string) => api.patch({ ...maps, name: 'a' }, { type: 'merge', body: { metadata: { labels: { on } }, data: { a } } })
    await label('no', '2')
    await label('yes', '3')
    await label('yes', '4')
    const left = await label('no', '5')
    const events = await watching
    assert.deepEqual(
      events.map(event => event.type),
      ['ADDED', 'MODIFIED', 'DELETED'],
    )
    assert.equal(events[2]!.object.metadata.resourceVersion, left.metadata.resourceVersion)
  })

  on('watches by node and by name see only theirs', async api => {
    await api.create({ kind: Nodes as KindRef }, { metadata: { name: 'n1' } })
    const { metadata } = await api.list(pods)
    const onNode = take(api, { kind: Pods }, { resourceVersion: metadata.resourceVersion, fieldSelector: 'spec.nodeName=n1' }, 1)
    const byName = take(api, pods, { resourceVersion: metadata.resourceVersion, fieldSelector: 'metadata.name=q' }, 1)
    await api.create(pods, pod('p'))
    await api.create(pods, pod('q'))
    await api.post(
      { ...pods, name: 'p', subresource: 'binding' },
      { apiVersion: 'v1', kind: 'Binding', metadata: { name: 'p' }, target: { kind: 'Node', name: 'n1' } },
    )
    assert.deepEqual((await onNode).map(shown), ['ADDED p'])
    assert.deepEqual((await byName).map(shown), ['ADDED q'])
  })

  on('a watch ends without an error when it is stopped or its time is over', async api => {
    await take(api, maps, { timeoutSeconds: 1 }, 1)
    const stop = new AbortController()
    const watching = (async () => {
      for await (const events of api.watch(maps, { initialEvents: true, signal: stop.signal })) if (events.length > 0) stop.abort()
    })()
    await watching
    stop.abort()
  })

  on('a refused watch throws what refused it', async api => {
    assert.equal(await refusal(take(api, maps, { labelSelector: 'a in (' }, 1)), 'BadRequest, 400')
  })
}
