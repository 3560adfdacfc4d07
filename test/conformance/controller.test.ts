/** DAEMONSET.md 7.1: what the controller asks of the server, over the server's own pipeline in memory. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DaemonSets } from '../../src/api/kinds/apps/daemon-set.ts'
import { Nodes } from '../../src/api/kinds/core/node.ts'
import { Pods } from '../../src/api/kinds/core/pod.ts'
import { StatusError } from '../../src/api/meta/status.ts'
import type { DaemonSet } from '../../src/api/types/apps/daemon-set.ts'
import { hashOf } from '../../src/judge/daemonset/revision.ts'
import { type ControllerRig, withRig } from '../support/controller-rig.ts'
import { daemonSet, L1, L2, node, nodesNamed, pod, type SetText } from '../support/daemon-world.ts'

const STRATEGIES: readonly SetText[] = [{ onDelete: true }, { maxUnavailable: 1 }]
const named = (text: SetText) => (text.onDelete ? 'OnDelete' : 'RollingUpdate')

/** A test for each update strategy. */
function both(name: string, body: (rig: ControllerRig, set: SetText) => Promise<void>): void {
  for (const strategy of STRATEGIES)
    test(
      `${name} (${named(strategy)})`,
      withRig(rig => body(rig, strategy)),
    )
}
const addNodes = async (rig: ControllerRig, nodes: readonly ReturnType<typeof node>[]) => {
  for (const n of nodes) await rig.add(Nodes, n)
}
const boom = (what: string) => new StatusError('InternalError', what)

test(
  'catalogue #2: while its creation is not observed no second pod is created',
  withRig(async rig => {
    await addNodes(rig, [node('master-0')])
    await rig.add(DaemonSets, daemonSet())
    assert.deepEqual([...rig.queued], ['default/foo'])
    rig.hold(Pods)
    for (let i = 0; i < 3; i++) {
      const refused = assert.rejects(rig.pass(), /has not reached revision/)
      for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate)
      rig.clock.advance(30_000)
      await refused
    }
    assert.equal(rig.asked('create', 'pods'), 1)
    rig.release()
    await rig.does('0/0/0')
  }),
)

test(
  'catalogue #3: its own status update makes no further one',
  withRig(async rig => {
    await addNodes(rig, [node('master-0')])
    await rig.add(DaemonSets, daemonSet())
    await rig.does('1/0/0')
    assert.equal(rig.asked('update', 'daemonsets/status'), 1)
    await rig.seen(DaemonSets, await rig.set())
    assert.deepEqual([...rig.queued], ['default/foo'])
    await rig.does('0/0/0')
    assert.equal(rig.asked('update', 'daemonsets/status'), 1)
    assert.deepEqual([...rig.queued], [])
  }),
)

test(
  'catalogue #4 #5: a set deleted and made again under the same name starts afresh',
  withRig(async rig => {
    await addNodes(rig, [node('master-0')])
    const first = await rig.add(DaemonSets, daemonSet())
    await rig.does('1/0/0')
    rig.queued.clear()
    await rig.remove(DaemonSets, first)
    assert.deepEqual([...rig.queued], ['default/foo'])
    await rig.does('0/0/0')
    const again = await rig.add(DaemonSets, daemonSet())
    assert.notEqual(again.metadata.uid, first.metadata.uid)
    await rig.does('1/0/0')
  }),
)

both('catalogue #1: a deleted set is looked at once more', async (rig, text) => {
  const set = await rig.add(DaemonSets, daemonSet(text))
  rig.queued.clear()
  await rig.remove(DaemonSets, set)
  assert.deepEqual([...rig.queued], ['default/foo'])
})

both('catalogue #8 #9: creations that fail stop the slow start and are told in the status; the next pass goes on', async (rig, text) => {
  await addNodes(rig, nodesNamed(100))
  await rig.add(DaemonSets, daemonSet(text))
  rig.fault = ({ verb, what }, nth) => {
    if (verb === 'create' && what === 'pods' && nth > 10) throw boom('quota')
  }
  await assert.rejects(rig.pass(), /quota/)
  assert.equal((await rig.pods()).length, 10)
  assert.ok(rig.asked('create', 'pods') <= 15)
  const { desiredNumberScheduled, currentNumberScheduled, updatedNumberScheduled } = (await rig.set()).status
  assert.deepEqual([desiredNumberScheduled, currentNumberScheduled, updatedNumberScheduled], [100, 10, 10])
  assert.equal(rig.events.filter(event => event === 'Warning FailedCreate Error creating: quota').length, rig.asked('create', 'pods') - 10)
  rig.fault = () => {}
  await rig.does('90/0/0')
})

