import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { at, daemonSet, NOW, node, pod } from '../../../test/support/daemon-world.ts'
import { type RuledWorld, Rules } from '../../../test/support/daemonset-rules.ts'
import type { DaemonSet } from '../../api/types/apps/daemon-set.ts'
import type { NodeSelectorTerm, Toleration } from '../../api/types/core/affinity.ts'
import type { Node } from '../../api/types/core/node.ts'
import type { Pod, PodSpec } from '../../api/types/core/pod.ts'
import { planDaemonSet } from './plan.ts'

const RUNS = Number(process.env['RUNS'] ?? 700)
const NODES = 6
const anyName = fc.integer({ min: 0, max: NODES }).map(i => `n${i}`)
const often = <T>(usual: T, arbitrary: fc.Arbitrary<T>, weight = 3) => fc.oneof({ weight, arbitrary: fc.constant(usual) }, arbitrary)

const anyToleration: fc.Arbitrary<Toleration> = fc
  .record(
    {
      key: fc.constantFrom('a', 'b', 'node.kubernetes.io/not-ready', 'node.kubernetes.io/network-unavailable'),
      operator: fc.constantFrom('Exists', 'Equal'),
      value: fc.constantFrom('x', 'y'),
      effect: fc.constantFrom('NoSchedule', 'NoExecute', 'PreferNoSchedule'),
    },
    { requiredKeys: [] },
  )
  // As validation lets in: without a key only Exists, and Exists without a value.
  .map(
    ({ value, ...rest }): Toleration =>
      rest.key === undefined ? { ...rest, operator: 'Exists' } : rest.operator === 'Exists' || value === undefined ? rest : { ...rest, value },
  )

const anyTerm: fc.Arbitrary<NodeSelectorTerm> = fc.record(
  {
    matchExpressions: fc.array(
      fc.oneof(
        fc.record({ key: fc.constantFrom('on', 'mem'), operator: fc.constantFrom('Exists', 'DoesNotExist') }),
        fc.record({
          key: fc.constantFrom('on', 'mem'),
          operator: fc.constantFrom('In', 'NotIn'),
          values: fc.subarray(['yes', 'no', '8', '32'], { minLength: 1 }),
        }),
        fc.record({ key: fc.constantFrom('on', 'mem'), operator: fc.constantFrom('Gt', 'Lt'), values: fc.constantFrom(['8'], ['16'], ['many']) }),
      ),
      { maxLength: 2 },
    ),
    matchFields: fc.array(fc.record({ key: fc.constant('metadata.name'), operator: fc.constantFrom('In', 'NotIn'), values: anyName.map(name => [name]) }), {
      maxLength: 1,
    }),
  },
  { requiredKeys: [] },
)

const anySpec: fc.Arbitrary<Partial<PodSpec>> = fc
  .record({
    nodeName: often<string | undefined>(undefined, anyName, 9),
    nodeSelector: often<Record<string, string> | undefined>(undefined, fc.constantFrom({ on: 'yes' }, { on: 'no' }, {})),
    terms: often<readonly NodeSelectorTerm[] | undefined>(undefined, fc.array(anyTerm, { maxLength: 3 }), 2),
    tolerations: often<readonly Toleration[] | undefined>(undefined, fc.array(anyToleration, { maxLength: 3 }), 1),
    hostNetwork: fc.boolean(),
  })
  .map(({ nodeName, nodeSelector, terms, tolerations, hostNetwork }) => ({
    ...(nodeName && { nodeName }),
    ...(nodeSelector && { nodeSelector }),
    ...(tolerations && { tolerations }),
    ...(hostNetwork && { hostNetwork }),
    ...(terms && { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms } } } }),
  }))

const anySet: fc.Arbitrary<DaemonSet> = fc
  .record({
    how: fc.constantFrom('u', 'u', 's', 's', 'od'),
    amount: fc.oneof(fc.integer({ min: 0, max: 4 }), fc.constantFrom('1%', '10%', '34%', '50%', '67%', '100%')),
    minReadySeconds: fc.constantFrom(0, 0, 15),
    templateGeneration: fc.constantFrom(undefined, 3),
    pod: anySpec,
  })
  .map(({ how, amount, minReadySeconds, templateGeneration, pod }) =>
    daemonSet({
      onDelete: how === 'od',
      ...(how === 's' ? { maxSurge: amount } : { maxUnavailable: amount }),
      minReadySeconds,
      ...(templateGeneration && { templateGeneration }),
      pod,
    }),
  )

