import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { inProcess } from '../../test/support/in-process.ts'
import { untilPod } from '../../test/support/until-pod.ts'
import { Events } from '../api/kinds/core/event.ts'
import type { Pod } from '../api/types/core/pod.ts'
import { type Clock, systemClock } from '../base/clock.ts'
import { silentLog } from '../base/log.ts'
import { Leases, Nodes, Pods } from './kinds.ts'
import { runSimulatedNodes, type SimulatedNodesOptions } from './simulated-nodes.ts'

const FAST = { clock: systemClock, log: silentLog }

/** Waits pass fifty times as fast. */
const QUICK: Clock = { now: systemClock.now, after: (ms, callback) => systemClock.after(ms / 50, callback) }

async function withNodes(options: Partial<SimulatedNodesOptions>, body: (world: World) => Promise<void>): Promise<void> {
  const server = await inProcess()
  const stop = new AbortController()
  const ready = Promise.withResolvers<void>()
  const running = runSimulatedNodes({ ...FAST, api: server.api, signal: stop.signal, names: ['n1'], onReady: ready.resolve, ...options })
  try {
    await ready.promise
    await body({
      server,
      pod: (name, spec) =>
        server.api.create(
          { kind: Pods, namespace: 'default' },
          { metadata: { name, namespace: 'default' }, spec: { nodeName: 'n1', containers: [{ name: 'c', image: 'a:1' }], ...spec } },
        ),
      until: (name, check) => untilPod(server.api, name, check),
    })
  } finally {
    stop.abort()
    await running
    await server.close()
  }
}

interface World {
  readonly server: Awaited<ReturnType<typeof inProcess>>
  pod(name: string, spec?: Partial<Pod['spec']>): Promise<Pod>
  until(name: string, check: (pod: Pod | undefined) => boolean): Promise<Pod>
}

const isReady = (pod: Pod | undefined) => pod?.status.conditions?.some(c => c.type === 'Ready' && c.status === 'True') ?? false

