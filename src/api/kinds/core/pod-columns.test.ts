import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Pod } from '../../types/core/pod.ts'
import type { ContainerStatus } from '../../types/core/pod-status.ts'
import { Pods } from './pod.ts'

const NOW = Date.UTC(2026, 5, 1)
const SECOND = 1000
const DAY = 86_400 * SECOND
const ago = (ms: number): string => new Date(NOW - ms).toISOString()

/**
 * A container's status from words: `r` running, `rdy` ready, `started`, `w(Reason)`, `t(Reason,exit)`, `×n` restarts, `end=10s`
 * since it last ended.
 */
function status(words: string, i: number): ContainerStatus {
  const [, waiting] = /w\((.*?)\)/.exec(words) ?? []
  const [, reason, exit] = /t\((.*?),(\d+)\)/.exec(words) ?? []
  const [, end, unit] = /end=(\d+)(s|m|d)/.exec(words) ?? []
  const ms = end === undefined ? undefined : Number(end) * { s: SECOND, m: 60 * SECOND, d: DAY }[unit as 's' | 'm' | 'd']
  return {
    name: `c${i}`,
    image: '',
    imageID: '',
    ready: /\brdy\b/.test(words),
    ...(/\bstarted\b/.test(words) && { started: true }),
    restartCount: Number(/×(\d+)/.exec(words)?.[1] ?? 0),
    state: {
      ...(/\br\b/.test(words) && { running: {} }),
      ...(waiting !== undefined && { waiting: { reason: waiting } }),
      ...(exit !== undefined && { terminated: { reason: reason ?? '', exitCode: Number(exit) } }),
    },
    ...(ms !== undefined && { lastState: { terminated: { exitCode: 1, finishedAt: ago(ms) } } }),
  }
}

interface Words {
  readonly phase?: string
  readonly reason?: string
  readonly init?: readonly string[]
  readonly main?: readonly string[]
  /** How many containers the spec has, where they are not as many as the statuses. */
  readonly containers?: number
  readonly sidecars?: number
  /** Init containers that come to an end, after the sidecars. */
  readonly plain?: number
  readonly conditions?: readonly string[]
  readonly gates?: readonly string[]
  readonly terminating?: true
  readonly ips?: readonly string[]
  readonly nodeName?: string
  readonly nominated?: string
}

function pod(words: Words): Pod {
  const { main = [], init = [] } = words
  const containers = words.containers ?? main.length
  const sidecars = words.sidecars ?? 0
  const inits = words.sidecars === undefined ? init.length : sidecars + (words.plain ?? 0)
  return {
    metadata: { name: 'test', ...(words.terminating && { deletionTimestamp: ago(0) }) },
    spec: {
      containers: Array.from({ length: containers }, (_, i) => ({ name: `c${i}` })),
      initContainers: Array.from({ length: inits }, (_, i) => ({ name: `c${i}`, ...(i < sidecars && { restartPolicy: 'Always' }) })),
      readinessGates: words.gates?.map(conditionType => ({ conditionType })),
      nodeName: words.nodeName,
    },
    status: {
      phase: words.phase ?? 'Running',
      reason: words.reason,
      podIPs: words.ips?.map(ip => ({ ip })),
      nominatedNodeName: words.nominated,
      initContainerStatuses: init.map(status),
      containerStatuses: main.map(status),
      conditions: words.conditions?.map(text => {
        const [type = '', value = '', reason] = text.split(/[=:]/)
        return { type, status: value, ...(reason && { reason }) }
      }),
    },
  } as unknown as Pod
}

const cells = (object: Pod, wide = false) => Pods.columns.filter(c => wide || c.priority === 0).map(c => c.cell(object, NOW))
const says = (object: Pod): string => cells(object).slice(1, 4).join(' | ')

