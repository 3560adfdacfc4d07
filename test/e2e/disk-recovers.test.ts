/** What a node does for its full disk by itself, and how its pressure ends. An agent on a real engine that others use too, on a clock that can be moved on. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { appendFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { runAgent } from '../../src/agent/agent.ts'
import { cgroupsUnder, removeCgroup } from '../../src/agent/host/cgroups.ts'
import { ociArchive } from '../../src/agent/images/oci.ts'
import { importImage } from '../../src/agent/local-nodes/engine.ts'
import { withCri } from '../../src/agent/runtime/cri/client.ts'
import { openShelf } from '../../src/agent/shelf.ts'
import type { Node } from '../../src/api/types/core/node.ts'
import type { Pod } from '../../src/api/types/core/pod.ts'
import { type Clock, systemClock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import { HttpApi } from '../../src/client/http/rest.ts'
import { readKubeconfig } from '../../src/client/node/kubeconfig.ts'
import { leaksOf } from '../../tools/leaks.ts'
import { type Cluster, eventually, mustRun, startCluster } from '../support/cluster.ts'
import { noContainers, startTestEngine, type TestEngine } from '../support/engine.ts'
import { smallDisk } from '../support/small-disk.ts'

const NODE = 'small'
const UNUSED = 'localhost/unused:1'
const THEIRS = 'localhost/theirs:1'
const MIB = 1024 * 1024
/** How often an agent looks, how long an image must have been unused, and for how long a pressure is told after it was last seen. */
const PERIOD_MS = 10_000
const YOUNG_MS = 121_000
const HOLD_MS = 301_000

const disk = smallDisk(noContainers())

