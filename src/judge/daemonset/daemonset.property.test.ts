import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { daemonSet, NOW, node, pod } from '../../../test/support/daemon-world.ts'
import { isFinished } from '../../api/meta/pod.ts'
import type { DaemonSet } from '../../api/types/apps/daemon-set.ts'
import type { Node } from '../../api/types/core/node.ts'
import type { Pod } from '../../api/types/core/pod.ts'
import { budgetOf } from './budget.ts'
import { factsOf } from './facts.ts'
import type { Failure } from './failures.ts'
import { judgeAtLength, judgeNode } from './judge-node.ts'
import { Keeper } from './keeper.ts'
import { type Observed, type Plan, planDaemonSet, planFrom } from './plan.ts'
import { isTerminating, targetNode } from './pod-facts.ts'
import { ration } from './ration.ts'

const RUNS = Number(process.env['RUNS'] ?? 600)
const HASHES = ['v1', 'v2']

const anySet = fc
  .record({
    onDelete: fc.oneof({ weight: 4, arbitrary: fc.constant(false) }, fc.constant(true)),
    surge: fc.boolean(),
    amount: fc.oneof(fc.integer({ min: 0, max: 4 }), fc.constantFrom('0%', '1%', '34%', '50%', '100%')),
    minReadySeconds: fc.constantFrom(0, 0, 15),
    tolerates: fc.boolean(),
  })
  .map(({ onDelete, surge, amount, minReadySeconds, tolerates }) =>
    daemonSet({
      onDelete,
      ...(surge ? { maxSurge: amount } : { maxUnavailable: amount }),
      minReadySeconds,
      pod: { nodeSelector: { on: 'yes' }, ...(tolerates && { tolerations: [{ key: 'a', operator: 'Exists' }] }) },
    }),
  )

const anyNode = (name: string) =>
  fc
    .constantFrom('on=yes', 'on=yes', 'on=yes', 'on=yes a:NoSchedule', 'on=yes a:NoExecute', 'on=yes b:NoSchedule', 'on=yes b:NoExecute', 'on=no')
    .map(words => node(`${name} ${words}`))

const anyPod = (name: string, set: DaemonSet, nodes: number) =>
  fc
    .record({
      where: fc.oneof(
        { weight: 8, arbitrary: fc.integer({ min: 0, max: nodes }).map(i => `@n${i}`) },
        { weight: 2, arbitrary: fc.integer({ min: 0, max: nodes }).map(i => `->n${i}`) },
        { weight: 1, arbitrary: fc.constant('') },
      ),
      revision: fc.constantFrom(...HASHES),
      state: fc.constantFrom('available', 'available', 'available', 'ready', 'starting', 'pending', 'failed', 'succeeded', 'unknown'),
      born: fc.integer({ min: -50, max: -1 }),
      terminating: fc.oneof({ weight: 5, arbitrary: fc.constant('') }, fc.constant(' terminating')),
    })
    .map(({ where, revision, state, born, terminating }) => pod(`${name}${where} ${revision} ${state} born=${born}${terminating}`, set))

const anyWorld: fc.Arbitrary<Observed> = fc.tuple(anySet, fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 10 })).chain(([set, nodeCount, podCount]) =>
  fc.record({
    set: fc.constant(set),
    now: fc.constantFrom(NOW, NOW + 20_000),
    hash: fc.constant('v2'),
    nodes: fc.tuple(...Array.from({ length: nodeCount }, (_, i) => anyNode(`n${i}`))),
    pods: fc.tuple(...Array.from({ length: podCount }, (_, i) => anyPod(`p${i}`, set, nodeCount))),
    failures: fc.constantFrom(new Map<string, Failure>(), new Map([['n0', { generation: 0, since: NOW, delayMs: 8000 }]])),
  }),
)

const live = (p: Pod) => !isTerminating(p)
const deleted = (plan: Plan) => new Set(plan.actions.flatMap(action => (action.do === 'delete' ? [action.pod] : [])))

