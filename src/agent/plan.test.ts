import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Pod } from '../api/types/core/pod.ts'
import { planPod } from './plan.ts'
import { NO_MEMORY, type PodMemory } from './pod-memory.ts'
import type { ObservedContainer, ObservedPod, Step } from './runtime/runtime.ts'

const NOW = Date.UTC(2026, 0, 1)
const T = 1000

interface Terse {
  /** `name`, `name:image`; `*` after it makes a sidecar, `!` gives it a postStart hook. */
  readonly init?: string
  readonly containers?: string
  readonly policy?: 'Always' | 'OnFailure' | 'Never'
  /** By container name: its own restart policy and rules. */
  readonly own?: Readonly<Record<string, object>>
  readonly deleting?: number
  readonly phase?: string
  readonly gone?: true
  /** `+` a ready sandbox, `-` a lost one; newest first. */
  readonly sandboxes?: string
  /** `name#attempt=state`, newest first: `run`, `new`, `exit0`, `exit1@seconds ago/backoff`; `^` after the name puts it into the lost sandbox. */
  readonly has?: string
  readonly memory?: Partial<PodMemory>
}

function podOf(w: Terse): Pod {
  const containers = (list: string | undefined) =>
    (list?.split(' ') ?? []).map(word => {
      const [name = '', image = 'a'] = word.replace(/[*!]/g, '').split(':')
      return {
        name,
        image,
        ...w.own?.[name],
        ...(word.includes('*') && { restartPolicy: 'Always' }),
        ...(word.includes('!') && { lifecycle: { postStart: { exec: {} } } }),
      }
    })
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'p',
      namespace: 'ns',
      uid: 'u',
      resourceVersion: '1',
      creationTimestamp: '',
      ...(w.deleting !== undefined && { deletionTimestamp: '2026-01-01T00:00:00Z', deletionGracePeriodSeconds: w.deleting }),
    },
    spec: { restartPolicy: w.policy ?? 'Always', initContainers: containers(w.init), containers: containers(w.containers ?? 'c') },
    status: { ...(w.phase && { phase: w.phase }) },
  }
}

function observedOf(w: Terse): ObservedPod | undefined {
  if (!w.sandboxes && !w.has) return undefined
  const signs = [...(w.sandboxes ?? '+')]
  const sandboxes = signs.map((sign, i) => ({
    id: `s${signs.length - i}`,
    attempt: signs.length - i - 1,
    ready: sign === '+',
    createdAt: 0,
    ips: ['10.0.0.1'],
  }))
  const containers = (w.has?.split(' ') ?? []).map((word): ObservedContainer => {
    const [, name = '', lost, attempt = '0', image, state = '', code, ago = '0', backoff = '0'] =
      /^([a-z]+)(\^?)#(\d+)(?::(\w+))?=(run|new|exit)(\d+)?(?:@(\d+))?(?:\/(\d+))?$/.exec(word) ?? assert.fail(word)
    const finishedAt = NOW - Number(ago) * T
    return {
      id: `${name}${attempt}`,
      sandbox: (lost ? sandboxes.at(-1) : sandboxes[0])?.id ?? 's1',
      name,
      attempt: Number(attempt),
      state: state === 'run' ? 'running' : state === 'new' ? 'created' : 'exited',
      image: image ?? 'a',
      imageId: '',
      createdAt: 0,
      startedAt: finishedAt - T,
      finishedAt,
      exitCode: Number(code ?? 0),
      reason: '',
      message: '',
      backoffSeconds: Number(backoff),
    }
  })
  return { uid: 'u', name: 'p', namespace: 'ns', sandboxes, containers }
}

const say = (step: Step): string => {
  switch (step.do) {
    case 'start-sandbox':
      return `sandbox ${step.attempt}`
    case 'start-container':
      return `start ${step.container}#${step.attempt}${step.backoffSeconds ? `/${step.backoffSeconds}` : ''}`
    case 'stop-container':
      return `stop ${step.id} ${step.graceSeconds}`
    case 'remove-pod':
      return 'remove-pod'
    default:
      return `${step.do} ${step.id}`
  }
}