const rows: readonly (readonly [row: string, about: string, words: Words, shown: string])[] = [
  ['#521', 'the phase', { phase: 'podPhase', main: ['r rdy ×3', '×3'] }, '1/2 | podPhase | 6'],
  ['#522', 'why a container waits', { phase: 'podPhase', main: ['r rdy ×3', 'w(Waiting) ×3'] }, '1/2 | Waiting | 6'],
  ['#523', 'the first of two containers', { phase: 'podPhase', main: ['w(Waiting) ×3', 't(Terminated,0) ×3'] }, '0/2 | Waiting | 6'],
  ['#524', 'the phase when nobody runs', { phase: 'podPhase', main: ['r rdy ×3', 'rdy ×3'] }, '1/2 | podPhase | 6'],
  ['#525', "the pod's reason", { phase: 'podPhase', reason: 'podReason', main: ['r rdy ×3', 'rdy ×3'] }, '1/2 | podReason | 6'],
  ['#526', 'NotReady when one is done and the pod is not ready', { main: ['t(Completed,0) ×3', 'r rdy ×3'] }, '1/2 | NotReady | 6'],
  ['#527', 'Running when one is done and the pod is ready', { main: ['t(Completed,0) ×3', 'r rdy ×3'], conditions: ['Ready=True'] }, '1/2 | Running | 6'],
  [
    '#528',
    'how far init is',
    { phase: 'podPhase', init: ['r ×3 end=10s'], main: ['w(PodInitializing)'], conditions: ['Initialized=False'] },
    '0/1 | Init:0/1 | 3 (10s ago)',
  ],
  [
    '#529',
    'the first init container of two',
    { phase: 'podPhase', init: ['r ×3 end=10s', 'w(PodInitializing)'], main: ['w(PodInitializing)'], conditions: ['Initialized=False'] },
    '0/1 | Init:0/2 | 3 (10s ago)',
  ],
  [
    '#530',
    'the second init container',
    { phase: 'podPhase', init: ['t(,0)', 'r ×3 end=10s'], main: ['w(PodInitializing)'], conditions: ['Initialized=False'] },
    '0/1 | Init:1/2 | 3 (10s ago)',
  ],
  [
    '#531',
    'restarts of both init containers and the latest end',
    { phase: 'podPhase', init: ['t(,0) ×2 end=2m', 'r ×3 end=10s'], main: ['w(PodInitializing)'], conditions: ['Initialized=False'] },
    '0/1 | Init:1/2 | 5 (10s ago)',
  ],
  [
    '#532',
    'no restarts of init once that is over',
    { init: ['t(,0) ×2 end=2m'], main: ['r ×4 end=20s'], conditions: ['Initialized=True'] },
    '0/1 | Running | 4 (20s ago)',
  ],
  ['#533', 'restarts days ago', { main: ['r rdy ×3 end=5d'] }, '1/1 | Running | 3 (5d ago)'],
  ['#534', 'restarts of one of two', { main: ['r rdy', 'r rdy ×3 end=10d'] }, '2/2 | Running | 3 (10d ago)'],
  ['#535', 'restarts of both and the latest end', { main: ['r rdy ×6 end=5d', 'r rdy ×3 end=20d'] }, '2/2 | Running | 9 (5d ago)'],
  [
    '#536',
    'that scheduling is held back',
    { phase: 'podPhase', containers: 2, conditions: ['PodScheduled=False:SchedulingGated'] },
    '0/2 | SchedulingGated | 0',
  ],
  ['#537', 'that it succeeded', { phase: 'Succeeded', main: ['t(Completed,0)'] }, '0/1 | Completed | 0'],
  ['#538', 'that it failed', { phase: 'Failed', main: ['t(Error,1)'] }, '0/1 | Error | 0'],
  ['#539', 'that it succeeded, also while it goes', { phase: 'Succeeded', main: ['t(Completed,0)'], terminating: true }, '0/1 | Completed | 0'],
  ['#540', 'that it goes', { main: ['r rdy'], terminating: true }, '1/1 | Terminating | 0'],
  ['#541', 'that it goes before it ran', { phase: 'Pending', main: ['w(ContainerCreating)'], terminating: true }, '0/1 | Terminating | 0'],
  ['#542', 'the failure of the first', { phase: 'Failed', main: ['t(podCrash,1)', 'r rdy'] }, '1/2 | podCrash | 0'],
  ['#543', 'the failure of the second', { phase: 'Failed', main: ['r rdy', 't(podCrash,1)'] }, '1/2 | podCrash | 0'],
  ['#545', 'a failure among the rest', { phase: 'Failed', main: ['r', 't(podCrash,1)', 't(Completed,0)'] }, '0/3 | podCrash | 0'],
  [
    '#546',
    'a sidecar that has not started',
    { phase: 'podPhase', sidecars: 2, init: ['r ×3 end=10s', 'w(PodInitializing)'], main: ['w(PodInitializing)'], conditions: ['Initialized=False'] },
    '0/3 | Init:0/2 | 3 (10s ago)',
  ],
  [
    '#547',
    'the second sidecar',
    { phase: 'podPhase', sidecars: 2, init: ['r started', 'r ×3 end=10s'], main: ['w(PodInitializing)'], conditions: ['Initialized=False'] },
    '0/3 | Init:1/2 | 3 (10s ago)',
  ],
  [
    '#548',
    'restarts of sidecars too',
    { sidecars: 2, init: ['r started ×3 end=10s', 'r started'], main: ['r rdy ×4 end=20s'], conditions: ['Initialized=True'] },
    '1/3 | Running | 7 (10s ago)',
  ],
  [
    '#549',
    'that it is done when its sidecars were stopped',
    {
      phase: 'Succeeded',
      sidecars: 2,
      init: ['t(Error,137) ×3 end=10s', 't(Error,137)'],
      main: ['t(Completed,0) ×4 end=20s'],
      conditions: ['Initialized=True'],
    },
    '0/3 | Completed | 7 (10s ago)',
  ],
]
for (const [row, about, words, shown] of rows) {
  test(`catalogue ${row}: a pod shows ${about}`, () => assert.equal(says(pod(words)), shown))
}

