/** DAEMONSET.md 7.1, 7.7 and 7.9: what the controller writes, and what it does when a write fails. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ControllerRevisions } from '../../src/api/kinds/apps/controller-revision.ts'
import { DaemonSets } from '../../src/api/kinds/apps/daemon-set.ts'
import { Nodes } from '../../src/api/kinds/core/node.ts'
import { Pods } from '../../src/api/kinds/core/pod.ts'
import { StatusError } from '../../src/api/meta/status.ts'
import type { ControllerRevision } from '../../src/api/types/apps/controller-revision.ts'
import { slowStart } from '../../src/controllers/daemonset/parallel.ts'
import { nodeChangeMatters } from '../../src/judge/daemonset/node-change.ts'
import { type ControllerRig, withRig } from '../support/controller-rig.ts'
import { daemonSet, node, nodesNamed, pod } from '../support/daemon-world.ts'

const failing = (rig: ControllerRig, verb: string, what: string, times = 1, error = new StatusError('InternalError', `${verb} ${what}`)) => {
  rig.fault = (call, nth) => {
    if (call.verb === verb && call.what === what && nth <= times) throw error
  }
}
const template = (image: string) => daemonSet({ image }).spec.template

for (const [row, says, updates, getFails, error, puts, gets] of [
  ['#92', 'written at once', 0, false, undefined, 1, 0],
  ['#93', 'written again onto the set read live', 1, false, undefined, 2, 1],
  ['#94', 'given up after the second failure', 2, false, /update daemonsets/, 2, 1],
  ['#95', 'given up when the set cannot be read', 1, true, /get daemonsets/, 1, 1],
] as const) {
  test(
    `catalogue ${row}: a status is ${says}`,
    withRig(async rig => {
      await rig.add(Nodes, node('n1'))
      await rig.add(DaemonSets, daemonSet())
      rig.fault = ({ verb, what }, nth) => {
        if (verb === 'update' && what === 'daemonsets/status' && nth <= updates) throw new StatusError('Conflict', 'update daemonsets')
        if (verb === 'get' && what === 'daemonsets' && getFails) throw new StatusError('InternalError', 'get daemonsets')
      }
      if (error) await assert.rejects(rig.pass(), error)
      else await rig.pass()
      assert.deepEqual([rig.asked('update', 'daemonsets/status'), rig.asked('get', 'daemonsets')], [puts, gets])
    }),
  )
}

for (const [row, says, before, after, matters] of [
  ['#96', 'nothing changed', 'n1 a=b x:NoSchedule', 'n1 a=b x:NoSchedule', false],
  ['#97', 'a label came', 'n1 a=b x:NoSchedule', 'n1 a=b c=d x:NoSchedule', true],
  ['#98', 'a taint went', 'n1 a=b x:NoSchedule', 'n1 a=b', true],
] as const) {
  test(`catalogue ${row}: a node's update ${matters ? 'matters' : 'does not matter'}: ${says}`, () =>
    assert.equal(nodeChangeMatters(node(before), node(after)), matters))
}

test(
  'the status of others survives: conditions that somebody else wrote are kept',
  withRig(async rig => {
    await rig.add(Nodes, node('n1'))
    const set = await rig.add(DaemonSets, daemonSet())
    const conditions = [{ type: 'Odd', status: 'True' }]
    await rig.change(DaemonSets, set, s => ({ ...s, status: { ...s.status, conditions } }), 'status')
    await rig.pass()
    const { status } = await rig.set()
    assert.deepEqual([status.conditions, status.desiredNumberScheduled], [conditions, 1])
  }),
)

/** A set on one node that has rolled from image 1 to 2 and back. */
async function undone(rig: ControllerRig): Promise<readonly string[]> {
  await rig.add(Nodes, node('n1'))
  const set = await rig.add(DaemonSets, daemonSet({ onDelete: true, image: 'i:1' }))
  await rig.pass()
  for (const image of ['i:2', 'i:1']) {
    await rig.change(DaemonSets, set, s => ({ ...s, spec: { ...set.spec, template: template(image) } }))
    await rig.pass()
  }
  return revisions(rig)
}
const listed = async (rig: ControllerRig) =>
  [...(await rig.server.api.list({ kind: ControllerRevisions, namespace: 'default' })).items].sort((a, b) => a.revision - b.revision)
const imageOf = ({ data }: ControllerRevision) => /"image":"(.*?)"/.exec(JSON.stringify(data))?.[1]
const revisions = async (rig: ControllerRig) => (await listed(rig)).map(r => `${r.revision} ${imageOf(r)}`)

test(
  'going back to an earlier template makes no revision, it renumbers the old one',
  withRig(async rig => assert.deepEqual(await undone(rig), ['2 i:2', '3 i:1'])),
)

test(
  'catalogue #308: a renumbering that fails is the error of the pass',
  withRig(async rig => {
    failing(rig, 'update', 'controllerrevisions')
    await assert.rejects(undone(rig), /update controllerrevisions/)
    assert.deepEqual(await revisions(rig), ['1 i:1', '2 i:2'])
  }),
)