function decide(w: Terse): string {
  const plan = planPod({ pod: w.gone ? undefined : podOf(w), observed: observedOf(w), memory: { ...NO_MEMORY, ...w.memory }, now: NOW })
  const waits = [...plan.waiting].map(([name, { reason }]) => `${name}: ${reason}`)
  const again = plan.lookAgainAt === undefined ? [] : [`again in ${(plan.lookAgainAt - NOW) / T}`]
  return [...plan.steps.map(say), ...waits, ...again, ...(plan.ended ? ['ended'] : [])].join(', ')
}

const RULES = [
  { action: 'Restart', exitCodes: { operator: 'In', values: [42] } },
  { action: 'RestartAllContainers', exitCodes: { operator: 'In', values: [7] } },
]

const TABLE: Readonly<Record<string, readonly (readonly [string, Terse, string])[]>> = {
  'starting a pod': [
    ['a new pod gets a sandbox first', {}, 'sandbox 0'],
    ['then its containers, side by side', { containers: 'a b', sandboxes: '+' }, 'start a#0, start b#0'],
    ['a running pod is left alone', { has: 'c#0=run' }, ''],
    ['a container that was made and never started is made again under its number', { has: 'c#1=new' }, 'start c#1'],
    ['a postStart hook holds back the containers after it', { containers: 'a! b', has: 'a#0=run' }, ''],
    ['until it is done', { containers: 'a! b', has: 'a#0=run', memory: { health: new Map([['a0', { postStarted: true }]]) } }, 'start b#0'],
  ],
  'init containers': [
    ['run one after the other', { init: 'i j', sandboxes: '+' }, 'start i#0'],
    ['the next when the one before has ended well', { init: 'i j', has: 'i#0=exit0' }, 'start j#0'],
    ['then the containers', { init: 'i', has: 'i#0=exit0' }, 'start c#0'],
    ['a failed one is run again', { init: 'i', has: 'i#0=exit1' }, 'start i#1/10'],
    ['and ends a pod that must not restart', { init: 'i', policy: 'Never', has: 'i#0=exit1' }, 'stop-sandbox s1'],
    ['a sidecar must only have started', { init: 's* i', has: 's#0=run' }, 'start i#0'],
    ['a sidecar that ended is run again', { init: 's*', has: 'c#0=run s#0=exit0' }, 'start s#1/10'],
    ['they are not run again while containers of the sandbox are there', { init: 'i', has: 'c#0=exit1' }, 'start c#1/10'],
  ],
  restarting: [
    ['the first time at once', { has: 'c#0=exit1' }, 'start c#1/10'],
    ['then after its pause', { has: 'c#1=exit1@4/10' }, 'c: CrashLoopBackOff, again in 6'],
    ['which doubles', { has: 'c#1=exit1@10/10' }, 'start c#2/20'],
    ['up to five minutes', { has: 'c#9=exit1@300/300' }, 'start c#10/300'],
    ['not when it ended well and only failures restart', { policy: 'OnFailure', has: 'c#0=exit0' }, 'stop-sandbox s1'],
    ['not when nothing restarts it', { policy: 'Never', has: 'c#0=exit1', containers: 'c d' }, 'start d#0'],
    ['dead attempts beyond the last two are removed', { has: 'c#3=run c#2=exit1 c#1=exit1' }, 'remove-container c1'],
    ['a changed image replaces the container', { containers: 'c:b', has: 'c#0=run' }, 'stop c0 30'],
    ['and does not wait for a pause', { containers: 'c:b', has: 'c#1=exit1@1/10' }, 'start c#2'],
    [
      'a container whose probe failed is stopped',
      { has: 'c#0=run', memory: { health: new Map([['c0', { kill: { message: '', graceSeconds: 7 } }]]) } },
      'stop c0 7',
    ],
  ],
  'rules of one container': [
    ['its own policy comes before that of the pod', { own: { c: { restartPolicy: 'Never' } }, has: 'c#0=exit1 d#0=run', containers: 'c d' }, ''],
    ['a rule comes before both', { own: { c: { restartPolicy: 'Never', restartPolicyRules: RULES } }, policy: 'Never', has: 'c#0=exit42' }, 'start c#1/10'],
    ['a pod all of whose containers stay ended has ended', { own: { c: { restartPolicy: 'Never' } }, has: 'c#0=exit1' }, 'stop-sandbox s1'],
    ['one that restarts all stops the others first', { own: { c: { restartPolicyRules: RULES } }, containers: 'c d', has: 'c#0=exit7 d#0=run' }, 'stop d0 30'],
    ['then its pause is kept', { own: { c: { restartPolicyRules: RULES } }, has: 'c#1=exit7@4/10' }, 'c: CrashLoopBackOff, again in 6'],
    ['then the sandbox goes', { own: { c: { restartPolicyRules: RULES } }, init: 'i', has: 'c#0=exit7 d#0=exit137 i#0=exit0' }, 'stop-sandbox s1'],
    [
      'and all begins with the init containers',
      { own: { c: { restartPolicyRules: RULES } }, init: 'i', sandboxes: '+-', has: 'c^#1=exit7/10 i^#0=exit0', memory: { stopped: new Set(['s1']) } },
      'start i#1',
    ],
    [
      'the one that asked for it keeps count of its pauses',
      {
        own: { c: { restartPolicyRules: RULES } },
        containers: 'c d',
        sandboxes: '+-',
        has: 'c^#1=exit7/10 d^#0=exit137',
        memory: { stopped: new Set(['s1']) },
      },
      'start c#2/20, start d#1',
    ],
  ],
  'a lost sandbox': [
    ['is stopped before the next is made', { sandboxes: '-', has: 'c#0=exit137' }, 'stop-sandbox s1'],
    ['then replaced', { sandboxes: '-', has: 'c#0=exit137', memory: { stopped: new Set(['s1']) } }, 'sandbox 1'],
    ['its containers start anew at once', { sandboxes: '+-', has: 'c^#1=exit137/10', memory: { stopped: new Set(['s1']) } }, 'start c#2'],
    [
      'init containers run again in the new one',
      { init: 'i', sandboxes: '+-', has: 'c^#0=exit137 i^#0=exit0', memory: { stopped: new Set(['s1']) } },
      'start i#1',
    ],
    [
      'it is removed when it holds nothing of the last two attempts',
      { sandboxes: '+-', has: 'c#1=run', memory: { stopped: new Set(['s1']) } },
      'remove-sandbox s1',
    ],
  ],
  ending: [
    ['a deleted pod stops its containers with its grace', { deleting: 5, has: 'c#0=run d#0=run' }, 'stop c0 5, stop d0 5'],
    ['sidecars after the others', { init: 's* t*', deleting: 5, has: 'c#0=run s#0=run t#0=run' }, 'stop c0 5'],
    ['the last first', { init: 's* t*', deleting: 5, has: 'c#0=exit0 s#0=run t#0=run' }, 'stop t0 5'],
    ['then its sandbox', { deleting: 5, has: 'c#0=exit0' }, 'stop-sandbox s1'],
    ['then it has ended', { deleting: 5, sandboxes: '-', memory: { stopped: new Set(['s1']) } }, 'ended'],
    ['one that never started has ended', { deleting: 5 }, 'ended'],
    ['a failed pod starts nothing', { phase: 'Failed', sandboxes: '-', memory: { stopped: new Set(['s1']) } }, 'ended'],
    ['a pod that nobody knows is stopped', { gone: true, has: 'c#0=run' }, 'stop c0 30'],
    ['and removed', { gone: true, sandboxes: '-', memory: { stopped: new Set(['s1']) } }, 'remove-pod, ended'],
  ],
  failures: [
    [
      'a pull that failed waits',
      { sandboxes: '+', memory: { failures: new Map([['c', { reason: 'ErrImagePull', message: 'm', count: 1, retryAt: NOW + 9 * T }]]) } },
      'c: ErrImagePull, again in 9',
    ],
    [
      'and is said to back off when it failed again',
      { sandboxes: '+', memory: { failures: new Map([['c', { reason: 'ErrImagePull', message: 'm', count: 2, retryAt: NOW + 19 * T }]]) } },
      'c: ImagePullBackOff, again in 19',
    ],
    [
      'it does not hold back the others',
      { containers: 'c d', sandboxes: '+', memory: { failures: new Map([['c', { reason: 'ErrImagePull', message: 'm', count: 1, retryAt: NOW + T }]]) } },
      'start d#0, c: ErrImagePull, again in 1',
    ],
  ],
}

for (const [subject, rows] of Object.entries(TABLE)) {
  describe(subject, () => {
    for (const [name, world, expected] of rows) it(name, () => assert.equal(decide(world), expected))
  })
}