both('catalogue #8: a pass that went well lets the next one begin with more, one that failed with one again', async (rig, text) => {
  const set = await rig.add(DaemonSets, daemonSet(text))
  await addNodes(rig, nodesNamed(8))
  await rig.does('8/0/0')
  await addNodes(rig, nodesNamed(40, '', 8))
  rig.fault = ({ verb, what }) => {
    if (verb === 'create' && what === 'pods') throw boom('no')
  }
  const asked = async () => {
    const before = rig.asked('create', 'pods')
    await assert.rejects(rig.pass(`default/${set.metadata.name}`))
    return rig.asked('create', 'pods') - before
  }
  assert.deepEqual([await asked(), await asked()], [8, 1])
})

both('catalogue #391: what could be created is counted though the rest fails', async (rig, text) => {
  await addNodes(rig, nodesNamed(5))
  await rig.add(DaemonSets, daemonSet(text))
  rig.fault = ({ verb, what }) => {
    if (verb === 'create' && what === 'pods' && [...rig.cluster.pods.list()].length >= 2) throw boom('limited to 2 pods')
  }
  await assert.rejects(rig.pass(), /limited/)
  const { items } = await rig.server.api.list({ kind: Pods, namespace: 'default' })
  for (const { metadata } of items.slice(0, 2)) {
    const target = { kind: Pods, namespace: 'default', name: metadata.name, subresource: 'status' }
    const status = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] }
    await rig.seen(Pods, await rig.server.api.patch(target, { type: 'merge', body: { status } }))
  }
  rig.fault = ({ verb, what }) => {
    if (verb === 'create' && what === 'pods') throw boom('limited to 2 pods')
  }
  await assert.rejects(rig.pass(), /limited/)
  assert.equal((await rig.set()).status.numberReady, 2)
})

both('catalogue #10: the pass that creates pods already counts them', async (rig, text) => {
  await addNodes(rig, nodesNamed(5))
  await rig.add(DaemonSets, daemonSet(text))
  await rig.does('5/0/0')
  assert.equal((await rig.set()).status.currentNumberScheduled, 5)
})

for (const [row, says, faults, error] of [
  ['#11', 'creating', ['create pods'], /create pods/],
  ['#12', 'the status', ['update daemonsets/status'], /update daemonsets\/status/],
  ['#13', 'both', ['create pods', 'update daemonsets/status'], /create pods/],
] as const) {
  both(`catalogue ${row}: what fails is the error of the pass: ${says}`, async (rig, text) => {
    await addNodes(rig, nodesNamed(1))
    await rig.add(DaemonSets, daemonSet(text))
    rig.fault = ({ verb, what }) => {
      if ((faults as readonly string[]).includes(`${verb} ${what}`)) throw boom(`${verb} ${what}`)
    }
    await assert.rejects(rig.pass(), error)
    assert.equal(rig.asked('create', 'pods'), 1)
  })
}

both('catalogue #20: a set that is being deleted is left alone', async (rig, text) => {
  await addNodes(rig, nodesNamed(1))
  const set = await rig.add(DaemonSets, { ...daemonSet(text), metadata: { ...daemonSet(text).metadata, finalizers: ['example.com/hold'] } })
  await rig.add(Pods, pod('a@node-0 - available orphan other:one', set))
  await rig.server.api.delete({ kind: DaemonSets, namespace: 'default', name: 'foo' })
  await rig.seen(DaemonSets, await rig.set())
  await rig.does('0/0/0')
  assert.equal(rig.calls.length, 0)
})

both('catalogue #21: when the set read live is being deleted nothing is adopted or created', async (rig, text) => {
  await addNodes(rig, nodesNamed(5))
  const set = await rig.add(DaemonSets, { ...daemonSet(text), metadata: { ...daemonSet(text).metadata, finalizers: ['example.com/hold'] } })
  await rig.add(Pods, pod('a@node-0 - available orphan', set))
  rig.hold(DaemonSets)
  await rig.server.api.delete({ kind: DaemonSets, namespace: 'default', name: 'foo' })
  await assert.rejects(rig.pass(), /cannot adopt: default\/foo has just been deleted at/)
  assert.deepEqual(
    rig.calls.map(({ verb, what }) => `${verb} ${what}`),
    ['get daemonsets'],
  )
})

both('catalogue #24: a set that selects everything is only told so', async (rig, text) => {
  await addNodes(rig, nodesNamed(1))
  const set = daemonSet(text)
  await rig.add(Pods, pod('a@node-0 - available orphan', set))
  const state = rig.cluster.sets
  const everything: DaemonSet = { ...set, spec: { ...set.spec, selector: {} } }
  const get = state.get.bind(state)
  state.get = key => (key === 'default/foo' ? everything : get(key))
  await rig.does('0/0/1')
  assert.deepEqual(rig.events, ['Warning SelectingAll This daemon set is selecting all pods. A non-empty selector is required.'])
})

