import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inProcess } from '../../test/support/in-process.ts'
import { untilPod } from '../../test/support/until-pod.ts'
import type { Reports } from '../api/reports.ts'
import { systemClock } from '../base/clock.ts'
import { silentLog } from '../base/log.ts'
import { Informer } from '../client/informer.ts'
import { Pods } from './kinds.ts'
import { type HealthWatch, PodLoop } from './pod-loop.ts'
import { SimulatedRuntime } from './runtime/simulated/simulated.ts'

const HEALTHY: HealthWatch = {
  of: () => ({ get: () => ({ postStarted: true, started: true, ready: true }) }),
  look() {},
  forget() {},
  beforeStop: async (_, step) => step.graceSeconds,
}
const AT = { kind: Pods, namespace: 'default', name: 'p' }

/** A loop over the pods of a server in memory; counts how often a pod was judged, and its deletion asked for. */
async function withLoop(body: (world: World) => Promise<void>): Promise<void> {
  const server = await inProcess()
  const stop = new AbortController()
  const { signal } = stop
  const clock = systemClock
  const pods = new Informer({ api: server.api, target: { kind: Pods }, clock, log: silentLog })
  const runtime = new SimulatedRuntime({ clock })
  let looks = 0
  const judge = () => {
    looks++
    return undefined
  }
  let deletes = 0
  const reports: Reports = {
    ...server.api,
    delete(...asked) {
      deletes++
      return server.api.delete(...asked)
    },
  }
  const loop = new PodLoop({ reports, clock, log: silentLog, signal, pods, runtime, hostIPs: () => ['10.0.0.1'], health: () => HEALTHY, judge })
  const running = Promise.all([pods.run(signal), loop.run()])
  try {
    const spec = { nodeName: 'n1', containers: [{ name: 'c', image: 'a:1' }] }
    await server.api.create({ kind: Pods, namespace: 'default' }, { metadata: { name: 'p', namespace: 'default' }, spec })
    await body({ server, runtime, looks: () => looks, deletes: () => deletes, caughtUp: revision => pods.caughtUp(Number(revision), signal) })
  } finally {
    stop.abort()
    await running
    await server.close()
  }
}
interface World {
  readonly server: Awaited<ReturnType<typeof inProcess>>
  readonly runtime: SimulatedRuntime
  looks(): number
  deletes(): number
  caughtUp(revision: string): Promise<void>
}

const untilRunning = ({ server }: World) => untilPod(server.api, AT.name, pod => pod?.status.phase === 'Running')

test('a pod that runs is not looked at again because its own status came back', () =>
  withLoop(async world => {
    const { metadata } = await untilRunning(world)
    await world.caughtUp(metadata.resourceVersion)
    await new Promise(setImmediate)
    // One look: before its sandbox, before its container, and when there was nothing left to do.
    assert.equal(world.looks(), 3)
    const { metadata: later } = await world.server.api.patch(AT, { type: 'merge', body: { metadata: { labels: { a: 'b' } } } })
    await world.caughtUp(later.resourceVersion)
    await new Promise(setImmediate)
    assert.equal(world.looks(), 4)
  }))

test('what a pod has on its node goes when its object does', () =>
  withLoop(async world => {
    const { server, runtime } = world
    const { metadata } = await untilRunning(world)
    await world.caughtUp(metadata.resourceVersion)
    await server.api.delete(AT, { gracePeriodSeconds: 0 })
    while ((await runtime.list()).length > 0) await new Promise(setImmediate)
  }))

test('the deletion of a pod that has ended is asked for once, although its object stays for a finalizer and is changed', () =>
  withLoop(async world => {
    const { server } = world
    await untilRunning(world)
    await server.api.patch(AT, { type: 'merge', body: { metadata: { finalizers: ['everynode.test/hold'] } } })
    await server.api.delete(AT, { gracePeriodSeconds: 1 })
    await untilPod(server.api, AT.name, pod => pod?.metadata.deletionGracePeriodSeconds === 0)
    const { metadata } = await server.api.patch(AT, { type: 'merge', body: { metadata: { labels: { a: 'b' } } } })
    const looks = world.looks()
    await world.caughtUp(metadata.resourceVersion)
    while (world.looks() === looks) await new Promise(setImmediate)
    await new Promise(setImmediate)
    assert.equal(world.deletes(), 1)
    await server.api.patch(AT, { type: 'merge', body: { metadata: { finalizers: null } } })
    await assert.rejects(server.api.get(AT), { reason: 'NotFound' })
  }))
