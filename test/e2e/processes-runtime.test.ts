/** The runtime contract on processes of this host, and what only they must do: outlive the agent. */
import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { removeCgroup } from '../../src/agent/host/cgroups.ts'
import { PodSetup } from '../../src/agent/pod-setup.ts'
import { contractPod, type RuntimeRig, runtimeContract } from '../../src/agent/runtime/contract.ts'
import { type Confinement, findConfinement } from '../../src/agent/runtime/processes/confinement.ts'
import { processesMarked } from '../../src/agent/runtime/processes/proc.ts'
import { containersOf, type Recorded, recordsOf } from '../../src/agent/runtime/processes/records.ts'
import { ProcessesRuntime } from '../../src/agent/runtime/processes/runtime.ts'
import { countOf } from '../../src/agent/runtime/processes/usage.ts'
import type { ObservedContainer, Runtime } from '../../src/agent/runtime/runtime.ts'
import { References } from '../../src/agent/volumes/references.ts'
import { Tokens } from '../../src/agent/volumes/tokens.ts'
import type { Pod } from '../../src/api/types/core/pod.ts'
import { systemClock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import { eventually } from '../support/cluster.ts'
import { inProcess } from '../support/in-process.ts'

let server: Awaited<ReturnType<typeof inProcess>>
let data: string
before(async () => {
  server = await inProcess()
  data = await mkdtemp(join(tmpdir(), 'everynode-processes-'))
})
after(async () => {
  await server.close()
  if (confinement) await removeCgroup(confinement.cgroup)
  await rm(data, { recursive: true, force: true })
})

const open = (): Promise<RuntimeRig> => rig(undefined)
const confinement = await findConfinement(`/everynode-test-${process.pid}`)

async function rig(confined: Confinement | undefined): Promise<RuntimeRig> {
  const stop = new AbortController()
  const setup = new PodSetup({
    paths: { data, podLogs: join(data, 'logs'), containerLogs: join(data, 'links') },
    mapHostPath: path => path,
    references: new References({ api: server.api, clock: systemClock, log: silentLog, signal: stop.signal, onChange() {} }),
    tokens: new Tokens({ api: server.api, clock: systemClock }),
    hostIPs: () => ['127.0.0.1'],
    allocatable: () => ({}),
    memoryBytes: 2 ** 33,
    api: { host: '127.0.0.1', port: 6443 },
    services: () => [],
  })
  return {
    runtime: new ProcessesRuntime({ setup, clock: systemClock, hostIPs: () => ['127.0.0.1'], confinement: confined }),
    pod: name =>
      contractPod(name, {
        initContainers: [{ name: 'init', image: 'unused:1', command: ['true'] }],
        containers: [{ name: 'c', image: 'unused:1', command: ['sleep', '1000'] }],
      }),
    close: async () => stop.abort(),
  }
}

runtimeContract('processes, plainly', open)
runtimeContract('processes, confined', () => rig(confinement), { skip: confinement ? false : 'no root, or no runc' })

const { signal } = new AbortController()

test('another agent finds the same process, what it said, and how it ended', async () => {
  const rig = await open()
  const command = ['sh', '-c', `echo "hello $NAME"; echo oops >&2; trap 'exit 7' TERM; (sleep 1001 &); while :; do sleep 0.1; done`]
  const pod = contractPod('kept', { containers: [{ name: 'c', image: 'unused:1', command, env: [{ name: 'NAME', value: 'you' }] }] })
  const { uid } = pod.metadata
  try {
    await rig.runtime.apply({ do: 'start-sandbox', pod, attempt: 0 }, signal)
    const sandbox = (await rig.runtime.list({ uid }))[0]!.sandboxes[0]!
    await rig.runtime.apply({ do: 'start-container', pod, container: 'c', attempt: 0, sandbox, backoffSeconds: 0 }, signal)
    const before = (await rig.runtime.list({ uid }))[0]
    const again = await open()
    assert.deepEqual((await again.runtime.list({ uid }))[0], before)
    const { id } = before!.containers[0]!
    const env = await again.runtime.exec(id, ['sh', '-c', 'echo $NAME'], { timeoutMs: 5000, signal })
    assert.deepEqual(env, { exitCode: 0, output: 'you\n' })
    await again.runtime.apply({ do: 'stop-container', uid, id, container: 'c', graceSeconds: 10, why: '' }, signal)
    const ended = (await again.runtime.list({ uid }))[0]!.containers[0]!
    assert.deepEqual([ended.state, ended.exitCode, ended.reason], ['exited', 7, 'Error'])
    const log = await readFile(join(data, 'logs', `contract_kept_${uid}`, 'c', '0.log'), 'utf8')
    assert.match(log, /^\d{4}-\d\d-\d\dT[\d:]+\.\d{9}Z stdout F hello you$/m)
    assert.match(log, /^\S+Z stderr F oops$/m)
    assert.deepEqual(await processesMarked(`EVERYNODE_CONTAINER=${id}`), [], 'what the command left in the background is gone too')
    await again.close()
  } finally {
    await rig.runtime.apply({ do: 'remove-pod', uid }, signal)
    await rig.close()
  }
})

for (const kind of ['plain', 'confined']) {
  const confined = kind === 'confined' ? confinement : undefined
  test(`the processes of a ${kind} container are counted`, { skip: kind === 'confined' && !confinement && 'host feature `root`' }, async () => {
    const { runtime, close } = await rig(confined)
    const script = 'sleep 1002 & sleep 1003 & exec sleep 1004'
    const pod = contractPod('crowd', { containers: [{ name: 'c', image: 'unused:1', command: ['sh', '-c', script] }] })
    const { uid } = pod.metadata
    try {
      await runtime.apply({ do: 'start-sandbox', pod, attempt: 0 }, signal)
      const sandbox = (await runtime.list({ uid }))[0]!.sandboxes[0]!
      await runtime.apply({ do: 'start-container', pod, container: 'c', attempt: 0, sandbox, backoffSeconds: 0 }, signal)
      const [{ kept }] = (await containersOf(recordsOf({ data, podLogs: '', containerLogs: '' }, uid))) as [Recorded]
      await eventually(
        () => countOf(kept),
        // The supervisor of a plain one, and what keeps its log, are among them.
        count => count === (confined ? 3 : 6),
      )
    } finally {
      await runtime.apply({ do: 'remove-pod', uid }, signal)
      await close()
    }
  })
}

test('a container without a command says that there is nothing to run', async () => {
  const rig = await open()
  const pod = contractPod('bare', { containers: [{ name: 'c', image: 'unused:1' }] })
  try {
    await rig.runtime.apply({ do: 'start-sandbox', pod, attempt: 0 }, signal)
    const sandbox = (await rig.runtime.list({ uid: pod.metadata.uid }))[0]!.sandboxes[0]!
    await assert.rejects(rig.runtime.apply({ do: 'start-container', pod, container: 'c', attempt: 0, sandbox, backoffSeconds: 0 }, signal), {
      reason: 'CreateContainerConfigError',
      message: /container "c" has no command: .* name a program of this host/,
    })
  } finally {
    await rig.runtime.apply({ do: 'remove-pod', uid: pod.metadata.uid }, signal)
    await rig.close()
  }
})

test('a confined process has the user, groups and rights that its pod gives it', { skip: confinement ? false : 'host feature `root`' }, async () => {
  const { runtime, close } = await rig(confinement)
  const script =
    'id -u; id -g; id -G; touch /etc/everynode-test 2>/dev/null || echo no writing; grep -E "^(NoNewPrivs|Seccomp|CapBnd):" /proc/self/status | tr -d "\\t"; echo last words > /dev/termination-log'
  const command = ['sh', '-c', script]
  const securityContext = { readOnlyRootFilesystem: true, allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } }
  const pod = contractPod('user', {
    securityContext: {
      runAsUser: 65534,
      runAsGroup: 4321,
      supplementalGroups: [77],
      supplementalGroupsPolicy: 'Strict',
      seccompProfile: { type: 'RuntimeDefault' },
    },
    containers: [{ name: 'c', image: 'unused:1', command, securityContext }],
  })
  const { uid } = pod.metadata
  try {
    const ended = await startAndEnd(runtime, pod)
    assert.deepEqual([ended.exitCode, ended.reason, ended.message], [0, 'Completed', 'last words\n'])
    const log = await readFile(join(data, 'logs', `contract_user_${uid}`, 'c', '0.log'), 'utf8')
    const said = log
      .trim()
      .split('\n')
      .map(line => line.split(' ').slice(3).join(' '))
    assert.deepEqual(said, ['65534', '4321', '4321 77', 'no writing', 'CapBnd:0000000000000000', 'NoNewPrivs:1', 'Seccomp:2'])
  } finally {
    await runtime.apply({ do: 'remove-pod', uid }, signal)
    await close()
  }
})