test('catalogue #544: a pod shows a failure among containers that say they are ready', () => {
  assert.equal(says(pod({ phase: 'Failed', main: ['r rdy', 't(podCrash,1) rdy', 't(,0) rdy'] })), '1/3 | podCrash | 0')
})

test('catalogue #550: statuses of containers that the spec does not have count like others', () => {
  const words: Words = { phase: 'Pending', containers: 1, sidecars: 1, plain: 1, init: ['w(PodInitializing)'], conditions: ['Initialized=False'] }
  const stray = pod(words)
  const renamed = stray.status.initContainerStatuses?.map(status => ({ ...status, name: 'nobody' })) ?? []
  assert.equal(says({ ...stray, status: { ...stray.status, initContainerStatuses: renamed } }), '0/2 | Init:0/2 | 0')
})

for (const [row, about, words, shown] of [
  [
    '#551',
    'address, node, nomination and gates',
    { ips: ['1.1.1.1'], nodeName: 'test1', nominated: 'node1', gates: ['a', 'b', 'c'], conditions: ['a=False', 'b=True'] },
    ['1.1.1.1', 'test1', 'node1', '1/3'],
  ],
  [
    '#552',
    'the first of two addresses',
    { ips: ['1.1.1.1', '2001:db8::'], nodeName: 'test1', nominated: 'node1', gates: ['a', 'b', 'c'], conditions: ['a=False', 'b=True'] },
    ['1.1.1.1', 'test1', 'node1', '1/3'],
  ],
  ['#553', 'none where there is none', {}, ['<none>', '<none>', '<none>', '<none>']],
] as readonly (readonly [string, string, Words, readonly string[]])[]) {
  test(`catalogue ${row}: wide, a pod shows ${about}`, () => assert.deepEqual(cells(pod(words), true).slice(5), shown))
}

const two: Words = { main: ['r rdy ×3', '×3'] }
const completed = (reason: string) => [{ type: 'Completed', status: 'True', reason, message: Pods.rowConditions?.(pod({ phase: reason }))[0]?.message }]
for (const [row, phase, done] of [
  ['#554 #558', 'Running', false],
  ['#555 #561', 'Succeeded', true],
  ['#556 #562', 'Failed', true],
  ['#559', 'Pending', false],
  ['#560', 'Unknown', false],
] as const) {
  test(`catalogue ${row}: the row of a pod that is ${phase} is ${done ? '' : 'not '}marked as completed`, () => {
    const object = pod({ ...two, phase })
    assert.equal(says(object), `1/2 | ${phase} | 6`)
    assert.deepEqual(Pods.rowConditions?.(object), done ? completed(phase) : [])
  })
}
test('catalogue #557: each pod of a list has a row of its own', () => {
  assert.deepEqual([pod({ main: ['r rdy'] }), pod({ phase: 'Pending', containers: 1 })].map(says), ['1/1 | Running | 0', '0/1 | Pending | 0'])
})