test('every node and every pod has exactly one verdict, and the plan is the same every time', () =>
  fc.assert(
    fc.property(anyWorld, observed => {
      const plan = planDaemonSet(observed)
      assert.deepEqual(planDaemonSet(observed), plan)
      assert.equal(plan.pods.size, observed.pods.length)
      for (const p of observed.pods) assert.ok(plan.pods.has(p))
      for (const n of observed.nodes) assert.ok(plan.nodes.has(n.metadata.name))
      const judged = [...plan.nodes.values()].flatMap(verdict => verdict.pods.map(p => p.pod))
      assert.equal(new Set(judged).size, judged.length)
      assert.equal(deleted(plan).size, plan.actions.filter(action => action.do === 'delete').length)
      for (const p of deleted(plan)) assert.ok(live(p), 'nothing that is going is deleted again')
      const creates = plan.actions.filter(action => action.do === 'create').map(action => action.node)
      assert.equal(new Set(creates).size, creates.length)
    }),
    { numRuns: RUNS },
  ))

test('the short cut for a node with one running pod says what the long way says', () =>
  fc.assert(
    fc.property(anyWorld, ({ set, hash, now, nodes, pods, failures }) => {
      const facts = factsOf(set, hash, failures)
      for (const object of nodes) {
        const { name } = object.metadata
        const here = pods.filter(p => targetNode(p) === name)
        for (const some of [here, here.slice(0, 1)])
          assert.deepEqual(judgeNode(facts, { name, object }, some, now), judgeAtLength(facts, { name, object }, some, now))
      }
    }),
    { numRuns: RUNS },
  ))

test('the ration alone deletes available pods, and creates beside available ones, only within the budget', () =>
  fc.assert(
    fc.property(anyWorld, observed => {
      const facts = factsOf(observed.set, observed.hash, observed.failures)
      const { tallies } = keep(observed)
      const { actions } = ration(facts, tallies)
      const { maxUnavailable, maxSurge } = budgetOf(observed.set, tallies.counts.desired)
      const verdicts = [...tallies.verdicts.values()]
      const unavailable = verdicts.filter(
        v =>
          v.standing &&
          !(v.standing.crowded ? false : (v.standing.old === 'none') !== (v.standing.new === 'none') && [v.standing.old, v.standing.new].includes('available')),
      ).length
      const surging = verdicts.filter(v => v.standing && (v.standing.crowded || (v.standing.old !== 'none' && v.standing.new === 'unavailable'))).length
      const rolled = actions.filter(action => action.why === 'outdated').length
      const beside = actions.filter(action => action.why === 'beside-available').length
      assert.ok(rolled <= Math.max(0, maxUnavailable - unavailable), `${rolled} > ${maxUnavailable} - ${unavailable}`)
      assert.ok(beside <= Math.max(0, maxSurge - surging), `${beside} > ${maxSurge} - ${surging}`)
    }),
    { numRuns: RUNS },
  ))

test('without surge a node keeps at most one pod that has not ended and is not going', () =>
  fc.assert(
    fc.property(anyWorld, observed => {
      const plan = planDaemonSet(observed)
      if (factsOf(observed.set, observed.hash).replacement === 'surge') return
      const gone = deleted(plan)
      for (const { metadata } of observed.nodes) {
        const stays = observed.pods.filter(p => targetNode(p) === metadata.name && live(p) && !isFinished(p) && !gone.has(p)).length
        const comes = plan.actions.filter(action => action.do === 'create' && action.node === metadata.name).length
        assert.ok(stays + comes <= 1)
      }
    }),
    { numRuns: RUNS },
  ))

test('the counts add up', () =>
  fc.assert(
    fc.property(anyWorld, observed => {
      const { status } = planDaemonSet(observed)
      const { desiredNumberScheduled: desired, currentNumberScheduled: current, numberReady: ready } = status
      const { numberAvailable: available = 0, numberUnavailable: unavailable = 0, updatedNumberScheduled: updated = 0 } = status
      assert.ok(available <= ready && ready <= current && updated <= current && current <= desired)
      assert.equal(available + unavailable, desired)
      assert.ok(desired + status.numberMisscheduled <= observed.nodes.length)
    }),
    { numRuns: RUNS },
  ))

