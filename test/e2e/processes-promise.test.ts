/** Daemons as processes of this host, in place of init scripts: `up --runtime processes` with a real kubectl. */
import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { cgroupOf, idOf } from '../../src/agent/local-nodes/layout.ts'
import { processesOf } from '../../src/agent/local-nodes/processes.ts'
import { processesMarked } from '../../src/agent/runtime/processes/proc.ts'
import type { Node } from '../../src/api/types/core/node.ts'
import type { Pod } from '../../src/api/types/core/pod.ts'
import { isRoot } from '../../tools/testing/programs.ts'
import { type Cluster, eventually, ROOT, run, startCluster } from '../support/cluster.ts'
import { daemonSet } from '../support/manifests.ts'

const node = hostname().toLowerCase()
let directory: string
let cluster: Cluster

describe('daemons of the host', { skip: isRoot ? false : 'host feature `root`: limits and mounts need it' }, () => {
  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'en-'))
    cluster = await startCluster(['--runtime', 'processes'], { dataDir: join(directory, 'data') })
  })
  after(async () => {
    await cluster?.stop({ keepData: true })
    assert.equal(existsSync(MADE), false, 'places that volumes were mounted on are gone from the host')
    rmSync(directory, { recursive: true, force: true })
  })

  const MADE = '/srv/everynode-test'
  const pods = async (): Promise<readonly Pod[]> =>
    (JSON.parse(await cluster.kubectl('get', 'pods', '-l', 'app=guard', '-o', 'json')) as { items: Pod[] }).items
  const isReady = (pod: Pod) => pod.status.conditions?.some(c => c.type === 'Ready' && c.status === 'True') ?? false
  const manifest = (greeting: string, more: object = {}) =>
    daemonSet({
      name: 'guard',
      image: 'not-used:1',
      pod: { volumes: [{ name: 'settings', configMap: { name: 'settings' } }] },
      container: {
        command: ['sh', '-c', `echo "${greeting} from $NODE as $$$$, $(cat ${MADE}/settings/colour)"; trap 'exit 0' TERM; sleep 1000 & wait`],
        env: [{ name: 'NODE', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } }],
        resources: { requests: { cpu: '10m', memory: '8Mi' }, limits: { cpu: '200m', memory: '32Mi' } },
        volumeMounts: [{ name: 'settings', mountPath: `${MADE}/settings` }],
        readinessProbe: { exec: { command: ['test', '-s', `${MADE}/settings/colour`] }, periodSeconds: 1 },
        ...more,
      },
    })
  const apply = async (text: string) => {
    const { code, stderr } = await cluster.tryKubectl(['apply', '-f', '-'], { input: text })
    assert.equal(code, 0, stderr)
  }
  const theOne = async (wanted: (pod: Pod) => boolean = () => true): Promise<Pod> =>
    (await eventually(pods, ([pod, ...more]) => pod !== undefined && more.length === 0 && isReady(pod) && wanted(pod)))[0]!
  const idOfContainer = (pod: Pod) => pod.status.containerStatuses?.[0]?.containerID?.replace('processes://', '') ?? ''

  it('promise 28: a manifest runs its command on the host, in its limits, with its volumes and logs', async () => {
    await cluster.kubectl('create', 'configmap', 'settings', '--from-literal=colour=green')
    await apply(manifest('hello'))
    const pod = await theOne()
    const { status } = JSON.parse(await cluster.kubectl('get', 'node', node, '-o', 'json')) as Node
    assert.match(status.nodeInfo?.containerRuntimeVersion ?? '', /^processes:\/\/(runc|crun)-\d/)
    assert.equal(pod.spec.nodeName, node)
    assert.equal(await cluster.kubectl('logs', pod.metadata.name), `hello from ${node} as 1, green\n`)
    const exec = await cluster.tryKubectl(['exec', pod.metadata.name, '--', 'sh', '-c', `cat ${MADE}/settings/colour; echo oops >&2; exit 3`])
    assert.deepEqual([exec.code, exec.stdout], [3, 'green'])
    assert.match(exec.stderr, /^oops$/m)
    const piped = await cluster.tryKubectl(['exec', '-i', pod.metadata.name, '--', 'tr', 'a-z', 'A-Z'], { input: 'through and through\n' })
    assert.deepEqual([piped.code, piped.stdout], [0, 'THROUGH AND THROUGH\n'])
    const groups = await cluster.kubectl('exec', pod.metadata.name, '--', 'cat', '/proc/self/cgroup')
    const group = /:(?:memory)?:(\/everynode-\S+)$/m.exec(groups)?.[1] ?? ''
    assert.ok(group.includes(`pod${pod.metadata.uid}`), groups)
    const [limit] = ['/sys/fs/cgroup/memory', '/sys/fs/cgroup'].flatMap(root => {
      const file = ['memory.limit_in_bytes', 'memory.max'].map(name => join(root, group, name)).find(existsSync)
      return file ? [readFileSync(file, 'utf8').trim()] : []
    })
    assert.equal(limit, String(32 * 1024 * 1024))
  })

  it('a process beyond its memory is killed and says so', async () => {
    await apply(manifest('greedy', { command: ['sh', '-c', 'x=a; while :; do x=$x$x; done'] }))
    await eventually(
      async () => JSON.stringify((await pods()).map(p => p.status.containerStatuses?.[0])),
      text => text.includes('"reason":"OOMKilled"'),
    )
  })

  it('an agent that starts again finds the process, and takes no pod out of Ready', async () => {
    await apply(manifest('steady'))
    const pod = await theOne(p => p.spec.containers[0]!.command!.join(' ').includes('steady'))
    const root = realpathSync(cluster.dataDir)
    const isAgent = (pid: number) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('\0agent\0')
    const [agent] = (await processesOf(root, cgroupOf(idOf(root)))).filter(isAgent)
    process.kill(agent!, 'SIGKILL')
    await eventually(
      async () => (await processesOf(root, cgroupOf(idOf(root)))).filter(isAgent),
      found => found.length === 1 && found[0] !== agent,
    )
    await eventually(
      () => cluster.tryKubectl(['exec', pod.metadata.name, '--', 'true']),
      ({ code }) => code === 0,
    )
    const after = await theOne()
    assert.deepEqual(after.status.containerStatuses, pod.status.containerStatuses)
    assert.deepEqual(
      after.status.conditions?.map(c => [c.type, c.status, c.lastTransitionTime]),
      pod.status.conditions?.map(c => [c.type, c.status, c.lastTransitionTime]),
    )
  })

  it('an update replaces the process, and deletion leaves none', async () => {
    const before = await theOne()
    await apply(manifest('again'))
    const now = await theOne(p => p.metadata.uid !== before.metadata.uid)
    assert.match(await cluster.kubectl('logs', now.metadata.name), /^again from /)
    assert.deepEqual(await processesMarked(`EVERYNODE_CONTAINER=${idOfContainer(before)}`), [])
    await cluster.kubectl('delete', 'ds', 'guard')
    await eventually(pods, left => left.length === 0)
    assert.deepEqual(await processesMarked(`EVERYNODE_CONTAINER=${idOfContainer(now)}`), [])
    assert.equal(existsSync(MADE), false)
  })

  it('what a process cannot have is said in its status, and more than one node is refused', async () => {
    await apply(daemonSet({ name: 'guard', image: 'not-used:1' }))
    const [pod] = await eventually(pods, ([p]) => p?.status.containerStatuses?.[0]?.state?.waiting?.reason === 'CreateContainerConfigError')
    assert.match(pod?.status.containerStatuses?.[0]?.state?.waiting?.message ?? '', /has no command: the processes runtime does not use the image/)
    const words = ['--disable-warning=ExperimentalWarning', join(ROOT, 'src/main/cli.ts'), 'up', '--runtime', 'processes', '--nodes', '2']
    const { code, stderr } = await run(process.execPath, words)
    assert.deepEqual([code, stderr.includes('--nodes 2 with --runtime processes: the processes of a host are one node')], [2, true])
  })
})
