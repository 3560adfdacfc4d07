/** kill -9 of agent, containers, containerd and server in turn, each in the middle of a roll, on three nodes with containers. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { DaemonSets } from '../../src/api/kinds/apps/daemon-set.ts'
import { Pods } from '../../src/api/kinds/core/pod.ts'
import type { Pod } from '../../src/api/types/core/pod.ts'
import { HttpApi } from '../../src/client/http/rest.ts'
import { readKubeconfig } from '../../src/client/node/kubeconfig.ts'
import { leaksOf } from '../../tools/leaks.ts'
import { busyboxImage } from '../support/busybox-image.ts'
import { type Cluster, eventually, startCluster } from '../support/cluster.ts'
import { noContainers } from '../support/engine.ts'
import { commandOf, containerOf, killOn, processesOnNode } from '../support/local-processes.ts'
import { daemonSet } from '../support/manifests.ts'
import { tracesOfPods } from '../support/traces.ts'

const skip = noContainers()
/** `EVERYNODE_CHAOS_ROUNDS=40` for the long run. */
const ROUNDS = Number(process.env['EVERYNODE_CHAOS_ROUNDS'] ?? 4)
const NODES = ['node-1', 'node-2', 'node-3']
const VICTIMS = ['agent', 'containers', 'engine', 'server', 'shims'] as const
const MARK = 'chaos-daemon'
const target = { kind: DaemonSets, namespace: 'default', name: 'chaos' }

let directory: string
let cluster: Cluster
let api: HttpApi

describe('chaos under a roll', { skip }, () => {
  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'en-'))
    writeFileSync(join(directory, 'busybox.tar'), busyboxImage(['localhost/busybox:1', 'localhost/busybox:2']))
    await start()
  })
  after(async () => {
    api?.close()
    await cluster?.stop({ keepData: true })
    assert.deepEqual(await leaksOf(cluster.dataDir), [])
    rmSync(directory, { recursive: true, force: true })
  })

  it(`daemons return after each of ${ROUNDS} kills, none is twice on a node, and nothing is left of them`, { timeout: 60_000 + ROUNDS * 90_000 }, async () => {
    const command = ['sh', '-c', `trap "exit 0" TERM; while :; do sleep 1000 & wait; done # ${MARK}`]
    const volumes = [{ name: 'memory', emptyDir: { medium: 'Memory' } }]
    const container = { command, volumeMounts: [{ name: 'memory', mountPath: '/memory' }], ports: [{ containerPort: 80, hostPort: 80 }] }
    const { code, stderr } = await cluster.tryKubectl(['apply', '-f', '-'], {
      input: daemonSet({ name: 'chaos', image: 'localhost/busybox:1', pod: { volumes }, container }),
    })
    assert.equal(code, 0, stderr)
    await rolledOut()
    for (let round = 0; round < ROUNDS; round++) {
      const victim = VICTIMS[round % VICTIMS.length]!
      const node = NODES[Math.floor(round / VICTIMS.length) % NODES.length]!
      const image = `localhost/busybox:${2 - (round % 2)}`
      const watch = watchForDoubles()
      const delay = (round * 137) % 1500
      await api.patch(target, { type: 'strategic', body: { spec: { template: { spec: { containers: [{ name: 'main', image }] } } } } })
      await new Promise(resolve => setTimeout(resolve, delay))
      await kill(victim, node)
      const what = `round ${round}: ${victim} of ${node} after ${delay} ms`
      const seen = await watch.stop(rolledOut().catch(error => Promise.reject(new Error(`${what}: ${error.message}\n${cluster.output().slice(-3000)}`))))
      assert.deepEqual(seen, [], what)
      assert.deepEqual(
        await state(),
        NODES.map(name => `${name} ${image} ready, 1 container`),
        what,
      )
    }
    await cluster.kubectl('delete', 'ds', 'chaos', '--timeout=60s')
    await eventually(
      async () => (await api.list({ kind: Pods, namespace: 'default' })).items.length,
      count => count === 0,
    )
    assert.deepEqual(await tracesOfPods(cluster.dataDir, NODES), [])
  })

  async function start(): Promise<void> {
    cluster = await startCluster(['--nodes', '3', '--images', join(directory, 'busybox.tar')], { dataDir: join(directory, 'data') })
    api = new HttpApi(await readKubeconfig({ file: cluster.kubeconfig }))
  }

  async function kill(victim: (typeof VICTIMS)[number], node: string): Promise<void> {
    if (victim === 'agent') await killOn(cluster.dataDir, node, ' agent ')
    if (victim === 'containers') await killOn(cluster.dataDir, node, MARK)
    if (victim === 'shims') await killOn(cluster.dataDir, node, 'containerd-shim')
    if (victim === 'engine') await killOn(cluster.dataDir, node, 'containerd --config')
    if (victim !== 'server') return
    await cluster.kill()
    api.close()
    await start()
  }

  /** Pods that are over count for nothing in the set's status, and stay until an engine that was killed takes away the last of them. */
  const rolledOut = () =>
    eventually(
      async () => {
        const { metadata, status } = await api.get(target)
        const current = status.observedGeneration === metadata.generation
        return { current, updated: status.updatedNumberScheduled, ready: status.numberAvailable, pods: (await podsOf()).length, status }
      },
      ({ current, updated, ready, pods }) => current && updated === 3 && ready === 3 && pods === 3,
      80_000,
    )

  const podsOf = async (): Promise<readonly Pod[]> => (await api.list({ kind: Pods, namespace: 'default' }, { labelSelector: 'app=chaos' })).items
  /** The containers of a node in which the daemon runs: a shell that forks is still one. */
  const daemons = async (node: string) => {
    const pids = await processesOnNode(cluster.dataDir, node, MARK)
    return [...new Set(pids.filter(pid => commandOf(pid).startsWith('sh -c trap')).map(containerOf))]
  }

  async function state(): Promise<readonly string[]> {
    const pods = await podsOf()
    const lines = pods.map(async ({ spec, status }) => {
      const ready = status.conditions?.some(c => c.type === 'Ready' && c.status === 'True') ? 'ready' : 'not ready'
      const { length } = await daemons(spec.nodeName ?? '')
      return `${spec.nodeName} ${spec.containers[0]?.image} ${ready}, ${length} container${length === 1 ? '' : 's'}`
    })
    return (await Promise.all(lines)).sort()
  }

  /** Looks, until told to stop, for a node with two pods that are not over, or two processes of the daemon. */
  function watchForDoubles(): { stop(done: Promise<unknown>): Promise<readonly string[]> } {
    const seen: string[] = []
    let over = false
    const looking = (async () => {
      while (!over) {
        const counts = new Map<string, number>()
        for (const { spec, status } of await podsOf().catch(() => [])) {
          if (spec.nodeName && status.phase !== 'Succeeded' && status.phase !== 'Failed') counts.set(spec.nodeName, (counts.get(spec.nodeName) ?? 0) + 1)
        }
        for (const [node, count] of counts) if (count > 1) seen.push(`${count} pods on ${node}`)
        for (const node of NODES) {
          const containers = await daemons(node)
          if (containers.length > 1) seen.push(`${containers.length} containers on ${node}: ${containers.join(', ')}`)
        }
        await new Promise(resolve => setTimeout(resolve, 100))
      }
    })()
    return {
      async stop(done) {
        await done.finally(() => {
          over = true
        })
        await looking
        return seen
      },
    }
  }
})