test('a program that is not there is said so, in the words of the OCI runtime', { skip: confinement ? false : 'host feature `root`' }, async () => {
  const { runtime, close } = await rig(confinement)
  const pod = contractPod('typo', { containers: [{ name: 'c', image: 'unused:1', command: ['/no/such/daemon'] }] })
  const { uid } = pod.metadata
  try {
    await assert.rejects(startAndEnd(runtime, pod), { reason: 'RunContainerError', message: /\/no\/such\/daemon.*no such file/ })
    const { exitCode, reason, message } = (await runtime.list({ uid }))[0]!.containers[0]!
    assert.deepEqual([exitCode, reason], [128, 'StartError'])
    assert.match(message, /no such file/)
  } finally {
    await runtime.apply({ do: 'remove-pod', uid }, signal)
    await close()
  }
})

async function startAndEnd(runtime: Runtime, pod: Pod): Promise<ObservedContainer> {
  const { uid } = pod.metadata
  await runtime.apply({ do: 'start-sandbox', pod, attempt: 0 }, signal)
  const sandbox = (await runtime.list({ uid }))[0]!.sandboxes[0]!
  await runtime.apply({ do: 'start-container', pod, container: 'c', attempt: 0, sandbox, backoffSeconds: 0 }, signal)
  return eventually(
    async () => (await runtime.list({ uid }))[0]!.containers[0]!,
    c => c.state === 'exited',
  )
}