const anyNode = (name: string): fc.Arbitrary<Node> =>
  fc
    .tuple(
      fc.constantFrom('', ' on=yes', ' on=yes', ' on=no'),
      fc.constantFrom('', ' mem=8', ' mem=32', ' mem=x'),
      often(
        '',
        fc
          .constantFrom(
            ...['a:NoSchedule', 'a=x:NoSchedule', 'a=x:NoExecute', 'b=y:NoExecute', 'b:PreferNoSchedule', 'a:NoSchedule b=x:NoExecute'],
            ...['not-ready:NoSchedule', 'not-ready:NoExecute', 'unreachable:NoSchedule', 'unreachable:NoExecute', 'unschedulable:NoSchedule'].map(
              taint => `node.kubernetes.io/${taint}`,
            ),
            ...['disk-pressure:NoSchedule', 'network-unavailable:NoSchedule', 'out-of-service:NoExecute', 'pid-pressure:NoExecute'].map(
              taint => `node.kubernetes.io/${taint}`,
            ),
          )
          .map(taint => ` ${taint}`),
        2,
      ),
    )
    .map(([on, mem, taint]) => node(`${name}${on}${mem}${taint}`))

const anyPod = (name: string, set: DaemonSet): fc.Arbitrary<Pod> =>
  fc
    .record({
      where: fc.oneof(
        { weight: 9, arbitrary: anyName.map(at => `@${at}`) },
        { weight: 3, arbitrary: anyName.map(at => `->${at}`) },
        { weight: 1, arbitrary: fc.constant('') },
      ),
      revision: fc.constantFrom('v1', 'v2', 'v2', '-'),
      state: fc.constantFrom('available', 'available', 'available', 'ready', 'starting', 'pending', 'failed', 'succeeded', 'unknown'),
      born: fc.integer({ min: -4, max: -1 }),
      ready: fc.constantFrom('', '', ' ready=-10', ' ready=-15', ' ready=never'),
      generation: fc.constantFrom('', '', ' gen=3', ' gen=2'),
      terminating: fc.constantFrom('', '', '', '', ' terminating'),
    })
    .map(p => {
      const made = pod(`${name}${p.where} ${p.revision} ${p.state} born=${p.born}${p.ready}${p.generation}${p.terminating}`, daemonSet())
      return {
        ...made,
        metadata: {
          ...made.metadata,
          ownerReferences: [{ apiVersion: 'apps/v1', kind: 'DaemonSet', name: set.metadata.name, uid: set.metadata.uid, controller: true }],
        },
      }
    })

const anyWorld: fc.Arbitrary<RuledWorld> = fc
  .tuple(anySet, fc.integer({ min: 0, max: NODES }), fc.integer({ min: 0, max: 10 }))
  .chain(([set, nodeCount, podCount]) =>
    fc.record({
      now: fc.constantFrom(NOW, NOW + 5_000),
      set: fc.constant(set),
      hash: fc.constant('v2'),
      nodes: fc.tuple(...Array.from({ length: nodeCount }, (_, i) => anyNode(`n${i}`))),
      pods: fc.tuple(...Array.from({ length: podCount }, (_, i) => anyPod(`p${i}`, set))),
      backingOff: fc.subarray(['n0', 'n1', 'n2']).map(names => new Set(names)),
    }),
  )

/** As in the middle of a roll: mostly one pod on each node, nodes that keep new pods away, and pods of nodes that are gone. */
const anyRoll: fc.Arbitrary<RuledWorld> = fc
  .tuple(
    fc.constantFrom('u', 's'),
    fc.oneof(fc.integer({ min: 1, max: 4 }), fc.constantFrom('10%', '34%', '50%', '67%')),
    fc.array(
      fc.record({
        there: often(true, fc.boolean(), 6),
        taint: often('', fc.constant(' a:NoSchedule')),
        pods: fc.array(
          fc.tuple(fc.constantFrom('v1', 'v1', 'v2'), often('available', fc.constantFrom('starting', 'pending')), often('', fc.constant(' terminating'), 9)),
          {
            minLength: 1,
            maxLength: 2,
          },
        ),
        alone: often(true, fc.constant(false), 2),
      }),
      { maxLength: 8 },
    ),
  )
  .map(([how, amount, at]) => {
    const set = daemonSet(how === 's' ? { maxSurge: amount } : { maxUnavailable: amount })
    return {
      now: NOW,
      set,
      hash: 'v2',
      nodes: at.flatMap(({ there, taint }, i) => (there ? [node(`n${i}${taint}`)] : [])),
      pods: at.flatMap(({ pods, alone }, i) =>
        pods.slice(0, alone ? 1 : 2).map(([revision, state, going], j) => pod(`p${i}-${j}@n${i} ${revision} ${state}${going}`, set)),
      ),
      backingOff: new Set<string>(),
    }
  })

