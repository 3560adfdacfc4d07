/**
 * How long a pod takes from being assigned to a node to running, as a client of the API sees it, beside the same sandbox and
 * container made by calls to the engine alone, together and one by one. `--pods` of each, one after the other.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { socketOf } from '../src/agent/local-nodes/engine.ts'
import { openChannel } from '../src/agent/runtime/cri/channel.ts'
import { CriClient } from '../src/agent/runtime/cri/client.ts'
import { Pods } from '../src/api/kinds/core/pod.ts'
import { HttpApi } from '../src/client/http/rest.ts'
import { readKubeconfig } from '../src/client/node/kubeconfig.ts'
import { busyboxImage } from '../test/support/busybox-image.ts'
import { startCluster } from '../test/support/cluster.ts'
import type { Bench } from './run.ts'

const IMAGE = 'localhost/busybox:1'
const COMMAND = ['sleep', '1000']
const NODE = 'node-1'
const CALLS = ['RunPodSandbox', 'CreateContainer', 'StartContainer'] as const
/** Milliseconds of each of `CALLS`. */
type Calls = readonly number[]

export const podStart: Bench = async ({ more }, print) => {
  const pods = Number(more['pods'] ?? 15)
  const directory = mkdtempSync(join(tmpdir(), 'en-'))
  writeFileSync(join(directory, 'busybox.tar'), busyboxImage([IMAGE]))
  const cluster = await startCluster(['--nodes', '1', '--images', join(directory, 'busybox.tar')], { dataDir: join(directory, 'data') })
  const api = new HttpApi(await readKubeconfig({ file: cluster.kubeconfig }))
  const client = new CriClient(await openChannel(socketOf(join(cluster.dataDir, 'nodes', NODE, 'engine'))))
  const engine: Calls[] = []
  const agent: number[] = []
  try {
    // In turn, so that whatever else the machine does falls on both.
    for (let i = 0; i < pods; i++) {
      engine.push(await byEngine(client, join(directory, 'logs'), i))
      agent.push(await byAgent(api, i))
    }
    const middle = (times: readonly number[]) => Math.round([...times].sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? Number.NaN)
    const tell = (figure: string, times: readonly number[]) =>
      print({ bench: 'pod-start', figure, value: middle(times), unit: 'ms median', most: Math.round(Math.max(...times)), pods })
    const together = engine.map(calls => calls.reduce((sum, call) => sum + call, 0))
    CALLS.forEach((name, call) => {
      tell(
        name,
        engine.map(calls => calls[call] ?? Number.NaN),
      )
    })
    tell('engine alone', together)
    tell('assigned to running', agent)
    print({ bench: 'pod-start', figure: 'beyond the engine', value: middle(agent) - middle(together), unit: 'ms' })
  } finally {
    client.channel.close()
    api.close()
    await cluster.stop({ keepData: true })
    rmSync(directory, { recursive: true, force: true })
  }
}

async function byAgent(api: HttpApi, i: number): Promise<number> {
  const name = `start-${i}`
  const containers = [{ name: 'c', image: IMAGE, command: COMMAND }]
  const begun = performance.now()
  const { metadata } = await api.create({ kind: Pods, namespace: 'default' }, {
    metadata: { name },
    spec: { nodeName: NODE, terminationGracePeriodSeconds: 0, containers },
  } as never)
  const stop = new AbortController()
  const watched = { fieldSelector: `metadata.name=${name}`, resourceVersion: metadata.resourceVersion, signal: stop.signal }
  let taken = Number.NaN
  for await (const events of api.watch({ kind: Pods, namespace: 'default' }, watched)) {
    if (events.some(e => e.type === 'MODIFIED' && e.object.status.phase === 'Running')) taken = performance.now() - begun
    if (taken > 0) break
  }
  stop.abort()
  await api.delete({ kind: Pods, namespace: 'default', name }, { gracePeriodSeconds: 0 })
  return taken
}

async function byEngine(client: CriClient, logs: string, i: number): Promise<Calls> {
  const name = `engine-${i}`
  const sandbox = { metadata: { name, uid: name, namespace: 'bench', attempt: 0 }, hostname: name, log_directory: join(logs, name), linux: {} }
  const times = [performance.now()]
  const { pod_sandbox_id = '' } = await client.runPodSandbox({ config: sandbox })
  times.push(performance.now())
  const container = { metadata: { name: 'c', attempt: 0 }, image: { image: IMAGE }, command: COMMAND, log_path: 'c.log', linux: {} }
  const { container_id = '' } = await client.createContainer({ pod_sandbox_id, config: container, sandbox_config: sandbox })
  times.push(performance.now())
  await client.startContainer({ container_id })
  times.push(performance.now())
  await client.stopPodSandbox({ pod_sandbox_id })
  await client.removePodSandbox({ pod_sandbox_id })
  return times.slice(1).map((time, call) => time - (times[call] ?? time))
}