test('a converged world needs nothing, and carrying out plans converges', () =>
  fc.assert(
    fc.property(anyWorld, start => {
      let observed: Observed = { ...start, failures: new Map() }
      let plan = planDaemonSet(observed)
      for (let pass = 0; ; pass++) {
        assert.ok(pass < 60, 'did not converge')
        const pods = carryOut(observed, plan)
        if (plan.actions.length === 0 && pods === observed.pods && plan.lookAgainAt === undefined) break
        observed = { ...observed, pods, now: observed.now + 60_000 }
        plan = planDaemonSet(observed)
      }
      const wanted = [...plan.nodes.values()].filter(verdict => verdict.placement.run)
      for (const verdict of wanted) assert.equal(verdict.pods.filter(p => live(p.pod) && !isFinished(p.pod)).length, 1)
      const { replacement } = factsOf(observed.set, observed.hash)
      if (replacement === 'on-delete') return
      const { maxUnavailable, maxSurge } = budgetOf(observed.set, wanted.length)
      const held = heldForGood(plan, replacement === 'surge')
      const left = wanted.filter(verdict => !verdict.available || !verdict.updated)
      assert.equal(left.length > 0 && held < (maxSurge || maxUnavailable), false, `${left.map(verdict => verdict.node)} left, ${held} held`)
      for (const verdict of left) assert.deepEqual([verdict.ready, verdict.available], [true, true], 'a node that waits for ever keeps its old pod')
    }),
    { numRuns: RUNS },
  ))

/**
 * The part of the budget that nobody gives back: an up-to-date pod that no scheduler binds, because its node was shut to new pods after it was made,
 * stays, as upstream, and counts as unavailable, or beside an old pod as surge. It is whoever shut the node that can open it or delete the pod.
 */
const heldForGood = (plan: Plan, surge: boolean): number =>
  [...plan.nodes.values()].filter(({ placement, pods }) => {
    const unbound = pods.some(({ pod: p }) => !p.spec.nodeName && p.metadata.labels?.['controller-revision-hash'] === 'v2')
    return placement.stay && !placement.run && unbound && (!surge || pods.length > 1)
  }).length

/** The world after a plan: what is going is gone, bound pods of missing nodes are collected, pinned ones are bound where new pods may be, all that is bound runs. */
function carryOut(observed: Observed, plan: Plan): readonly Pod[] {
  const gone = deleted(plan)
  const there = new Set(observed.nodes.map(n => n.metadata.name))
  const stays = observed.pods.filter(p => live(p) && !gone.has(p) && targetNode(p) !== undefined && there.has(targetNode(p)!))
  const comes = plan.actions.flatMap((action, i) =>
    action.do === 'create' ? [pod(`new-${observed.now}-${i}@${action.node} ${observed.hash} available ready=-3600`, observed.set)] : [],
  )
  let changed = comes.length > 0 || stays.length !== observed.pods.length
  const settled = stays.map(p => {
    const well = p.status.phase === 'Running' && p.status.conditions?.[0]?.status === 'True' && p.spec.nodeName
    if (well || isFinished(p) || (!p.spec.nodeName && !plan.nodes.get(targetNode(p)!)!.placement.run)) return p
    changed = true
    return {
      ...p,
      spec: { ...p.spec, nodeName: targetNode(p)! },
      status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: new Date(NOW - 1e7).toISOString() }] },
    }
  })
  return changed ? [...settled, ...comes] : observed.pods
}

type Step =
  | { readonly what: 'pod'; readonly index: number; readonly as: Pod | undefined }
  | { readonly what: 'node'; readonly index: number; readonly as: Node | undefined }
  | { readonly what: 'time'; readonly ms: number }
  | { readonly what: 'set'; readonly hash: string; readonly set: DaemonSet | undefined }

