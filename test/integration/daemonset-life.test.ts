/** DAEMONSET.md 7.11 and 7.12: the life of a DaemonSet and of its revisions on a started server, over HTTPS; the test plays the nodes. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { WatchEvent } from '../../src/api/access.ts'
import { ControllerRevisions } from '../../src/api/kinds/apps/controller-revision.ts'
import { DaemonSets } from '../../src/api/kinds/apps/daemon-set.ts'
import { Pods } from '../../src/api/kinds/core/pod.ts'
import { isPodReady } from '../../src/api/meta/pod.ts'
import type { DaemonSet } from '../../src/api/types/apps/daemon-set.ts'
import type { Pod } from '../../src/api/types/core/pod.ts'
import { eventually } from '../support/cluster.ts'
import { OverHttp, type Place } from '../support/over-http.ts'

let over: OverHttp
before(async () => {
  over = await OverHttp.start()
})
after(() => over.close())

let places = 0
function row(name: string, body: (place: Place) => Promise<void>): void {
  test(`catalogue ${name}`, { timeout: 60_000 }, async () => {
    const place = await over.place(`life${++places}`)
    try {
      await body(place)
    } finally {
      over.marks = () => true
      await place.leave()
    }
  })
}

const hash = (pod: { readonly metadata: { readonly labels?: Readonly<Record<string, string>> | undefined } }) =>
  pod.metadata.labels?.['controller-revision-hash']
const imageOf = (pod: Pod) => pod.spec.containers[0]!.image

/** Exactly one pod that is not going and is ready on each of these nodes, none elsewhere, and a status that says so. */
async function runsOn(place: Place, nodes: readonly string[]): Promise<void> {
  await eventually(
    () => place.pods(),
    pods => {
      const live = pods.filter(({ metadata }) => !metadata.deletionTimestamp)
      return live.every(isPodReady) && JSON.stringify(live.map(pod => pod.spec.nodeName).sort()) === JSON.stringify([...nodes].sort())
    },
  )
  const wanted = nodes.length
  await place.settles(wanted, { desiredNumberScheduled: wanted, currentNumberScheduled: wanted, numberReady: wanted })
}

row('#396: a simple daemon runs on every node, and comes back when its pod is deleted', async place => {
  const nodes = await place.nodes(3)
  await place.create()
  await runsOn(place, nodes)
  const [pod] = await place.pods()
  await over.api.delete({ kind: Pods, namespace: place.name, name: pod!.metadata.name })
  await runsOn(place, nodes)
  assert.ok(!(await place.pods()).some(({ metadata }) => metadata.uid === pod!.metadata.uid))
})

row('#397: a daemon follows the labels of nodes and of its own selector', async place => {
  const [first] = await place.nodes(2)
  await place.create({ pod: { nodeSelector: { place: place.name, color: 'blue' } }, strategy: { type: 'OnDelete' } })
  await runsOn(place, [])
  await over.cluster.kubectl('label', 'node', first!, 'color=blue')
  await runsOn(place, [first!])
  await over.cluster.kubectl('label', 'node', first!, 'color=green', '--overwrite')
  await runsOn(place, [])
  await place.patch({ spec: { template: { spec: { nodeSelector: { color: 'green' } } }, updateStrategy: { type: 'RollingUpdate' } } }, 'merge')
  await runsOn(place, [first!])
})

row('#398: a daemon follows the labels that its node affinity asks for', async place => {
  const [first] = await place.nodes(2)
  const nodeSelectorTerms = [{ matchExpressions: [{ key: 'color', operator: 'In', values: ['blue'] }] }]
  await place.create({ pod: { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } } } })
  await runsOn(place, [])
  await over.cluster.kubectl('label', 'node', first!, 'color=blue')
  await runsOn(place, [first!])
  await over.cluster.kubectl('label', 'node', first!, 'color-')
  await runsOn(place, [])
})

row('#399: a failed daemon is made again, and its object goes', async place => {
  const nodes = await place.nodes(2)
  await place.create()
  await runsOn(place, nodes)
  const [pod] = await place.pods()
  await over.setPhase(pod!, 'Failed')
  await eventually(
    () => place.pods(),
    pods => !pods.some(({ metadata }) => metadata.uid === pod!.metadata.uid),
  )
  await runsOn(place, nodes)
})