both('catalogue #25: pods with other labels are let go, and their node gets a new one in the same pass', async (rig, text) => {
  await addNodes(rig, nodesNamed(5))
  const set = await rig.add(DaemonSets, daemonSet(text))
  const on = ['node-1', 'node-2', 'node-2', 'node-3', 'node-3', 'node-3', 'node-3', 'node-3']
  for (const [i, name] of on.entries()) await rig.add(Pods, pod(`p${i}@${name} - available`, set))
  for (const name of ['q0', 'q1']) {
    const stray = await rig.add(Pods, pod(`${name}@node-4 - available name:simple-daemon type:test`, set))
    assert.deepEqual(stray.metadata.labels, L2)
  }
  await rig.does('2/5/0')
  const { items } = await rig.server.api.list({ kind: Pods, namespace: 'default', name: undefined })
  const strays = items.filter(({ metadata }) => metadata.name.startsWith('q'))
  assert.deepEqual(
    strays.map(({ metadata }) => metadata.ownerReferences ?? []),
    [[], []],
  )
})

both('catalogue #40: a failed pod is deleted with an event', async (rig, text) => {
  await addNodes(rig, nodesNamed(1))
  const set = await rig.add(DaemonSets, daemonSet(text))
  await rig.add(Pods, pod('a@node-0 - failed', set))
  await rig.does('0/1/1')
  assert.deepEqual(rig.events, [
    'Warning FailedDaemonPod Found failed daemon pod default/a on node node-0, will try to kill it',
    'Normal SuccessfulDelete Deleted pod: a',
  ])
  const until = new Date(rig.clock.now() + 1000).toISOString()
  assert.deepEqual(rig.details, [
    {
      part: 'node-0',
      annotations: { 'everynode.dev/backs-off-until': until, 'everynode.dev/observed-generation': String(set.status.observedGeneration ?? 0) },
    },
  ])
})

test(
  'a pod deleted at once is not counted again before the local copy has lost it',
  withRig(async rig => {
    await addNodes(rig, nodesNamed(3))
    const set = await rig.add(DaemonSets, daemonSet({ maxUnavailable: 1 }))
    for (const i of [0, 1, 2]) {
      const old = pod(`p${i}@node-${i} old available`, set)
      await rig.add(Pods, { ...old, spec: { ...old.spec, terminationGracePeriodSeconds: 0 } })
    }
    await rig.does('0/1/0')
    rig.hold(Pods)
    const waiting = rig.pass()
    for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate)
    assert.equal(rig.asked('delete', 'pods'), 1)
    rig.release()
    await waiting
  }),
)

/** Sets foo1 and foo2 select L1, foo3 selects L2. */
async function threeSets(rig: ControllerRig, text: SetText): Promise<readonly DaemonSet[]> {
  const sets = []
  for (const [name, labels] of [
    ['foo1', L1],
    ['foo2', L1],
    ['foo3', L2],
  ] as const)
    sets.push(await rig.add(DaemonSets, daemonSet({ ...text, name, labels })))
  rig.queued.clear()
  return sets
}
const queue = (rig: ControllerRig) => {
  const keys = [...rig.queued].sort()
  rig.queued.clear()
  return keys
}

both('catalogue #77 #79 #84: a pod that comes, changes or goes concerns its owner alone', async (rig, text) => {
  const [foo1, foo2] = await threeSets(rig, text)
  const a = await rig.add(Pods, pod('a@n1 - pending', foo1))
  assert.deepEqual(queue(rig), ['default/foo1'])
  const b = await rig.add(Pods, pod('b@n1 - pending', foo2))
  assert.deepEqual(queue(rig), ['default/foo2'])
  await rig.change(Pods, a, p => ({ ...p, metadata: { ...p.metadata, annotations: { x: 'y' } } }))
  assert.deepEqual(queue(rig), ['default/foo1'])
  await rig.remove(Pods, a)
  assert.deepEqual(queue(rig), ['default/foo1'])
  await rig.remove(Pods, b)
  assert.deepEqual(queue(rig), ['default/foo2'])
})

both('catalogue #78 #80 #81 #85: an orphan concerns every set that would take it, when its labels are new', async (rig, text) => {
  await threeSets(rig, text)
  const a = await rig.add(Pods, pod('a@n1 - pending orphan'))
  assert.deepEqual(queue(rig), ['default/foo1', 'default/foo2'])
  await rig.change(Pods, a, p => ({ ...p, metadata: { ...p.metadata, annotations: { x: 'y' } } }))
  assert.deepEqual(queue(rig), [])
  const b = await rig.add(Pods, pod('b@n1 - pending orphan other:one'))
  assert.deepEqual(queue(rig), [])
  await rig.change(Pods, b, p => ({ ...p, metadata: { ...p.metadata, labels: L1 } }))
  assert.deepEqual(queue(rig), ['default/foo1', 'default/foo2'])
  await rig.remove(Pods, a)
  assert.deepEqual(queue(rig), [])
})

