import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Pod } from '../api/types/core/pod.ts'
import type { StatusAbilities } from './container-details.ts'
import { NO_MEMORY, type PodMemory } from './pod-memory.ts'
import type { ObservedContainer } from './runtime/runtime.ts'
import { statusOf } from './status.ts'

const NOW = Date.UTC(2026, 0, 1, 12)
const LATER = '2026-01-01T12:00:00Z'
const EARLIER = '2026-01-01T11:00:00Z'

interface Terse {
  readonly spec?: object
  readonly before?: object
  /** `name=run`, `name=exit0`, … of attempt 0, or `name#2=run`. */
  readonly has?: string
  readonly ready?: boolean
  readonly memory?: Partial<PodMemory>
  readonly waiting?: Record<string, { readonly reason: string; readonly message?: string }>
  readonly ended?: boolean
  readonly user?: ObservedContainer['user']
  readonly abilities?: StatusAbilities
}

function decide({ spec, before, has, ready = true, memory, waiting = {}, ended = false, user, abilities }: Terse) {
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', namespace: 'ns', uid: 'u', generation: 4 },
    spec: { containers: [{ name: 'c', image: 'a:1' }], ...spec },
    status: before ?? {},
  } as unknown as Pod
  const containers = (has?.split(' ') ?? []).map((word): ObservedContainer => {
    const [, name = '', attempt = '0', state = '', code = '0'] = /^(\w+?)(?:#(\d+))?=(run|exit)(\d*)$/.exec(word) ?? assert.fail(word)
    const times = { createdAt: NOW - 9000, startedAt: NOW - 8000, finishedAt: state === 'exit' ? NOW - 1000 : 0 }
    const observed = { id: `${name}${attempt}`, sandbox: 's', name, attempt: Number(attempt), image: 'a:1', imageId: 'sha256:1' }
    return {
      ...observed,
      ...times,
      state: state === 'run' ? 'running' : 'exited',
      exitCode: Number(code),
      reason: '',
      message: '',
      backoffSeconds: 0,
      ...(user && { user }),
    }
  })
  const sandboxes = [{ id: 's', attempt: 0, ready, createdAt: 0, ips: ready ? ['10.0.0.7'] : [] }]
  const observed = has === undefined ? undefined : { uid: 'u', name: 'p', namespace: 'ns', sandboxes, containers }
  return statusOf({
    pod,
    observed,
    memory: { ...NO_MEMORY, ...memory },
    waiting: new Map(Object.entries(waiting)),
    ended,
    hostIPs: ['192.0.2.1'],
    runtime: 'containerd',
    now: NOW,
    abilities,
  })
}

const conditions = (status: ReturnType<typeof decide>) => Object.fromEntries((status.conditions ?? []).map(c => [c.type, c.reason ?? c.status]))