test(
  'catalogue #309: one that meets conflicts is tried again until it succeeds',
  withRig(async rig => {
    failing(rig, 'update', 'controllerrevisions', 2, new StatusError('Conflict', 'update controllerrevisions'))
    await assert.rejects(undone(rig))
    await assert.rejects(rig.pass())
    await rig.pass()
    assert.deepEqual(await revisions(rig), ['2 i:2', '3 i:1'])
  }),
)

test(
  'catalogue #311 #312: revisions beyond the limit are deleted, and one gone already is no error',
  withRig(async rig => {
    await rig.add(Nodes, node('n1'))
    const set = await rig.add(DaemonSets, daemonSet({ onDelete: true, image: 'i:1', spec: { revisionHistoryLimit: 1 } }))
    await rig.pass()
    const [first] = await listed(rig)
    rig.fault = ({ verb, what }) => {
      if (verb === 'delete' && what === 'controllerrevisions') throw new StatusError('NotFound', 'gone')
    }
    for (const image of ['i:2', 'i:3', 'i:4']) {
      await rig.change(DaemonSets, set, s => ({ ...s, spec: { ...set.spec, template: template(image) } }))
      await rig.pass()
    }
    // The pod of i:1 still runs, so the first revision is needed, whatever the limit says.
    assert.deepEqual(await revisions(rig), ['1 i:1', '2 i:2', '3 i:3', '4 i:4'])
    rig.fault = () => {}
    await rig.pass()
    assert.deepEqual(await revisions(rig), ['1 i:1', '4 i:4'])
    assert.equal((await listed(rig))[0]?.metadata.uid, first?.metadata.uid)
  }),
)

test(
  'catalogue #310 #315 #319: what is gone is neither adopted, released nor deleted, and that is no error',
  withRig(async rig => {
    const set = await rig.add(DaemonSets, daemonSet())
    const orphan = await rig.add(Pods, pod('a@n1 - available orphan', set))
    const stray = await rig.add(Pods, pod('b@n1 - available other:one', set))
    rig.hold(Pods)
    for (const { metadata } of [orphan, stray]) {
      await rig.server.api.delete({ kind: Pods, namespace: 'default', name: metadata.name }, { gracePeriodSeconds: 0 })
    }
    await rig.pass()
    assert.equal(rig.asked('patch', 'pods'), 2)
  }),
)

test(
  'catalogue #318: releasing what another manages by now is no error',
  withRig(async rig => {
    const set = await rig.add(DaemonSets, daemonSet())
    const stray = await rig.add(Pods, pod('b@n1 - available other:one', set))
    rig.hold(Pods)
    const owner = [{ apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'bar', uid: 'another', controller: true }]
    await rig.server.api.update({ kind: Pods, namespace: 'default', name: 'b' }, { ...stray, metadata: { ...stray.metadata, ownerReferences: owner } })
    const pass = rig.pass()
    for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate)
    rig.release()
    await pass
    const { metadata } = await rig.server.api.get({ kind: Pods, namespace: 'default', name: 'b' })
    assert.deepEqual(metadata.ownerReferences, owner)
  }),
)

test(
  'catalogue #313 #316: an orphaned revision is adopted and used, one with other labels is let go',
  withRig(async rig => {
    await rig.add(Nodes, node('n1'))
    const set = await rig.add(DaemonSets, daemonSet())
    await rig.pass()
    const [own] = await listed(rig)
    await rig.change(ControllerRevisions, own!, r => ({ ...r, metadata: { ...r.metadata, ownerReferences: [] } }))
    assert.deepEqual([...rig.queued], ['default/foo'])
    await rig.pass()
    const [adopted] = await listed(rig)
    assert.equal(adopted?.metadata.ownerReferences?.[0]?.uid, set.metadata.uid)
    await rig.change(ControllerRevisions, own!, r => ({ ...r, metadata: { ...r.metadata, labels: { other: 'one' } } }))
    await rig.pass()
    assert.deepEqual((await listed(rig))[0]?.metadata.ownerReferences ?? [], [])
  }),
)

test(
  'two sets with one selector keep apart what is theirs',
  withRig(async rig => {
    await rig.add(Nodes, node('n1'))
    await rig.add(DaemonSets, daemonSet())
    await rig.add(DaemonSets, daemonSet({ name: 'bar' }))
    await rig.does('1/0/0', 'default/foo')
    await rig.does('1/0/0', 'default/bar')
    await rig.does('0/0/0', 'default/foo')
    assert.deepEqual(await rig.pods(), ['n1', 'n1'])
  }),
)

for (const [row, says, limit, calls, errors] of [
  ['#376', 'all fail', 0, 1, 1],
  ['#377', 'all succeed', 10, 10, 0],
  ['#378', 'some succeed', 5, 7, 2],
] as const) {
  test(`catalogue ${row}: slow start: ${says}`, async () => {
    let called = 0
    const failures = await slowStart(nodesNamed(10), async () => {
      if (++called > limit) throw new Error('no')
    })
    assert.deepEqual([called, failures.length], [calls, errors])
  })
}
