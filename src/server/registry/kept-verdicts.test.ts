import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { daemonSet, node, pod } from '../../../test/support/daemon-world.ts'
import { KINDS } from '../../api/kinds/all.ts'
import { isControlledBy } from '../../api/meta/owner.ts'
import type { ControllerRevision } from '../../api/types/apps/controller-revision.ts'
import type { DaemonSet } from '../../api/types/apps/daemon-set.ts'
import type { Event } from '../../api/types/core/event.ts'
import type { Node } from '../../api/types/core/node.ts'
import type { Pod } from '../../api/types/core/pod.ts'
import { FakeClock } from '../../base/clock.ts'
import { Stretches } from '../../base/node/stretches.ts'
import { placementAnswer } from '../../judge/daemonset/why.ts'
import type { PlacementAnswer } from '../../judge/daemonset/why-types.ts'
import { MemoryStore } from '../../store/memory.ts'
import { openCaches } from '../cache/caches.ts'
import { cachedKinds } from './cached-kinds.ts'
import { KeptVerdicts } from './kept-verdicts.ts'
import { wholeBody } from './long-member.ts'
import { placement } from './placement.ts'

/** Caches over a store that a test writes to as it likes, and the answers drawn from them. */
async function rig({ events = 20_000, stretches = () => new Stretches() } = {}) {
  const store = new MemoryStore()
  const clock = new FakeClock(Date.UTC(2026, 0, 1))
  const caches = await openCaches({ store, kinds: cachedKinds(KINDS), clock, events })
  const { get } = placement(caches, new KeptVerdicts(caches, clock, stretches), clock, stretches)
  const all = <T>(group: string, resource: string) => caches.of({ group, resource })!.list().items as unknown as readonly T[]
  const sets = () => all<DaemonSet>('apps', 'daemonsets')
  return {
    caches,
    clock,
    async write(path: string, object: object | undefined) {
      await store.write({ key: path, value: object && Buffer.from(JSON.stringify(object)) })
      await caches.fresh()
    },
    ask: async (name: string, ...query: readonly string[]) =>
      wholeBody(
        await get({
          caller: { user: { name: 'x', groups: [] } },
          namespace: 'default',
          name,
          parameters: new URLSearchParams(query.map(only => ['node', only])),
          signal: undefined,
        }),
      ) as unknown as PlacementAnswer,
    /** The same, drawn from all objects at once. */
    atOnce(name: string, only?: string) {
      const set = sets().find(({ metadata }) => metadata.name === name)!
      const pods = all<Pod>('', 'pods')
      return placementAnswer(
        {
          now: clock.now(),
          set,
          revisions: all<ControllerRevision>('apps', 'controllerrevisions').filter(one => isControlledBy(one, set)),
          nodes: all<Node>('', 'nodes'),
          pods: pods.filter(one => isControlledBy(one, set)),
          boundTo: on => pods.filter(({ spec }) => spec.nodeName === on),
          events: all<Event>('', 'events').filter(event => event.involvedObject.uid === set.metadata.uid),
        },
        only,
      )
    },
    async close() {
      await caches.close()
      await store.close()
    },
  }
}
type Rig = Awaited<ReturnType<typeof rig>>

const putNode = (at: Rig, text: string) => at.write(`/core/nodes/${text.split(' ')[0]}`, node(text))
const putPod = (at: Rig, text: string, set = daemonSet()) => {
  const made = pod(text, set)
  return at.write(`/core/pods/default/${made.metadata.name}`, made)
}
const putSet = (at: Rig, set: DaemonSet) => at.write(`/apps/daemonsets/default/${set.metadata.name}`, set)
const failed = (name: string, seconds: number) => ({
  metadata: { name: `foo.${name}-${seconds}`, namespace: 'default' },
  involvedObject: { uid: 'uid-foo' },
  reason: 'FailedDaemonPod',
  message: `Found failed daemon pod default/x on node ${name}, will try to kill it`,
  lastTimestamp: new Date(Date.UTC(2026, 0, 1) + seconds * 1000).toISOString(),
})

test('answers kept up to date are those drawn from everything at once, whatever changed in between', async () => {
  const at = await rig()
  await putSet(at, daemonSet({ minReadySeconds: 30, pod: { tolerations: [{ key: 'a' }] } }))
  const steps: readonly (() => unknown)[] = [
    () => putNode(at, 'n1'),
    () => putNode(at, 'n2'),
    () => putNode(at, 'n3 b:NoExecute'),
    () => putPod(at, 'p1->n1 old pending'),
    () => putPod(at, 'p2@n2 old available'),
    () => putPod(at, 'p3@n3 old available'),
    () => putPod(at, 'p4@gone old available'),
    () => putPod(at, 'p1@n1 old ready ready=-10'),
    () => at.clock.advance(20_000),
    () => putNode(at, 'n3'),
    () => putPod(at, 'p2@n2 old failed'),
    () => at.write('/core/events/default/foo.n2--2', failed('n2', -2)),
    () => at.write('/core/events/default/foo.n2-19', failed('n2', 19)),
    () => at.clock.advance(60_000),
    () => at.write('/core/pods/default/p2', undefined),
    () => putPod(at, 'p3@n3 old available owner=other'),
    () => putPod(at, 'p3@n3 old available'),
    () => putPod(at, 'p5->n2 new pending'),
    () => putPod(at, 'p6->n2 new pending owner=other'),
    () => putPod(at, 'p5@n2 new available terminating'),
    () => putSet(at, daemonSet({ maxSurge: 1 })),
    () => putSet(at, daemonSet({ onDelete: true })),
    () => at.write('/core/nodes/n1', undefined),
    () => at.write('/core/pods/default/p1', undefined),
    () => putNode(at, 'n1 a=b:NoSchedule'),
  ]
  for (const [i, step] of steps.entries()) {
    await step()
    assert.deepEqual(await at.ask('foo'), at.atOnce('foo'), `after step ${i}`)
    for (const name of ['n1', 'n2', 'n3', 'gone', 'never'])
      assert.deepEqual((await at.ask('foo', name)).nodes, at.atOnce('foo', name).nodes, `${name} after step ${i}`)
  }
  await at.close()
})