describe('the status of a pod', () => {
  it('of one that has just come says that it is being made', () => {
    const status = decide({})
    assert.equal(status.phase, 'Pending')
    assert.deepEqual(status.containerStatuses?.[0]?.state, { waiting: { reason: 'ContainerCreating' } })
    assert.deepEqual(conditions(status), {
      PodReadyToStartContainers: 'False',
      Initialized: 'True',
      Ready: 'ContainersNotReady',
      ContainersReady: 'ContainersNotReady',
      PodScheduled: 'True',
    })
    assert.equal(status.conditions?.find(c => c.type === 'Ready')?.message, 'containers with unready status: [c]')
  })

  it('of one that runs carries addresses, times and ids', () => {
    const status = decide({ has: 'c=run', before: { startTime: EARLIER } })
    assert.deepEqual(
      {
        phase: status.phase,
        podIPs: status.podIPs,
        hostIP: status.hostIP,
        startTime: status.startTime,
        qos: status.qosClass,
        generation: status.observedGeneration,
      },
      { phase: 'Running', podIPs: [{ ip: '10.0.0.7' }], hostIP: '192.0.2.1', startTime: EARLIER, qos: 'BestEffort', generation: 4 },
    )
    assert.deepEqual(status.containerStatuses, [
      {
        name: 'c',
        image: 'a:1',
        imageID: 'sha256:1',
        containerID: 'containerd://c0',
        restartCount: 0,
        lastState: {},
        ready: true,
        started: true,
        state: { running: { startedAt: '2026-01-01T11:59:52Z' } },
      },
    ])
    assert.equal(conditions(status)['Ready'], 'True')
  })

  it('tells the resources, mounts and user of a container that was made', () => {
    const resources = { requests: { cpu: '50m' }, limits: { memory: '1Gi' } }
    const volumeMounts = [
      { name: 'v', mountPath: '/v' },
      { name: 'w', mountPath: '/w', readOnly: true, recursiveReadOnly: 'IfPossible' },
    ]
    const spec = { containers: [{ name: 'c', image: 'a:1', resources, volumeMounts }] }
    const user = { linux: { uid: 1, gid: 2 } }
    const told = { resources, allocatedResources: resources.requests, user }
    const [weak, strong] = [false, true].map(recursiveReadOnly => decide({ has: 'c=run', spec: structuredClone(spec), user, abilities: { recursiveReadOnly } }))
    const [now] = weak?.containerStatuses ?? []
    assert.deepEqual(
      { resources: now?.resources, allocatedResources: now?.allocatedResources, user: now?.user, volumeMounts: now?.volumeMounts },
      {
        ...told,
        volumeMounts: [
          { name: 'v', mountPath: '/v' },
          { name: 'w', mountPath: '/w', readOnly: true, recursiveReadOnly: 'Disabled' },
        ],
      },
    )
    assert.equal(strong?.containerStatuses?.[0]?.volumeMounts?.[1]?.recursiveReadOnly, 'Enabled')
  })

  it('tells of a change of resources that waits, or is on its way, and of none that is done', () => {
    const old = { requests: { cpu: '50m' } }
    const resources = { requests: { cpu: '100m' } }
    const spec = { containers: [{ name: 'c', image: 'a:1', resources }] }
    const containerStatuses = [{ name: 'c', containerID: 'containerd://c0', state: { running: {} }, resources: old }]
    const abilities = { recursiveReadOnly: false }
    const told = (memory: Partial<PodMemory>, waits = false) => {
      const before = { containerStatuses, conditions: [{ type: 'PodResizeInProgress', status: 'True' }] }
      const held = { containers: [{ name: 'c', image: 'a:1', resources: old }] }
      const status = decide({ has: 'c=run', spec: waits ? held : spec, before, memory, abilities })
      const [c] = status.containerStatuses ?? []
      const resizing = status.conditions
        ?.filter(({ type }) => type.startsWith('PodResize'))
        .map(({ type, reason, message }) => [type, reason, message].join(' '))
      return [c?.resources, c?.allocatedResources, resizing]
    }
    assert.deepEqual(told({}), [old, resources.requests, ['PodResizeInProgress  ']])
    const resized = new Map([['c', { id: 'c0', resources }]])
    assert.deepEqual(told({ resized }), [resources, resources.requests, []])
    const pendingResize = { reason: 'Deferred', message: 'no room' } as const
    assert.deepEqual(told({ pendingResize }, true), [old, old.requests, ['PodResizePending Deferred no room']])
  })

  it('on the host network has the addresses of its node', () => assert.equal(decide({ has: 'c=run', spec: { hostNetwork: true } }).podIP, '192.0.2.1'))

  it('keeps the time of a condition that has not changed, and those of others', () => {
    const gate = { type: 'example.org/gate', status: 'False' }
    const before = { conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: EARLIER }, gate] }
    const status = decide({ has: 'c=run', before })
    assert.equal(status.conditions?.find(c => c.type === 'Ready')?.lastTransitionTime, EARLIER)
    assert.equal(status.conditions?.find(c => c.type === 'ContainersReady')?.lastTransitionTime, LATER)
    assert.deepEqual(status.conditions?.at(-1), gate)
  })

  it('waits for readiness gates', () => {
    const spec = { readinessGates: [{ conditionType: 'example.org/gate' }] }
    const ready = decide({ has: 'c=run', spec }).conditions?.find(c => c.type === 'Ready')
    assert.deepEqual([ready?.status, ready?.reason], ['False', 'ReadinessGatesNotReady'])
    assert.equal(ready?.message, 'corresponding condition of pod readiness gate "example.org/gate" does not exist.')
    const before = { conditions: [{ type: 'example.org/gate', status: 'True' }] }
    assert.equal(conditions(decide({ has: 'c=run', spec, before }))['Ready'], 'True')
  })

  it('is not ready before its probes say so', () => {
    const spec = { containers: [{ name: 'c', image: 'a:1', readinessProbe: {}, startupProbe: {} }] }
    const [fresh] = decide({ has: 'c=run', spec }).containerStatuses ?? []
    assert.deepEqual([fresh?.started, fresh?.ready], [false, false])
    const health = new Map([['c0', { started: true, ready: true }]])
    const [proven] = decide({ has: 'c=run', spec, memory: { health } }).containerStatuses ?? []
    assert.deepEqual([proven?.started, proven?.ready], [true, true])
  })

  it('waits for its init containers, by name', () => {
    const spec = { initContainers: [{ name: 'i', image: 'a:1' }] }
    const status = decide({ has: 'i=run', spec })
    assert.deepEqual([status.phase, status.containerStatuses?.[0]?.state], ['Pending', { waiting: { reason: 'PodInitializing' } }])
    assert.equal(status.conditions?.find(c => c.type === 'Initialized')?.message, 'containers with incomplete status: [i]')
    assert.equal(conditions(decide({ has: 'i=exit0 c=run', spec }))['Initialized'], 'True')
  })

  it('between two attempts says why it waits and how the last one ended', () => {
    const [c] = decide({ has: 'c#3=exit2', waiting: { c: { reason: 'CrashLoopBackOff' } } }).containerStatuses ?? []
    assert.deepEqual(
      [c?.restartCount, c?.state?.waiting?.reason, c?.lastState?.terminated?.exitCode, c?.lastState?.terminated?.reason],
      [3, 'CrashLoopBackOff', 2, 'Error'],
    )
  })

  for (const [policy, has, expected] of [
    ['Always', 'c=exit0', 'Running'],
    ['OnFailure', 'c=exit0', 'Succeeded'],
    ['OnFailure', 'c=exit1', 'Running'],
    ['Never', 'c=exit1', 'Failed'],
    ['Never', 'c=exit0', 'Succeeded'],
  ] as const) {
    it(`is ${expected} after ${has} under ${policy}`, () => assert.equal(decide({ has, spec: { restartPolicy: policy } }).phase, expected))
  }

  it('of one that was stopped for good is what its containers made of it', () => {
    assert.equal(decide({ has: 'c=exit0', ended: true, ready: false }).phase, 'Succeeded')
    const failed = decide({ has: 'c=exit137', ended: true, ready: false })
    assert.deepEqual([failed.phase, conditions(failed)['Ready']], ['Failed', 'PodFailed'])
  })

  it('of an evicted one carries the reason', () => {
    const { phase, reason, message } = decide({ has: 'c=exit137', ended: true, memory: { end: { reason: 'Evicted', message: 'too much' } } })
    assert.deepEqual({ phase, reason, message }, { phase: 'Failed', reason: 'Evicted', message: 'too much' })
    const end = { reason: 'Evicted', message: 'too much' }
    const ownWay = ['c=exit137', 'c=exit0'].map(has => decide({ has, spec: { restartPolicy: 'Never' }, memory: { end } }))
    assert.deepEqual(
      ownWay.map(status => [status.phase, status.reason]),
      [
        ['Failed', 'Evicted'],
        ['Failed', 'Evicted'],
      ],
      'however its containers ended, also while its sandbox is there',
    )
    const ending = decide({ has: 'c=run', memory: { end: { reason: 'Evicted', message: 'too much' } } })
    assert.deepEqual([ending.phase, ending.reason], ['Running', undefined], 'as long as it runs it says nothing of that')
  })
})