both('catalogue #82 #83: a pod that changes hands concerns both, one let go every set that would take it', async (rig, text) => {
  const [foo1, foo2] = await threeSets(rig, text)
  const a = await rig.add(Pods, pod('a@n1 - pending', foo2))
  queue(rig)
  const owner = pod('x@n1 - pending', foo1).metadata.ownerReferences
  await rig.change(Pods, a, p => ({ ...p, metadata: { ...p.metadata, ownerReferences: owner } }))
  assert.deepEqual(queue(rig), ['default/foo1', 'default/foo2'])
  await rig.change(Pods, a, p => ({ ...p, metadata: { ...p.metadata, ownerReferences: [] } }))
  assert.deepEqual(queue(rig), ['default/foo1', 'default/foo2'])
})

const NL = { color: 'blue', speed: 'fast' }
const BLUE = 'color=blue speed=fast'
const nodeChanges: readonly (readonly [row: string, says: string, set: SetText, before: string, after: string, created: number, queued: boolean])[] = [
  ['#65', 'nothing changed', { pod: { nodeSelector: NL } }, 'n1', 'n1', 0, false],
  ['#66', 'labels that the set asks for', { pod: { nodeSelector: NL } }, 'n1', `n1 ${BLUE}`, 0, true],
  ['#67', 'a taint is gone', {}, 'n1 dedicated=user1:NoSchedule', 'n1', 0, true],
  ['#68', 'capacity', {}, 'n1', 'n1', 1, false],
]
for (const [row, says, text, before, after, created, queued] of nodeChanges) {
  both(`catalogue ${row}: a node's change ${queued ? 'concerns' : 'does not concern'} the set: ${says}`, async (rig, strategy) => {
    const n = await rig.add(Nodes, node(before))
    await rig.add(DaemonSets, daemonSet({ ...strategy, ...text }))
    await rig.does(`${created}/0/0`)
    await rig.seen(DaemonSets, await rig.set())
    queue(rig)
    const { metadata, spec } = node(after)
    await rig.change(Nodes, n, o => ({ ...o, metadata: { ...o.metadata, labels: metadata.labels ?? {}, annotations: { touched: 'yes' } }, spec }))
    if (row === '#68') await rig.change(Nodes, n, o => ({ ...o, status: { ...o.status, allocatable: { pods: '200' } } }), 'status')
    assert.deepEqual(queue(rig), queued ? ['default/foo'] : [])
  })
}

both('catalogue #69: a node that wants its misplaced pod after all concerns the set', async (rig, text) => {
  const n = await rig.add(Nodes, node('n1 dedicated=user1:NoSchedule'))
  const set = await rig.add(DaemonSets, daemonSet(text))
  await rig.does('0/0/0')
  const [revision] = rig.cluster.revisions.list()
  await rig.add(Pods, pod(`a@n1 ${hashOf(revision!)} available`, set))
  await rig.does('0/0/0')
  await rig.seen(DaemonSets, await rig.set())
  assert.equal((await rig.set()).status.numberMisscheduled, 1)
  queue(rig)
  await rig.change(Nodes, n, o => ({ ...o, spec: {} }))
  assert.deepEqual(queue(rig), ['default/foo'])
  await rig.pass()
  assert.equal((await rig.set()).status.numberMisscheduled, 0)
})

for (const [row, says, text] of [
  ['#70', 'without an owner', 'b@n1 - available orphan other:one'],
  ['#71', 'of another controller', 'b@n1 - available owner=another other:one'],
  ['#72', 'without a node', 'b - pending orphan other:one'],
] as const) {
  both(`catalogue ${row}: the deletion of a foreign pod ${says} concerns no set`, async (rig, strategy) => {
    await rig.add(Nodes, node('n1'))
    await rig.add(DaemonSets, daemonSet(strategy))
    const foreign = await rig.add(Pods, pod(text))
    await rig.does('1/0/0')
    await rig.seen(DaemonSets, await rig.set())
    queue(rig)
    await rig.remove(Pods, foreign)
    assert.deepEqual(queue(rig), [])
  })
}

test(
  'catalogue #76: a new node concerns the sets that have not judged it yet',
  withRig(async rig => {
    await rig.add(DaemonSets, daemonSet({ pod: { nodeSelector: NL } }))
    await rig.does('0/0/0')
    await rig.seen(DaemonSets, await rig.set())
    queue(rig)
    for (const text of ['node1', `node2 ${BLUE}`]) {
      await rig.add(Nodes, node(text))
      assert.deepEqual(queue(rig), ['default/foo'])
    }
    await rig.does('1/0/0')
    assert.deepEqual(await rig.pods(), ['node2'])
  }),
)
