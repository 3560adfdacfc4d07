/** What nodes promise beyond one pod: their labels, their logs, reboots, restarts in place. Each with a real kubectl and containers. */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { unmountUnder } from '../../src/agent/host/mounts.ts'
import { idOf, netnsPrefix } from '../../src/agent/local-nodes/layout.ts'
import type { Node } from '../../src/api/types/core/node.ts'
import type { Pod } from '../../src/api/types/core/pod.ts'
import { leaksOf } from '../../tools/leaks.ts'
import { busyboxImage, describeBusybox } from '../support/busybox-image.ts'
import { type Cluster, eventually, mustRun, ROOT, startCluster } from '../support/cluster.ts'
import { dockerArchive } from '../support/docker-archive.ts'
import { noContainers } from '../support/engine.ts'
import { killOn } from '../support/local-processes.ts'
import { daemonSet, nodeAffinity } from '../support/manifests.ts'
import { tracesOfPods } from '../support/traces.ts'

const skip = noContainers()
const IMAGE = 'localhost/busybox:1'
const NODES = ['node-1', 'node-2']
let cluster: Cluster
let directory: string

describe('nodes with containers', { skip }, () => {
  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'en-'))
    writeFileSync(join(directory, 'oci.tar'), busyboxImage([IMAGE]))
    writeFileSync(join(directory, 'docker.tar'), dockerArchive(describeBusybox(['localhost/busybox:2'])))
    cluster = await startCluster(['--nodes', '2', '--images', directory], { dataDir: join(directory, 'data') })
  })
  after(async () => {
    await cluster?.stop({ keepData: true })
    assert.deepEqual(await leaksOf(cluster.dataDir), [])
    rmSync(directory, { recursive: true, force: true })
  })

  const apply = async (manifest: string) => {
    const { code, stderr } = await cluster.tryKubectl(['apply', '-f', '-'], { input: manifest })
    assert.equal(code, 0, stderr)
  }
  const daemon = (name: string, more: { readonly pod?: object; readonly container?: object } = {}) =>
    apply(daemonSet({ name, image: IMAGE, container: { command: ['sleep', '1000'], ...more.container }, ...(more.pod && { pod: more.pod }) }))
  const podsOf = async (name: string): Promise<readonly Pod[]> =>
    (JSON.parse(await cluster.kubectl('get', 'pods', '-l', `app=${name}`, '-o', 'json')) as { items: Pod[] }).items
  const isReady = (pod: Pod) => pod.status.conditions?.some(c => c.type === 'Ready' && c.status === 'True') ?? false
  const readyOn = async (name: string, nodes: readonly string[]) =>
    eventually(
      () => podsOf(name),
      pods => pods.length === nodes.length && pods.every(isReady) && nodes.every(node => pods.some(p => p.spec.nodeName === node)),
    )
  const restarts = (pod: Pod) => pod.status.containerStatuses?.[0]?.restartCount ?? 0

  it('promise 4: daemons land where memory, processors and region allow, by the labels that agents set', async () => {
    const { metadata } = JSON.parse(await cluster.kubectl('get', 'node', 'node-1', '-o', 'json')) as Node
    const memory = Number(metadata.labels?.['everynode.dev/memory-mib'])
    const cpus = Number(metadata.labels?.['everynode.dev/cpus'])
    assert.ok(memory > 0 && cpus > 0)
    const edge = agentOf('edge', ['--runtime', 'simulated', '--labels', 'topology.kubernetes.io/region=eu'])
    try {
      await eventually(
        () => cluster.tryKubectl(['get', 'node', 'edge']),
        ({ code }) => code === 0,
      )
      await daemon('enough', { pod: nodeAffinity('everynode.dev/memory-mib', 'Gt', String(memory - 1)) })
      await daemon('little', { pod: nodeAffinity('everynode.dev/memory-mib', 'Gt', '99999999') })
      await daemon('european', { pod: nodeAffinity('topology.kubernetes.io/region', 'In', 'eu') })
      await eventually(
        () => podsOf('enough'),
        pods => NODES.every(node => pods.some(p => p.spec.nodeName === node)),
      )
      await readyOn('european', ['edge'])
      assert.deepEqual(await podsOf('little'), [])
    } finally {
      edge.kill('SIGINT')
      await once(edge, 'exit')
      await cluster.kubectl('delete', 'node', 'edge')
      await cluster.kubectl('delete', 'ds', 'enough', 'little', 'european')
      await eventually(
        () => podsOf('enough'),
        pods => pods.every(p => !NODES.includes(p.spec.nodeName ?? '')),
      )
    }
  })

  it('promise 17: a node that has rebooted gets its daemon back, in the same pod and with a memory volume that is one', async () => {
    const mounts = { volumeMounts: [{ name: 'memory', mountPath: '/memory' }] }
    await daemon('steady', { container: mounts, pod: { volumes: [{ name: 'memory', emptyDir: { medium: 'Memory' } }] } })
    const before = await readyOn('steady', NODES)
    await reboot('node-1')
    const after = await eventually(
      () => podsOf('steady'),
      pods => pods.every(isReady) && pods.some(p => p.spec.nodeName === 'node-1' && restarts(p) === 1),
      60_000,
    )
    const [there, elsewhere] = NODES.map(node => after.find(p => p.spec.nodeName === node)!)
    assert.deepEqual(after.map(p => p.metadata.uid).sort(), before.map(p => p.metadata.uid).sort())
    assert.equal(restarts(elsewhere!), 0)
    const { name } = there!.metadata
    const mounted = await eventually(
      () => cluster.tryKubectl(['exec', name, '--', 'grep', ' /memory ', '/proc/mounts']),
      ({ code }) => code === 0,
    )
    assert.match(mounted.stdout, /^tmpfs \/memory tmpfs rw/)
    assert.match(await cluster.kubectl('exec', name, '--', 'ip', 'addr', 'show', 'eth0'), new RegExp(`inet ${there!.status.podIP}/`))
    await cluster.kubectl('delete', 'ds', 'steady')
    await eventually(
      () => podsOf('steady'),
      pods => pods.length === 0,
    )
    assert.deepEqual(await tracesOfPods(cluster.dataDir, NODES), [])
  })

  it('promise 19: a daemon pod takes a new image in place, and no other change', async () => {
    await daemon('changed')
    const pod = (await readyOn('changed', NODES)).find(p => p.spec.nodeName === 'node-2')!
    const { name, uid } = pod.metadata
    await cluster.kubectl('set', 'image', `pod/${name}`, 'main=localhost/busybox:2')
    const now = await eventually(
      async () => JSON.parse(await cluster.kubectl('get', 'pod', name, '-o', 'json')) as Pod,
      p => isReady(p) && restarts(p) === 1,
    )
    assert.deepEqual([now.metadata.uid, now.status.containerStatuses?.[0]?.image], [uid, 'localhost/busybox:2'])
    const refused = await cluster.tryKubectl(['patch', 'pod', name, '-p', '{"spec":{"hostNetwork":true}}'])
    assert.equal(refused.code, 1)
    assert.match(refused.stderr, /spec.*Forbidden: pod updates may not change fields other than/s)
    await cluster.kubectl('delete', 'ds', 'changed')
  })

  /** As a machine goes down: nothing runs any more, what lay in memory is gone, and so is its network. */
  async function reboot(node: string): Promise<void> {
    const data = realpathSync(cluster.dataDir)
    await killOn(cluster.dataDir, node)
    await unmountUnder(join(data, 'nodes', node))
    rmSync(join(data, 'nodes', node, 'engine', 'run'), { recursive: true, force: true })
    await mustRun('ip', ['netns', 'del', `${netnsPrefix(idOf(data))}${node.replace('node-', '')}`])
  }

  function agentOf(name: string, flags: readonly string[]): ChildProcess {
    const dataDir = join(directory, name)
    const words = ['agent', '--kubeconfig', cluster.kubeconfig, '--node-name', name, '--data-dir', dataDir, ...flags]
    return spawn(process.execPath, ['--disable-warning=ExperimentalWarning', join(ROOT, 'src/main/cli.ts'), ...words], { stdio: 'ignore' })
  }
})