row('#400: with OnDelete a new image waits until somebody deletes the pods', async place => {
  const nodes = await place.nodes(2)
  await place.create({ strategy: { type: 'OnDelete' } })
  await runsOn(place, nodes)
  const [first] = await place.revisions()
  assert.equal(first!.revision, 1)
  assert.deepEqual((await place.pods()).map(hash), [hash(first!), hash(first!)])
  const { metadata } = await place.image('other')
  await eventually(
    () => place.set(),
    ({ status }) => status.observedGeneration === metadata.generation,
  )
  await runsOn(place, nodes)
  assert.deepEqual((await place.pods()).map(imageOf), ['bar', 'bar'])
  assert.equal((await place.set()).status.numberUnavailable ?? 0, 0)
  const [, second] = await place.revisions()
  assert.equal(second!.revision, 2)
  assert.notEqual(hash(second!), hash(first!))
  assert.deepEqual((await place.pods()).map(hash), [hash(first!), hash(first!)])
})

row('#401: with RollingUpdate every pod gets the new image, never more than one missing', async place => {
  const nodes = await place.nodes(4)
  const { metadata } = await place.create()
  await runsOn(place, nodes)
  const watch = new AbortController()
  const fewest = fewestReady(place, watch.signal)
  await place.image('other')
  await eventually(
    () => place.active(),
    pods => pods.length === 4 && pods.every(pod => imageOf(pod) === 'other' && isPodReady(pod)),
  )
  watch.abort()
  assert.ok((await fewest) >= 3)
  const [, second] = await place.revisions()
  assert.equal(second!.revision, 2)
  assert.deepEqual(new Set((await place.pods()).map(hash)), new Set([hash(second!)]))
  assert.ok(Number((await place.set()).metadata.resourceVersion) > Number(metadata.resourceVersion))
})

/** The fewest pods of a place that were ready and not going at any revision, until the signal aborts. */
async function fewestReady(place: Place, signal: AbortSignal): Promise<number> {
  const pods = new Map<string, Pod>()
  let fewest = Number.POSITIVE_INFINITY
  for await (const batch of over.api.watch<Pod>({ kind: Pods, namespace: place.name }, { initialEvents: true, signal })) {
    for (const event of batch) {
      if (event.type === 'BOOKMARK') {
        fewest = Math.min(fewest, ready())
        continue
      }
      if (event.type === 'DELETED') pods.delete(event.object.metadata.uid)
      else pods.set(event.object.metadata.uid, event.object)
      if (fewest !== Number.POSITIVE_INFINITY) fewest = Math.min(fewest, ready())
    }
  }
  function ready(): number {
    return [...pods.values()].filter(pod => isPodReady(pod) && !pod.metadata.deletionTimestamp).length
  }
  return fewest
}

row('#402: going back restarts no pod that never left', async place => {
  const nodes = await place.nodes(4)
  await place.create()
  await runsOn(place, nodes)
  over.marks = pod => imageOf(pod) !== 'not-there'
  await place.image('not-there')
  await eventually(
    () => place.active(),
    pods => pods.some(pod => imageOf(pod) === 'not-there') && pods.length === 4,
  )
  const old = (await place.active()).filter(pod => imageOf(pod) === 'bar').map(({ metadata }) => metadata.name)
  assert.ok(old.length > 0 && old.length < 4)
  await place.image('bar')
  await eventually(
    () => place.active(),
    pods => pods.length === 4 && pods.every(pod => imageOf(pod) === 'bar' && isPodReady(pod)),
  )
  const names = (await place.pods()).map(({ metadata }) => metadata.name)
  assert.deepEqual(
    old.filter(name => !names.includes(name)),
    [],
  )
})

row('#403: with surge new pods come first, whatever else happens to the pods', async place => {
  const nodes = await place.nodes(5)
  const surge = { type: 'RollingUpdate', rollingUpdate: { maxSurge: '20%', maxUnavailable: 0 } }
  await place.create({ strategy: surge, spec: { minReadySeconds: 1 } })
  await runsOn(place, nodes)
  await eventually(
    () => place.set(),
    ({ status }) => status.numberAvailable === 5,
  )
  await place.image('other')
  const chaos = [3, 1, 4, 1, 5, 9, 2, 6]
  for (let look = 0; ; look++) {
    const pods = await place.pods()
    const live = pods.filter(({ metadata }) => !metadata.deletionTimestamp)
    for (const node of nodes) {
      const here = live.filter(pod => (pod.spec.nodeName ?? pinned(pod)) === node)
      assert.ok(here.length <= 2, `${here.length} pods on ${node}`)
      for (const image of ['bar', 'other']) assert.ok(here.filter(pod => imageOf(pod) === image).length <= 1)
    }
    assert.ok(new Set(pods.map(hash)).size <= 2)
    if (live.length === 5 && live.every(pod => imageOf(pod) === 'other')) break
    const victim = live[chaos[look % chaos.length]! % live.length]
    if (look < 8 && look % 4 === 1 && victim) await over.api.delete({ kind: Pods, namespace: place.name, name: victim.metadata.name }).catch(() => {})
    if (look < 8 && look % 4 === 3 && victim && imageOf(victim) === 'bar' && victim.spec.nodeName) await over.setReady(victim, 'False').catch(() => {})
    await new Promise(resolve => setTimeout(resolve, 100))
  }
  await runsOn(place, nodes)
  assert.deepEqual(
    (await place.revisions()).map(({ revision }) => revision),
    [1, 2],
  )
})
const pinned = (pod: Pod) =>
  pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms[0]?.matchFields?.[0]?.values?.[0]