describe('a node whose disk was full', { skip: disk.skip }, () => {
  let skew = 0
  let naps = 0
  const clock: Clock = {
    now: () => systemClock.now() + skew,
    after(ms, callback) {
      if (ms === PERIOD_MS) naps++
      return systemClock.after(ms, callback)
    },
  }
  const stop = new AbortController()
  let cluster: Cluster
  let api: HttpApi
  let engine: TestEngine
  let agent: Promise<void>

  before(async () => {
    engine = await startTestEngine(disk.directory)
    for (const [name, mebibytes] of [
      [UNUSED, 20],
      [THEIRS, 1],
    ] as const) {
      const archive = join(engine.dataDir, 'unused.tar')
      const files = [{ path: 'ballast', content: randomBytes(mebibytes * MIB) }]
      writeFileSync(archive, ociArchive({ names: [name], arch: process.arch === 'arm64' ? 'arm64' : 'amd64', files }))
      await importImage(engine.socket, archive)
      rmSync(archive)
      await asPulled(name)
    }
    await openShelf(engine.agentDir).pulled.save(await idOf(UNUSED), {})
    cluster = await startCluster(['--nodes', '0', '--simulated', '0'])
    const connection = await readKubeconfig({ file: cluster.kubeconfig })
    api = new HttpApi(connection)
    agent = runAgent({
      api,
      clock,
      log: silentLog,
      signal: stop.signal,
      nodeName: NODE,
      cluster: 'recovers',
      dataDir: engine.agentDir,
      runtime: { kind: 'engine', socket: engine.socket, share: true },
      addresses: [engine.node.address],
      logRoot: engine.node.logRoot,
      cgroupRoot: engine.node.cgroup,
      apiAddress: { host: '127.0.0.1', port: 6443 },
      kubeletVersion: 'v1.36.0',
    })
    agent.catch(() => {})
    await cluster.kubectl('create', 'priorityclass', 'valued', '--value=1000')
    await daemons('valued', 'sleep 1000', { priorityClassName: 'valued' })
    await daemons('greedy', 'dd if=/dev/zero of=/volume/file bs=1048576 count=30 2>/dev/null; touch /tmp/written; sleep 1000')
    for (const name of ['valued', 'greedy']) await runs(name)
  })
  after(async () => {
    stop.abort()
    await agent
    api.close()
    await cluster?.stop()
    const pods = engine.node.cgroup
    await engine.close()
    await removeCgroup(pods)
    assert.deepEqual([...(await leaksOf(engine.dataDir)), ...(await cgroupsUnder(pods))], [])
    disk.remove()
  })

  /** Gives an imported image the mark of one that came from a registry. */
  const asPulled = async (name: string) => {
    const ctr = (...words: readonly string[]) => mustRun('ctr', ['-a', engine.socket, '-n', 'k8s.io', 'images', ...words])
    const [, digest = ''] = /\s(sha256:\w+)\s/.exec(await ctr('list', `name==${name}`)) ?? []
    await ctr('tag', name, `${name.replace(/:1$/, '')}@${digest}`)
  }
  const idOf = async (name: string) => {
    const { image } = await withCri(engine.socket, client => client.imageStatus({ image: { image: name } }))
    return image?.id ?? ''
  }
  const daemons = async (name: string, script: string, more: object = {}) => {
    const container = {
      name: 'c',
      image: 'localhost/busybox:1',
      command: ['/bin/sh', '-c', `${script} & trap 'exit 0' TERM; wait`],
      volumeMounts: [{ name: 'v', mountPath: '/volume' }],
    }
    const labels = { app: name }
    const template = { metadata: { labels }, spec: { ...more, containers: [container], volumes: [{ name: 'v', emptyDir: {} }] } }
    const set = { apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: { name }, spec: { selector: { matchLabels: labels }, template } }
    const { code, stderr } = await cluster.tryKubectl(['create', '-f', '-'], { input: JSON.stringify(set) })
    assert.equal(code, 0, stderr)
  }
  const podsOf = async (name: string) =>
    (JSON.parse(await cluster.kubectl('get', 'pods', '-l', `app=${name}`, '-o', 'json')) as { items: readonly Pod[] }).items
  const runs = async (name: string, timeout?: number) => {
    const [pod] = await eventually(
      () => podsOf(name),
      pods => pods.some(({ status }) => status.phase === 'Running'),
      timeout,
    )
    return pod?.metadata.uid
  }
  const node = async () => JSON.parse(await cluster.kubectl('get', 'node', NODE, '-o', 'json')) as Node
  /** Its condition, and its taints. */
  const pressure = async () => {
    const { spec, status } = await node()
    const condition = status.conditions?.find(({ type }) => type === 'DiskPressure')
    return [condition?.status, condition?.reason, condition?.message, ...(spec.taints ?? []).map(({ key, effect }) => `${key}:${effect}`)].join(' ')
  }
  const PRESSED = 'True KubeletHasDiskPressure kubelet has disk pressure node.kubernetes.io/disk-pressure:NoSchedule'
  const WELL = 'False KubeletHasNoDiskPressure kubelet has no disk pressure'
  const says = (answer: string) => eventually(pressure, found => found === answer, 60_000)
  const eventsOf = (name: string, reason: string) =>
    cluster.kubectl('get', 'events', '--field-selector', `involvedObject.name=${name},reason=${reason}`, '-o', 'jsonpath={.items[*].message}')
  const images = async (part: string) =>
    (await mustRun('ctr', ['-a', engine.socket, '-n', 'k8s.io', 'images', 'list', '-q'])).split('\n').filter(name => name.includes(part))
  const share = () => {
    const { bavail, blocks } = statfsSync(disk.directory)
    return bavail / blocks
  }
  const ballast = join(disk.directory, 'ballast')
  const fill = (free: number) => {
    const { blocks, bsize } = statfsSync(disk.directory)
    appendFileSync(ballast, Buffer.alloc(Math.floor((share() - free) * blocks * bsize), 1))
  }

  it('removes the images that nobody uses before it evicts anybody, and then says for five minutes that it was short', async () => {
    const before = await Promise.all(['valued', 'greedy'].map(name => runs(name)))
    assert.equal(await pressure(), WELL)
    // Those who look after the node and after its health have slept twice: the image has been seen.
    await eventually(
      () => naps,
      count => count >= 4,
      30_000,
    )
    skew += YOUNG_MS
    fill(0.08)
    await eventually(
      () => images('unused'),
      names => names.length === 0,
      60_000,
    )
    assert.equal((await images('theirs')).length, 2, 'what another has pulled stays')
    await eventually(share, free => free > 0.2)
    await says(PRESSED)
    assert.equal(await eventsOf(NODE, 'EvictionThresholdMet'), 'Attempting to reclaim ephemeral-storage')
    assert.deepEqual(await Promise.all(['valued', 'greedy'].map(name => runs(name))), before)
    skew += HOLD_MS
    await says(WELL)
    const told = await Promise.all(['NodeHasDiskPressure', 'NodeHasNoDiskPressure'].map(reason => eventsOf(NODE, reason)))
    assert.deepEqual(
      told,
      ['NodeHasDiskPressure', 'NodeHasNoDiskPressure'].map(reason => `Node ${NODE} status is now: ${reason}`),
    )
  })

  it('gives the daemon that it evicted its place again once it is well', async () => {
    const [valued, greedy] = await Promise.all(['valued', 'greedy'].map(name => runs(name)))
    fill(0.05)
    await says(PRESSED)
    await eventually(
      async () => (await podsOf('greedy')).every(({ metadata, status }) => metadata.uid !== greedy && status.phase !== 'Running'),
      gone => gone,
      60_000,
    )
    rmSync(ballast)
    skew += HOLD_MS
    await says(WELL)
    assert.notEqual(await runs('greedy', 60_000), greedy)
    assert.equal(await runs('valued'), valued, 'who has a higher priority stays')
  })
})