test('the incremental plan equals the full one after any changes, visiting only what was touched', () =>
  fc.assert(
    fc.property(
      anyWorld.chain(start =>
        fc.tuple(
          fc.constant(start),
          fc.array(
            fc.oneof(
              fc
                .nat(9)
                .chain(index =>
                  fc.option(anyPod(`p${index}`, start.set, start.nodes.length), { nil: undefined }).map((as): Step => ({ what: 'pod', index, as })),
                ),
              fc.nat(6).chain(index => fc.option(anyNode(`n${index}`), { nil: undefined }).map((as): Step => ({ what: 'node', index, as }))),
              fc.integer({ min: 0, max: 20_000 }).map((ms): Step => ({ what: 'time', ms })),
              fc.tuple(fc.constantFrom('v1', 'v2', 'v3'), fc.option(anySet, { nil: undefined })).map(([hash, set]): Step => ({ what: 'set', hash, set })),
            ),
            { maxLength: 12 },
          ),
        ),
      ),
      ([start, steps]) => {
        const kept = keep(start)
        let observed = start
        for (const step of steps) {
          observed = kept.apply(observed, step)
          assert.deepEqual(flat(planFrom(kept.keeper.facts!, kept.keeper.tallies, observed.pods)), flat(planDaemonSet(observed)))
        }
      },
    ),
    { numRuns: RUNS },
  ))

/** Plans as data, in an order that does not depend on how they came about. */
const flat = (plan: Plan) => ({
  ...plan,
  nodes: [...plan.nodes.values()].sort((a, b) => (a.node < b.node ? -1 : 1)),
  pods: [...plan.pods].map(([p, reason]) => `${p.metadata.name} ${reason}`).sort(),
})

function keep(observed: Observed) {
  const keeper = new Keeper()
  const nodes = new Map<string, Node>()
  const pods = new Map<string, Pod>()
  const source = { node: (name: string) => nodes.get(name), podsOn: (name: string) => [...pods.values()].filter(p => targetNode(p) === name) }
  const setPod = (name: string, p: Pod | undefined) => {
    for (const at of [pods.get(name), p]) if (at && targetNode(at) !== undefined) keeper.touch(targetNode(at)!)
    if (p) pods.set(name, p)
    else pods.delete(name)
  }
  const setNode = (name: string, n: Node | undefined) => {
    keeper.touch(name)
    if (n) nodes.set(name, n)
    else nodes.delete(name)
  }
  for (const n of observed.nodes) setNode(n.metadata.name, n)
  for (const p of observed.pods) setPod(p.metadata.name, p)
  keeper.follow(factsOf(observed.set, observed.hash, observed.failures))
  keeper.judge(source, observed.now)
  return {
    keeper,
    tallies: keeper.tallies,
    apply(before: Observed, step: Step): Observed {
      const visited = keeper.visited
      const after: { -readonly [member in keyof Observed]: Observed[member] } = { ...before }
      if (step.what === 'time') after.now += step.ms
      else if (step.what === 'pod') {
        setPod(`p${step.index}`, step.as)
        after.pods = [...pods.values()]
      } else if (step.what === 'set') {
        after.hash = step.hash
        after.set = step.set ?? after.set
        const anew = keeper.follow(factsOf(after.set, after.hash, after.failures))
        if (anew) keeper.touchJudged()
        const involved = planDaemonSet(before)
          .nodes.values()
          .filter(({ alone, pods: those }) => !alone && those.length > 0)
        assert.ok(anew || keeper.pending <= [...involved].length)
      } else {
        setNode(`n${step.index}`, step.as)
        after.nodes = [...nodes.values()]
      }
      assert.equal(keeper.judge(source, after.now), true)
      if (step.what === 'pod' || step.what === 'node') assert.ok(keeper.visited - visited <= 2)
      return after
    },
  }
}
