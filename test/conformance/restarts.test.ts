/** DAEMONSET.md 7.13: controllers and agents that start again in the middle, and many pods for one node. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PodLoop } from '../../src/agent/pod-loop.ts'
import type { Runtime, Step } from '../../src/agent/runtime/runtime.ts'
import { SimulatedRuntime } from '../../src/agent/runtime/simulated/simulated.ts'
import type { Api } from '../../src/api/access.ts'
import { Pods } from '../../src/api/kinds/core/pod.ts'
import type { Pod } from '../../src/api/types/core/pod.ts'
import { systemClock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import { Informers } from '../../src/client/informers.ts'
import { place } from '../../src/judge/scheduling/place.ts'
import { aCluster, aNode, aPod, onNodes } from '../../src/judge/scheduling/terse-world.ts'
import { look, problems } from '../sim/check.ts'
import { Random } from '../sim/random.ts'
import { SimCluster } from '../sim/sim-cluster.ts'
import { take } from '../sim/steps.ts'
import { eventually } from '../support/cluster.ts'
import { inProcess } from '../support/in-process.ts'

async function withCluster(body: (cluster: SimCluster) => Promise<void>): Promise<void> {
  const cluster = await SimCluster.start(new Random(1))
  try {
    for (const name of ['n0', 'n1', 'n2']) cluster.startAgent(name)
    await take(cluster, 'apply s0 u1 0')
    await cluster.time.pass(5_000)
    assert.deepEqual(problems(cluster), [])
    await body(cluster)
  } finally {
    await cluster.close()
  }
}
const daemons = (cluster: SimCluster): readonly Pod[] => look(cluster).pods
const identities = (cluster: SimCluster) =>
  daemons(cluster)
    .map(({ metadata }) => `${metadata.name} ${metadata.uid}`)
    .sort()

test('catalogue #414: controllers that start again create and delete nothing', () =>
  withCluster(async cluster => {
    const before = identities(cluster)
    assert.equal(before.length, 3)
    for (let i = 0; i < 3; i++) {
      await cluster.crashControllers()
      await cluster.time.pass(2_000)
    }
    assert.deepEqual(identities(cluster), before)
  }))

test('catalogue #415: a scheduler that starts again goes on binding pods', () =>
  withCluster(async cluster => {
    await cluster.crashControllers()
    await take(cluster, 'apply s1 u1 0')
    await cluster.crashControllers()
    await cluster.time.pass(5_000)
    assert.deepEqual(problems(cluster), [])
    assert.equal(daemons(cluster).filter(pod => pod.spec.nodeName && pod.metadata.labels?.['set'] === 's1').length, 3)
  }))

/** An agent's work over a runtime that outlives it, with probes that always pass; ends with the signal. */
async function runAgent(api: Api, runtime: Runtime, signal: AbortSignal): Promise<void> {
  const informers = new Informers({ api, clock: systemClock, log: silentLog })
  const passed = { postStarted: true, started: true, ready: true }
  const loop = new PodLoop({
    reports: api,
    clock: systemClock,
    log: silentLog,
    signal,
    pods: informers.of(Pods),
    mine: () => true,
    runtime,
    hostIPs: () => ['10.0.0.1'],
    health: () => ({ of: () => ({ get: () => passed }), look() {}, forget() {}, beforeStop: async (_, step) => step.graceSeconds }),
    workers: 4,
  })
  await Promise.all([loop.run(), informers.run(signal)])
}

test('catalogue #416: an agent that starts again restarts no container', { timeout: 30_000 }, async () => {
  const { api, close } = await inProcess()
  const runtime = new SimulatedRuntime({ clock: systemClock })
  const steps: string[] = []
  const watched: Runtime = Object.create(runtime, {
    list: { value: runtime.list.bind(runtime) },
    events: { value: runtime.events.bind(runtime) },
    apply: {
      value: (step: Step, signal: AbortSignal) => {
        steps.push(step.do)
        return runtime.apply(step, signal)
      },
    },
  })
  const target = { kind: Pods, namespace: 'default' }
  const containers = async () =>
    (await api.list(target)).items.flatMap(pod => (pod.status.containerStatuses ?? []).map(c => [c.containerID, c.restartCount, c.ready]))
  const agent = async (work: () => Promise<void>) => {
    const stop = new AbortController()
    const running = runAgent(api, watched, stop.signal)
    try {
      await work()
    } finally {
      stop.abort()
      await running
    }
  }
  try {
    const spec = { nodeName: 'n1', containers: [{ name: 'main', image: 'i' }] }
    for (const name of ['a', 'b']) await api.create(target, { metadata: { name, namespace: 'default' }, spec })
    await agent(async () => void (await eventually(containers, all => all.length === 2 && all.every(([, , ready]) => ready === true))))
    const before = await containers()
    const done = steps.length
    // A third pod shows that the second agent has looked at everything.
    await agent(async () => {
      await api.create(target, { metadata: { name: 'c', namespace: 'default' }, spec })
      await eventually(containers, all => all.length === 3 && all.every(([, , ready]) => ready === true))
    })
    assert.deepEqual((await containers()).slice(0, 2), before)
    assert.deepEqual(
      before.map(([, restarts]) => restarts),
      [0, 0],
    )
    assert.equal(steps.slice(done).filter(step => step === 'start-sandbox').length, 1)
  } finally {
    await close()
  }
})

for (const [row, nodes, pods] of [
  ['#418', 6, 10],
  ['#419', 6, 10],
  ['#420', 15_001, 500],
] as const) {
  test(`catalogue ${row}: of ${nodes} nodes ${pods} pods that name one look at that one alone`, () => {
    const names = ['scheduler-perf-node', ...Array.from({ length: nodes - 1 }, (_, i) => `node-${i}`)]
    const cluster = aCluster(names.map(name => aNode(name, { gives: { cpu: '4', memory: '32Gi', pods: '90000' } })))
    const there = onNodes(['metadata.name In scheduler-perf-node'])
    for (let i = 0; i < pods; i++) assert.deepEqual(place(aPod(`p${i}`, { spec: there }), cluster, i), { node: 'scheduler-perf-node' })
    const nowhere = place(aPod('none', { spec: { ...there, nodeSelector: { no: 'such' } } }), cluster)
    assert.deepEqual('refusals' in nowhere && [...nowhere.refusals.keys()], ['scheduler-perf-node'])
  })
}