describe('simulated nodes', () => {
  it('register with what a scheduler needs to know, and say what they are', () =>
    withNodes({ names: ['n1', 'n2'], facts: (_, i) => ({ cpus: 4 + i, memoryBytes: 2 ** 30 }) }, async ({ server }) => {
      const node = await server.api.get({ kind: Nodes, name: 'n2' })
      assert.equal(node.metadata.labels?.['kubernetes.io/hostname'], 'n2')
      assert.equal(node.metadata.labels?.['everynode.dev/memory-mib'], '1024')
      assert.equal(node.metadata.labels?.['everynode.dev/cpus'], '5')
      assert.equal(node.status.allocatable?.['cpu'], '5')
      assert.equal(node.status.nodeInfo?.containerRuntimeVersion, 'simulated://')
      assert.deepEqual(
        node.status.conditions?.map(c => `${c.type}=${c.status}`),
        ['MemoryPressure=False', 'DiskPressure=False', 'PIDPressure=False', 'Ready=True'],
      )
      const lease = await server.api.get({ kind: Leases, namespace: 'kube-node-lease', name: 'n2' })
      assert.equal(lease.spec.holderIdentity, 'n2')
    }))

  it('run the pods assigned to them', () =>
    withNodes({}, async ({ pod, until }) => {
      await pod('p')
      const { status } = await until('p', isReady)
      assert.equal(status.phase, 'Running')
      assert.equal(status.hostIP, '172.16.0.1')
      assert.match(status.podIP ?? '', /^10\./)
      assert.match(status.containerStatuses?.[0]?.containerID ?? '', /^simulated:\/\/[0-9a-f]{64}$/)
    }))

  it('refuse a pod that finds no room, for good, and take the next that fits', () =>
    withNodes({ facts: () => ({ cpus: 2 }) }, async ({ pod, until, server }) => {
      const asking = (cpu: string) => ({ containers: [{ name: 'c', image: 'a:1', resources: { requests: { cpu } } }] })
      await pod('first', asking('1'))
      await until('first', isReady)
      await pod('large', asking('1500m'))
      const { status } = await until('large', p => p?.status.phase === 'Failed')
      assert.deepEqual(
        [status.reason, status.message, status.containerStatuses],
        ['OutOfcpu', "Pod was rejected: Node didn't have enough resource: cpu, requested: 1500, used: 1000, capacity: 2000", undefined],
      )
      await server.api.delete({ kind: Pods, namespace: 'default', name: 'first' }, { gracePeriodSeconds: 0 })
      await pod('second', asking('2'))
      await until('second', isReady)
      const after = await server.api.get({ kind: Pods, namespace: 'default', name: 'large' })
      assert.deepEqual(after.status, status)
    }))

  it('judge by the node as it is now, whatever they last heard of it', () =>
    withNodes({}, async ({ pod, until, server }) => {
      const node = await server.api.get({ kind: Nodes, name: 'n1' })
      await server.api.update({ kind: Nodes, name: 'n1' }, { ...node, metadata: { ...node.metadata, labels: { ...node.metadata.labels, disk: 'ssd' } } })
      await pod('picky', { nodeSelector: { disk: 'ssd' } })
      await until('picky', isReady)
      await pod('pickier', { nodeSelector: { disk: 'nvme' } })
      assert.equal((await until('pickier', p => p?.status.phase === 'Failed')).status.reason, 'NodeAffinity')
    }))

  it('set a status right that somebody else has changed', () =>
    withNodes({}, async ({ pod, until, server }) => {
      await pod('p')
      const { status } = await until('p', isReady)
      const conditions = [{ type: 'Ready', status: 'False', reason: 'NodeNotReady' }]
      const at = { kind: Pods, namespace: 'default', name: 'p', subresource: 'status' }
      const changed = await server.api.patch(at, { type: 'strategic', body: { status: { phase: 'Unknown', conditions } } })
      assert.equal(isReady(changed), false)
      const after = await until('p', isReady)
      assert.equal(after.status.phase, status.phase)
    }))

  it('leave the pods of other nodes alone', () =>
    withNodes({}, async ({ pod, until }) => {
      await pod('theirs', { nodeName: 'elsewhere' })
      await pod('ours')
      const first = await until('ours', isReady)
      assert.equal(first.metadata.name, 'ours')
      const theirs = await until('theirs', p => p !== undefined)
      assert.equal(theirs.status.containerStatuses, undefined)
    }))

  it('take a deleted pod out of the API once it has stopped', () =>
    withNodes({ behaviour: () => ({ stopMs: 20 }) }, async ({ server, pod, until }) => {
      await pod('p')
      await until('p', isReady)
      await server.api.delete({ kind: Pods, namespace: 'default', name: 'p' })
      await until('p', p => p === undefined)
    }))

  it('say and hear no less than an agent on an engine when they are to be thorough', () =>
    withNodes({ thorough: true, clock: QUICK, behaviour: () => ({ startMs: 5000 }) }, async ({ server, pod, until }) => {
      const seen: string[] = []
      const stop = new AbortController()
      const watching = (async () => {
        for await (const events of server.api.watch({ kind: Pods, namespace: 'default' }, { initialEvents: true, signal: stop.signal })) {
          for (const event of events) {
            if (event.type === 'BOOKMARK') continue
            const [status] = event.object.status.containerStatuses ?? []
            const state = Object.keys(status?.state ?? {}).join()
            const word = `${event.type} ${event.object.metadata.deletionTimestamp ? 'ending ' : ''}${state}`.trim()
            if (seen.at(-1) !== word) seen.push(word)
            if (event.type === 'DELETED') return
          }
        }
      })()
      await pod('p', { volumes: [{ name: 'v', configMap: { name: 'settings' } }] })
      await until('p', isReady)
      await server.api.delete({ kind: Pods, namespace: 'default', name: 'p' })
      await watching
      stop.abort()
      assert.deepEqual(seen, [
        'ADDED',
        'MODIFIED waiting',
        'MODIFIED running',
        'MODIFIED ending running',
        'MODIFIED ending terminated',
        'DELETED ending terminated',
      ])
      const reasons = async () => (await server.api.list({ kind: Events, namespace: 'default' })).items.map(event => event.reason).sort()
      while ((await reasons()).length < 4) await new Promise(resolve => setTimeout(resolve, 5))
      assert.deepEqual(await reasons(), ['Created', 'Killing', 'Pulled', 'Started'])
    }))

  it('tell of steps that take no time together', () =>
    withNodes({ thorough: true, clock: QUICK }, async ({ pod, until }) => {
      await pod('p')
      const first = await until('p', p => p?.status.containerStatuses !== undefined)
      assert.equal(isReady(first), true)
    }))

  it('cut short a stop when the pod is deleted again with less grace', () =>
    withNodes({ clock: QUICK, behaviour: () => ({ stopMs: 7200_000 }) }, async ({ server, pod, until }) => {
      await pod('p', { terminationGracePeriodSeconds: 3600 })
      await until('p', isReady)
      await server.api.delete({ kind: Pods, namespace: 'default', name: 'p' })
      const gone = until('p', p => p === undefined)
      await server.api.delete({ kind: Pods, namespace: 'default', name: 'p' }, { gracePeriodSeconds: 1 })
      await gone
    }))

  it('restart what ends, counting', () =>
    withNodes({ behaviour: (_pod, _container, attempt) => (attempt === 0 ? { exits: { afterMs: 5, code: 3 } } : {}) }, async ({ pod, until }) => {
      await pod('p')
      const { status } = await until('p', p => isReady(p) && p?.status.containerStatuses?.[0]?.restartCount === 1)
      assert.equal(status.containerStatuses?.[0]?.lastState?.terminated?.exitCode, 3)
    }))

  it('set a condition right that somebody else has changed', () =>
    withNodes({}, async ({ server }) => {
      const conditions = [{ type: 'Ready', status: 'Unknown', reason: 'NodeStatusUnknown' }]
      await server.api.patch({ kind: Nodes, name: 'n1', subresource: 'status' }, { type: 'strategic', body: { status: { conditions } } })
      for await (const events of server.api.watch({ kind: Nodes }, { initialEvents: true, signal: AbortSignal.timeout(5000) })) {
        for (const event of events)
          if (event.type !== 'BOOKMARK' && event.object.status.conditions?.some(c => c.type === 'Ready' && c.status === 'True')) return
      }
      assert.fail('it stayed unknown')
    }))
})