test('a change of one node costs one more judgement; more changes than the caches hold cost all of them', async () => {
  const at = await rig({ events: 20 })
  const set = daemonSet()
  await putSet(at, set)
  for (let n = 0; n < 50; n++) await putNode(at, `n${n}`)
  const kept = new KeptVerdicts(at.caches, at.clock)
  const look = async () => (await kept.use(set, 'v2', (_, { counts }) => [counts.desired, counts.current])).concat(kept.visited(set))
  assert.deepEqual(await look(), [50, 0, 50])
  assert.deepEqual(await look(), [50, 0, 50])
  await putPod(at, 'p@n7 v2 available')
  assert.deepEqual(await look(), [50, 1, 51])
  await putPod(at, 'x@n7 v2 available owner=other')
  assert.deepEqual(await look(), [50, 1, 51])
  for (let i = 0; i < 30; i++) await putPod(at, `x@n7 v2 available owner=other born=${i}`)
  assert.deepEqual(await look(), [50, 1, 101])
  await at.close()
})

test('many nodes are judged and told with turns for others in between', async () => {
  let elapsed = 0
  const at = await rig({ stretches: () => new Stretches(() => elapsed++) })
  await putSet(at, daemonSet())
  for (let n = 0; n < 1000; n++) await putNode(at, `n${n}`)
  let turns = 0
  let on = true
  const count = async () => {
    for (; on; turns++) await nextTurn()
  }
  const counting = count()
  const { nodes } = await at.ask('foo')
  on = false
  await counting
  assert.equal(nodes.length, 1000)
  assert.ok(turns >= 20, `${turns} turns`)
  await at.close()
})

test('one node is told without judging any other, unless what becomes of its pod depends on them', async () => {
  const at = await rig()
  await putSet(at, daemonSet())
  for (const text of ['n1', 'n2', 'n3 a:NoSchedule']) await putNode(at, text)
  for (const name of ['n1', 'n2']) await putPod(at, `p-${name}@${name} old available`)
  const nodes = at.caches.of<Node>({ group: '', resource: 'nodes' })!
  const { get, list } = { get: nodes.get.bind(nodes), list: nodes.list.bind(nodes) }
  const seen: string[] = []
  Object.assign(nodes, {
    get(key: string) {
      seen.push(key)
      return get(key)
    },
    list(query: object) {
      seen.push('all')
      return list(query)
    },
  })
  assert.equal((await at.ask('foo', 'n3')).nodes[0]?.verdict, 'excluded')
  assert.deepEqual([...new Set(seen)], ['n3'])
  assert.equal((await at.ask('foo', 'n2')).nodes[0]?.verdict, 'outdated')
  assert.ok(seen.includes('all'))
  assert.deepEqual(await at.ask('foo', 'n2'), at.atOnce('foo', 'n2'), 'the counts are those of the verdicts that the turn hangs on')
  await at.close()
})

test('sets of a large cluster are judged before anybody asks, and each change of theirs after it; those at rest last, and now and then', async () => {
  const at = await rig()
  const waiting = daemonSet({ name: 'waits' })
  const [foo, still] = [daemonSet(), { ...daemonSet({ name: 'rests' }), status: { ...waiting.status, observedGeneration: 1 } }]
  for (const set of [foo, still]) await putSet(at, set)
  for (let n = 0; n < 999; n++) await putNode(at, `n${n}`)
  const kept = new KeptVerdicts(at.caches, at.clock)
  const visited = async (rounds = 1) => {
    for (let round = 0; round < rounds; round++) await kept.ahead()
    return [foo, still, waiting].map(set => kept.visited(set))
  }
  assert.deepEqual(await visited(), [0, 0, 0], 'a small cluster is judged when somebody asks')
  await putNode(at, 'n999')
  assert.deepEqual(await visited(), [1000, 1000, 0])
  await putPod(at, 'p@n7 v2 available')
  assert.deepEqual(await visited(), [1001, 1000, 0])
  await putPod(at, 'q@n7 v2 available', still)
  assert.deepEqual(await visited(6), [1001, 1000, 0])
  assert.deepEqual(await visited(), [1001, 1001, 0])
  await at.write('/apps/daemonsets/default/foo', undefined)
  await putSet(at, waiting)
  assert.deepEqual(await visited(), [0, 1001, 1000])
  await at.close()
})