row('#404: sets are listed over all namespaces by label and deleted together', async place => {
  await place.nodes(1)
  await place.create()
  await place.patch({ metadata: { labels: { listed: place.name } } }, 'merge')
  const labelSelector = `listed=${place.name}`
  assert.equal((await over.api.list({ kind: DaemonSets }, { labelSelector })).items.length, 1)
  await over.api.deleteCollection({ kind: DaemonSets, namespace: place.name }, { labelSelector })
  assert.equal((await over.api.list({ kind: DaemonSets }, { labelSelector })).items.length, 0)
})

row('#405: conditions that others write to the status are seen, and survive the counting', async place => {
  const nodes = await place.nodes(1)
  await place.create()
  await runsOn(place, nodes)
  const target = { kind: DaemonSets, namespace: place.name, name: 'foo', subresource: 'status' }
  const live = await over.api.get(target)
  const seen = new AbortController()
  const conditions: string[] = []
  const watching = (async () => {
    const events: AsyncIterable<readonly WatchEvent<DaemonSet>[]> = over.api.watch(
      { kind: DaemonSets, namespace: place.name },
      { resourceVersion: live.metadata.resourceVersion, signal: seen.signal },
    )
    for await (const batch of events) {
      for (const event of batch) if (event.type === 'MODIFIED') conditions.push((event.object.status.conditions ?? []).map(({ type }) => type).join(' '))
    }
  })()
  await over.api.update(target, {
    ...live,
    status: { ...live.status, conditions: [{ type: 'StatusUpdate', status: 'True', reason: 'E2E', message: 'Set by a test' }] },
  })
  await place.nodes(1)
  await place.settles(2, { desiredNumberScheduled: 2, numberReady: 2 })
  assert.deepEqual(
    (await place.set()).status.conditions?.map(({ type }) => type),
    ['StatusUpdate'],
  )
  await over.api.patch(target, { type: 'merge', body: { status: { conditions: [{ type: 'StatusPatched', status: 'True' }] } } })
  await eventually(
    () => conditions,
    all => all.includes('StatusUpdate') && all.includes('StatusPatched'),
  )
  seen.abort()
  await watching
})

row('#406 #407 #408 #409 #410 #411 #412: the life of a revision', async place => {
  const nodes = await place.nodes(1)
  await place.create()
  await runsOn(place, nodes)
  const labelSelector = 'name=test'
  const listed = async () =>
    [...(await over.api.list({ kind: ControllerRevisions, namespace: place.name }, { labelSelector })).items].sort((a, b) => a.revision - b.revision)
  const [first, ...none] = await listed()
  assert.equal(none.length, 0)
  assert.equal(first!.metadata.ownerReferences?.[0]?.name, 'foo')

  const at = (name: string) => ({ kind: ControllerRevisions, namespace: place.name, name })
  const patched = await over.api.patch(at(first!.metadata.name), { type: 'strategic', body: { metadata: { labels: { [first!.metadata.name]: 'patched' } } } })
  assert.equal(patched.metadata.labels?.[first!.metadata.name], 'patched')
  assert.ok(Number(patched.metadata.resourceVersion) > Number(first!.metadata.resourceVersion))

  const copy = {
    metadata: { name: 'foo-second', labels: patched.metadata.labels!, ownerReferences: patched.metadata.ownerReferences! },
    data: patched.data!,
    revision: 2,
  }
  await over.api.create({ kind: ControllerRevisions, namespace: place.name }, copy)
  await over.api.delete(at(first!.metadata.name)).catch(() => {})
  await eventually(listed, all => all.length === 1 && all[0]!.metadata.name === 'foo-second')

  const updated = await over.api.update(at('foo-second'), {
    ...(await over.api.get(at('foo-second'))),
    metadata: { ...(await over.api.get(at('foo-second'))).metadata, labels: { ...copy.metadata.labels, 'foo-second': 'updated' } },
  })
  assert.equal(updated.metadata.labels?.['foo-second'], 'updated')

  await place.patch({ spec: { template: { spec: { terminationGracePeriodSeconds: 1 } }, updateStrategy: { type: 'RollingUpdate' } } })
  await eventually(listed, all => all.length === 2)
  await over.api.deleteCollection({ kind: ControllerRevisions, namespace: place.name }, { labelSelector: 'foo-second=updated' })
  await eventually(listed, all => all.length === 1 && all[0]!.revision === 3)
})
