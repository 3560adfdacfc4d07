/** A node whose disk is small and fills up: what it says, whom it evicts and in which order, what it removes. With real containers. */
import assert from 'node:assert/strict'
import { appendFileSync, existsSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { ImageCollector } from '../../src/agent/images/collector.ts'
import { socketOf } from '../../src/agent/local-nodes/engine.ts'
import { stockOf } from '../../src/agent/runtime/cri/backend.ts'
import { openChannel } from '../../src/agent/runtime/cri/channel.ts'
import { CriClient } from '../../src/agent/runtime/cri/client.ts'
import { openShelf } from '../../src/agent/shelf.ts'
import type { Node } from '../../src/api/types/core/node.ts'
import type { Pod } from '../../src/api/types/core/pod.ts'
import { silentLog } from '../../src/base/log.ts'
import { leaksOf } from '../../tools/leaks.ts'
import { busyboxImage } from '../support/busybox-image.ts'
import { type Cluster, eventually, mustRun, startCluster } from '../support/cluster.ts'
import { noContainers } from '../support/engine.ts'
import { smallDisk } from '../support/small-disk.ts'

const IMAGE = 'localhost/busybox:1'
const UNUSED = 'localhost/unused:1'
const NODE = 'node-1'
const MIB = 1024 * 1024
const { directory, skip, remove } = smallDisk(noContainers())

describe('a node with a small disk', { skip }, () => {
  const ballast = join(directory, 'ballast')
  let cluster: Cluster

  before(async () => {
    const images = mkdtempSync(join(tmpdir(), 'en-images-'))
    writeFileSync(join(images, 'busybox.tar'), busyboxImage([IMAGE]))
    writeFileSync(join(images, 'unused.tar'), busyboxImage([UNUSED], { cmd: ['/bin/true'] }))
    cluster = await startCluster(['--nodes', '1', '--images', images], { dataDir: join(directory, 'data') })
    rmSync(images, { recursive: true })
    await eventually(node, ({ spec }) => !spec.taints?.length)
  })
  after(async () => {
    await cluster?.stop({ keepData: true })
    const left = await leaksOf(join(directory, 'data'))
    remove()
    assert.deepEqual(left, [])
  })

  const node = async () => JSON.parse(await cluster.kubectl('get', 'node', NODE, '-o', 'json')) as Node
  const pod = async (name: string) => JSON.parse(await cluster.kubectl('get', 'pod', name, '-o', 'json')) as Pod
  const apply = async (object: object) => {
    const { code, stderr } = await cluster.tryKubectl(['create', '-f', '-'], { input: JSON.stringify(object) })
    assert.equal(code, 0, stderr)
  }
  /** Writes so much into `path`, says so, and stays. */
  const create = (name: string, mebibytes: number, path: string, more: object = {}) => {
    const write = `dd if=/dev/zero of=${path}/file bs=1048576 count=${mebibytes} 2>/dev/null; touch /tmp/written; trap 'exit 0' TERM; sleep 1000 & wait`
    return apply({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name },
      spec: {
        nodeName: NODE,
        containers: [
          {
            name: 'c',
            image: IMAGE,
            command: ['/bin/sh', '-c', write],
            readinessProbe: { exec: { command: ['/bin/test', '-e', '/tmp/written'] }, periodSeconds: 1 },
            volumeMounts: [{ name: 'v', mountPath: '/volume' }],
          },
        ],
        volumes: [{ name: 'v', emptyDir: {} }],
        ...more,
      },
    })
  }
  const ready = (name: string) =>
    eventually(
      () => pod(name),
      ({ status }) => status.conditions?.some(({ type, status: s }) => type === 'Ready' && s === 'True') ?? false,
    )
  const failed = (name: string) =>
    eventually(
      () => pod(name),
      ({ status }) => status.phase === 'Failed',
      60_000,
    )
  const free = () => {
    const { bavail, bsize } = statfsSync(directory)
    return bavail * bsize
  }
  const capacity = () => {
    const { blocks, bsize } = statfsSync(directory)
    return blocks * bsize
  }
  /** Fills the disk so that this share of it is free. */
  const fill = (share: number) => {
    const wanted = free() - share * capacity()
    assert.ok(wanted > 0)
    appendFileSync(ballast, Buffer.alloc(Math.floor(wanted), 1))
  }

  it('says so, takes no more pods, and evicts who uses most of those with the lowest priority, until there is room', async () => {
    await apply({ apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name: 'valued' }, value: 1000 })
    await create('critical', 10, '/volume', { priorityClassName: 'system-node-critical' })
    await create('valued', 30, '/volume', { priorityClassName: 'valued' })
    await create('layer', 18, '/tmp')
    await create('greedy', 35, '/volume')
    for (const name of ['critical', 'valued', 'layer', 'greedy']) await ready(name)
    fill(0.08)
    const { metadata, status } = await failed('greedy')
    assert.equal(status.reason, 'Evicted')
    assert.match(status.message ?? '', /^The node was low on resource: ephemeral-storage\. Threshold quantity: \d+(Ki|Mi)?, available: \d+(Ki|Mi)?\. $/)
    assert.deepEqual(
      status.conditions?.filter(({ type }) => type === 'DisruptionTarget').map(c => [c.status, c.reason, c.message]),
      [['True', 'TerminationByKubelet', status.message]],
    )
    const pressed = await eventually(node, ({ spec }) => spec.taints !== undefined)
    assert.deepEqual(
      pressed.spec.taints?.map(({ key, effect }) => `${key}:${effect}`),
      ['node.kubernetes.io/disk-pressure:NoSchedule'],
    )
    const condition = pressed.status.conditions?.find(({ type }) => type === 'DiskPressure')
    assert.deepEqual([condition?.status, condition?.reason, condition?.message], ['True', 'KubeletHasDiskPressure', 'kubelet has disk pressure'])
    await create('late', 1, '/volume')
    const late = await failed('late')
    assert.deepEqual([late.status.reason, late.status.message], ['Evicted', 'Pod was rejected: The node had condition: [DiskPressure]. '])
    const volume = join(cluster.dataDir, 'nodes', NODE, 'agent', 'pods', metadata.uid, 'volumes', 'kubernetes.io~empty-dir', 'v')
    await eventually(
      async () => existsSync(volume),
      exists => !exists,
    )
    assert.ok(free() > 0.15 * capacity())
    fill(0.08)
    const { status: layer } = await failed('layer')
    assert.match(layer.message ?? '', /Container c was using \d+(Ki|Mi)?, request is 0, has larger consumption of ephemeral-storage\. $/)
    // What it wrote over its image goes with its container, and its status outlives that.
    await eventually(
      async () => free(),
      bytes => bytes > 0.15 * capacity(),
      60_000,
    )
    assert.equal((await pod('layer')).status.reason, 'Evicted')
    for (const name of ['critical', 'valued']) await ready(name)
  })

  it('removes images that nobody uses and that could be pulled again', async () => {
    rmSync(ballast)
    const socket = socketOf(join(cluster.dataDir, 'nodes', NODE, 'engine'))
    // As if they had come from a registry.
    for (const name of [IMAGE, UNUSED]) {
      const [, , digest = ''] =
        /^(\S+)\s+\S+\s+(\S+)/.exec(
          await mustRun('ctr', ['-a', socket, '-n', 'k8s.io', 'images', 'list', `name==${name}`]).then(text => text.split('\n')[1] ?? ''),
        ) ?? []
      await mustRun('ctr', ['-a', socket, '-n', 'k8s.io', 'images', 'tag', name, `${name.replace(/:1$/, '')}@${digest}`])
    }
    const client = new CriClient(await openChannel(socket))
    try {
      const { pulled } = openShelf(directory)
      const stock = stockOf(client, pulled)
      assert.ok((await stock.directory())?.startsWith(cluster.dataDir))
      const names = async () => (await client.listImages({})).images?.flatMap(({ repo_tags = [] }) => repo_tags).filter(name => [IMAGE, UNUSED].includes(name))
      await eventually(stock.list, ({ present }) => present.filter(({ pinned }) => !pinned).length === 2)
      const { image: unused } = await client.imageStatus({ image: { image: UNUSED } })
      const shared = stockOf(client, pulled, true)
      const removable = async () => (await shared.list()).present.flatMap(({ id, pinned }) => (pinned ? [] : [id]))
      assert.deepEqual(await removable(), [], 'in an engine that others use too, only what this agent pulled may go')
      await pulled.save(unused?.id ?? '', {})
      assert.deepEqual(await removable(), [unused?.id])
      const collector = new ImageCollector(stock, silentLog)
      const now = Date.now()
      assert.equal(await collector.collectAll(now), 0)
      assert.deepEqual(await collector.collect({ capacity: 100 * MIB, available: 16 * MIB }, now + 121_000), { wanted: 0, freed: 0 })
      assert.ok((await collector.collect({ capacity: 1000, available: 149 }, now + 121_000)).freed > MIB)
      assert.deepEqual(await names(), [IMAGE])
    } finally {
      client.channel.close()
    }
  })
})
