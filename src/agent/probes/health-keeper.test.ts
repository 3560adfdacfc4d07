import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import type { EventRecorder } from '../../api/access.ts'
import type { Container } from '../../api/types/core/container.ts'
import type { Pod } from '../../api/types/core/pod.ts'
import { FakeClock } from '../../base/clock.ts'
import type { ExecResult, ObservedPod } from '../runtime/runtime.ts'
import { SimulatedRuntime } from '../runtime/simulated/simulated.ts'
import { HealthKeeper } from './health-keeper.ts'

/** Answers `yes`, `no`, or cannot say. */
class Answering extends SimulatedRuntime {
  answer = 'yes'
  readonly asked: string[] = []
  override async exec(_id: string, [what = '']: readonly string[]): Promise<ExecResult> {
    this.asked.push(what)
    if (this.answer === 'cannot say') throw new Error('rpc error')
    return { exitCode: this.answer === 'yes' ? 0 : 1, output: this.answer }
  }
}

const container = (extra: Partial<Container>): Container => ({ name: 'c', ...extra })
const probe = (what: string) => ({ exec: { command: [what] }, periodSeconds: 1, failureThreshold: 2 })
const podOf = (c: Container, deleted = false) =>
  ({
    metadata: { uid: 'u', name: 'p', namespace: 'ns', ...(deleted && { deletionTimestamp: 'now' }) },
    spec: { containers: [c] },
    status: {},
  }) as unknown as Pod

function world(c: Container) {
  const clock = new FakeClock()
  const runtime = new Answering({ clock })
  const events: string[] = []
  const recorder = { event: (_about: unknown, type: string, reason: string, message: string) => events.push(`${type} ${reason}: ${message}`) } as EventRecorder
  const keeper = new HealthKeeper({ clock, signal: new AbortController().signal, runtime, recorder, hostIPs: () => [], changed: () => {} })
  const observed = {
    uid: 'u',
    sandboxes: [{ id: 's', ready: true, ips: ['10.0.0.1'] }],
    containers: [{ id: 'id', name: 'c', state: 'running', startedAt: clock.now() }],
  } as unknown as ObservedPod
  const pass = async (seconds = 0) => {
    for (let i = 0; i <= seconds; i++) {
      if (i > 0) clock.advance(1000)
      await turn()
      await turn()
    }
  }
  const look = (deleted = false) => keeper.look(podOf(c, deleted), observed)
  return { runtime, events, pass, look, health: () => keeper.of('u').get('id') }
}

describe('the health of a container', () => {
  it('kills after so many failures in a row, with the grace of the probe', async () => {
    const { runtime, events, pass, look, health } = world(container({ livenessProbe: { ...probe('alive'), terminationGracePeriodSeconds: 3 } }))
    look()
    await pass(1)
    runtime.answer = 'no'
    await pass(1)
    assert.deepEqual(health(), {})
    await pass(1)
    assert.deepEqual(health(), { kill: { message: 'Container c failed liveness probe, will be restarted', graceSeconds: 3 } })
    assert.deepEqual(events, ['Warning Unhealthy: Liveness probe failed: no', 'Warning Unhealthy: Liveness probe failed: no'])
  })

  it('is not judged by a probe that could not be made', async () => {
    const { runtime, events, pass, look, health } = world(container({ livenessProbe: probe('alive') }))
    runtime.answer = 'cannot say'
    look()
    await pass(5)
    assert.deepEqual(health(), {})
    assert.equal(events[0], 'Warning Unhealthy: Liveness probe errored and resulted in unknown state: rpc error')
  })

  it('asks whether it is ready until it has ended, and whether it lives only until it is to end', async () => {
    const { runtime, pass, look, health } = world(container({ livenessProbe: probe('alive'), readinessProbe: probe('ready') }))
    look()
    await pass(1)
    assert.deepEqual(health(), { ready: true })
    look(true)
    runtime.answer = 'no'
    runtime.asked.length = 0
    await pass(3)
    assert.deepEqual([health(), [...new Set(runtime.asked)]], [{ ready: false }, ['ready']])
  })

  it('holds the other probes back until it has started', async () => {
    const { runtime, pass, look, health } = world(
      container({ startupProbe: { ...probe('started'), failureThreshold: 9 }, livenessProbe: probe('alive'), readinessProbe: probe('ready') }),
    )
    runtime.answer = 'no'
    look()
    await pass(3)
    assert.deepEqual([health(), [...new Set(runtime.asked)]], [{}, ['started']])
    runtime.answer = 'yes'
    await pass(2)
    assert.deepEqual(health(), { started: true, ready: true })
  })

  it('that has a hook which fails is killed, and nothing that the hook said is told', async () => {
    const { runtime, events, pass, look, health } = world(container({ lifecycle: { postStart: { exec: { command: ['begin'] } } } }))
    runtime.answer = 'a secret'
    look()
    await pass()
    assert.deepEqual([health(), events], [{ kill: { message: 'FailedPostStartHook' } }, ['Warning FailedPostStartHook: PostStartHook failed']])
  })
})
