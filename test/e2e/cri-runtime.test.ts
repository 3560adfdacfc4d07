/** The runtime contract on a real container engine. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, afterEach, before, test } from 'node:test'
import { cgroupsUnder, processesIn, removeCgroup } from '../../src/agent/host/cgroups.ts'
import { leaksOf } from '../../src/agent/local-nodes/leaks.ts'
import { PodSetup } from '../../src/agent/pod-setup.ts'
import { contractPod, type RuntimeRig, runtimeContract } from '../../src/agent/runtime/contract.ts'
import { type Engine, openEngine } from '../../src/agent/runtime/cri/engine.ts'
import { Images } from '../../src/agent/runtime/cri/images.ts'
import { CriRuntime } from '../../src/agent/runtime/cri/runtime.ts'
import { podCgroup } from '../../src/agent/runtime/cri/sandbox-config.ts'
import { openShelf } from '../../src/agent/shelf.ts'
import { References } from '../../src/agent/volumes/references.ts'
import { Tokens } from '../../src/agent/volumes/tokens.ts'
import { systemClock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import { eventually } from '../support/cluster.ts'
import { noContainers, startTestEngine, type TestEngine } from '../support/engine.ts'
import { inProcess } from '../support/in-process.ts'

const skip = noContainers()
const owner = { cluster: 'contract', node: 'n1', cgroup: '/everynode-contract' }
let engine: TestEngine
let client: Engine
let server: Awaited<ReturnType<typeof inProcess>>

if (!skip) {
  before(async () => {
    engine = await startTestEngine()
    client = await openEngine(engine.socket, owner, false)
    server = await inProcess()
  })
  afterEach(async each => {
    if (!('passed' in each) || each.passed) return
    const log = await readFile(join(engine.node.engineDir, 'containerd.log'), 'utf8')
    process.stderr.write(`the end of what the engine said:\n${log.split('\n').slice(-40).join('\n')}\n`)
  })
  after(async () => {
    client.client.channel.close()
    await server.close()
    await engine.close()
    await removeCgroup(owner.cgroup)
    assert.deepEqual([...(await leaksOf(engine.dataDir)), ...(await cgroupsUnder(owner.cgroup))], [])
  })
}

async function open(): Promise<RuntimeRig> {
  const stop = new AbortController()
  const paths = { data: engine.agentDir, podLogs: join(engine.dataDir, 'pods'), containerLogs: join(engine.dataDir, 'containers') }
  const references = new References({ api: server.api, clock: systemClock, log: silentLog, signal: stop.signal, onChange() {} })
  const setup = new PodSetup({
    paths,
    mapHostPath: path => path,
    references,
    tokens: new Tokens({ api: server.api, clock: systemClock }),
    hostIPs: () => ['127.0.0.1'],
    allocatable: () => ({}),
    memoryBytes: 2 ** 33,
    api: { host: '127.0.0.1', port: 6443 },
    services: () => [],
  })
  const images = new Images({ client: client.client, clock: systemClock, secret: async () => undefined, pulled: openShelf(engine.agentDir).pulled })
  const image = 'localhost/busybox:1'
  return {
    runtime: new CriRuntime({ ...client, clock: systemClock, owner, setup, images, podOf: () => undefined }),
    pod: name =>
      contractPod(name, {
        restartPolicy: 'Always',
        initContainers: [{ name: 'init', image, command: ['true'] }],
        containers: [{ name: 'c', image, command: ['sleep', '1000'] }],
      }),
    close: async () => stop.abort(),
  }
}

runtimeContract('cri', open, { skip })

test('a socket that is not there is named, with the remedy', { skip }, async () => {
  await assert.rejects(openEngine('/nowhere.sock', owner, false), /no container engine at \/nowhere\.sock: start one, or name its socket with --cri/)
})

test('an engine in which another cluster runs pods is refused', { skip }, async () => {
  const rig = await open()
  const pod = rig.pod('foreign')
  const { signal } = new AbortController()
  await rig.runtime.apply({ do: 'start-sandbox', pod, attempt: 0 }, signal)
  try {
    await assert.rejects(openEngine(engine.socket, { ...owner, cluster: 'other' }, false), /another agent runs pods .* \(found contract\/foreign\)/)
    const shared = await openEngine(engine.socket, { ...owner, cluster: 'other' }, true)
    shared.client.channel.close()
  } finally {
    await rig.runtime.apply({ do: 'remove-pod', uid: pod.metadata.uid }, signal)
    await rig.close()
  }
})

test('the processes of a pod are counted, its pause too', { skip }, async () => {
  const rig = await open()
  const command = ['sh', '-c', 'sleep 1000 & sleep 1000 & exec sleep 1000']
  const pod = contractPod('crowd', { containers: [{ name: 'c', image: 'localhost/busybox:1', command }] })
  const { uid } = pod.metadata
  const { signal } = new AbortController()
  try {
    assert.equal(await processesIn(podCgroup(owner, uid)), 0)
    await rig.runtime.apply({ do: 'start-sandbox', pod, attempt: 0 }, signal)
    const sandbox = (await rig.runtime.list({ uid }))[0]!.sandboxes[0]!
    await rig.runtime.apply({ do: 'start-container', pod, container: 'c', attempt: 0, sandbox, backoffSeconds: 0 }, signal)
    await eventually(
      () => processesIn(podCgroup(owner, uid)),
      count => count === 4,
    )
  } finally {
    await rig.runtime.apply({ do: 'remove-pod', uid }, signal)
    await rig.close()
  }
})