const judged = ({ backingOff, ...world }: RuledWorld) =>
  planDaemonSet({ ...world, failures: new Map([...backingOff].map(name => [name, { generation: 0, since: NOW, delayMs: 60_000 }])) })
const names = (pods: readonly Pod[]) => pods.map(({ metadata }) => metadata.name).sort()

test('what is due whatever the budget, and the counts, are those of the rules', () =>
  fc.assert(
    fc.property(anyWorld, world => {
      const rules = new Rules(world)
      const plan = judged(world)
      const due = [...plan.nodes.values()].flatMap(verdict => verdict.due)
      const { creates, deletes } = rules.manage()
      assert.deepEqual(
        {
          creates: due.flatMap(action => (action.do === 'create' ? [action.node] : [])).sort(),
          deletes: names(due.flatMap(action => (action.do === 'delete' ? [action.pod] : []))),
        },
        { creates: [...creates].sort(), deletes: names(deletes) },
      )
      const { status } = plan
      const { desired, current, misscheduled, ready, updated, available } = rules.counts()
      assert.deepEqual(
        [
          ...[status.desiredNumberScheduled, status.currentNumberScheduled, status.numberMisscheduled, status.numberReady],
          ...[status.updatedNumberScheduled, status.numberAvailable, status.numberUnavailable],
        ],
        [desired, current, misscheduled, ready, updated, available, desired - available],
      )
    }),
    { numRuns: RUNS },
  ))

test('where nothing is due, a roll does what the rules say it must, and as much of what it may as its budget allows', () =>
  fc.assert(
    fc.property(fc.oneof(anyWorld, anyRoll), start => {
      const world = afterManage(start)
      if (!world) return
      const rules = new Rules(world)
      const { must, may, creates, deletes, stuck } = rules.roll()
      const plan = judged(world)
      assert.equal(plan.problem !== undefined, stuck)
      const done = {
        creates: plan.actions.flatMap(action => (action.do === 'create' ? [action.node] : [])),
        deletes: plan.actions.flatMap(action => (action.do === 'delete' ? [action.pod] : [])),
      }
      assert.deepEqual(
        [done.creates.filter(name => !may.creates.includes(name)).sort(), names(done.deletes.filter(pod => !may.deletes.includes(pod)))],
        [[...must.creates].sort(), names(must.deletes)],
      )
      assert.deepEqual(
        [done.creates.filter(name => may.creates.includes(name)).length, done.deletes.filter(pod => may.deletes.includes(pod)).length],
        [creates, deletes],
      )
    }),
    { numRuns: RUNS },
  ))

/** The world when all that is due has been done and what is going has gone; undefined when that does not come to rest. */
function afterManage(start: RuledWorld): RuledWorld | undefined {
  let world = start
  for (let i = 0; i < 8; i++) {
    const { creates, deletes } = new Rules(world).manage()
    if (creates.length + deletes.length === 0) return world
    const made = creates.map((name, n) => pod(`m${i}-${n}@${name} v2 ${n % 2 ? 'starting' : 'available'} ready=-3600`, daemonSet()))
    world = { ...world, pods: [...world.pods.filter(p => !deletes.includes(p)), ...made] }
  }
  return undefined
}

test('a pod becomes available when its time has come, to the millisecond', () => {
  const set = daemonSet({ minReadySeconds: 15 })
  const world = { set, hash: 'v2', nodes: [node('n1')], pods: [pod('a@n1 v2 ready ready=-10', set)], backingOff: new Set<string>() }
  for (const ms of [4_999, 5_000])
    assert.equal(judged({ ...world, now: NOW + ms }).status.numberAvailable, new Rules({ ...world, now: NOW + ms }).counts().available)
  assert.equal(judged({ ...world, now: NOW }).lookAgainAt, Date.parse(at(5)))
})
