/** Real containers on three local nodes: host ports, host network, logs, restarts, daemons as API clients; and nothing is left. */
import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { leaksOf, sharedTraces } from '../../tools/leaks.ts'
import { findProgram, missing } from '../../tools/testing/programs.ts'
import { busyboxImage } from '../support/busybox-image.ts'
import { type Cluster, eventually, run, startCluster } from '../support/cluster.ts'
import { noContainers } from '../support/engine.ts'
import { daemonSet } from '../support/manifests.ts'
import { programImage } from '../support/program-image.ts'

const skip = noContainers() || missing('kubectl', 'curl')
const NODES = ['node-1', 'node-2', 'node-3']
const directory = skip ? '' : mkdtempSync(join(tmpdir(), 'en-'))
let cluster: Cluster
let traces: readonly string[] = []

before(async () => {
  if (skip) return
  traces = await sharedTraces()
  const images = join(directory, 'images.tar')
  writeFileSync(
    images,
    busyboxImage(['example.org/web:1', 'example.org/web:2'], {
      cmd: ['/bin/sh', '-c', 'mkdir -p /tmp/w; echo "$NODE_NAME" > /tmp/w/index.html; echo serving; exec httpd -f -p "$PORT" -h /tmp/w'],
    }),
  )
  const client = join(directory, 'client.tar')
  writeFileSync(client, programImage({ name: 'example.org/client:1', programs: { 'bin/kubectl': findProgram('kubectl')! } }))
  cluster = await startCluster(['--nodes', '3', '--images', images, '--images', client], { dataDir: join(directory, 'data') })
  await eventually(
    async () =>
      (
        await cluster.tryKubectl([
          'get',
          'nodes',
          '-o',
          'jsonpath={range .items[*]}{.metadata.name} {.status.conditions[?(@.type=="Ready")].status}{"\\n"}{end}',
        ])
      ).stdout.trim(),
    text => text === NODES.map(name => `${name} True`).join('\n'),
    30_000,
  )
})
after(async () => {
  if (skip) return
  await cluster?.stop({ keepData: true })
  const left = await leaksOf(join(directory, 'data'))
  const now = await sharedTraces()
  rmSync(directory, { recursive: true, force: true })
  assert.deepEqual(left, [])
  assert.deepEqual(
    now.filter(line => !traces.includes(line)),
    [],
  )
})

const kubectl = (...words: readonly string[]) => cluster.kubectl(...words)
const apply = async (manifest: string) => {
  const { code, stderr } = await cluster.tryKubectl(['apply', '-f', '-'], { input: manifest })
  assert.equal(code, 0, stderr)
}
const rolledOut = (name: string) => kubectl('rollout', 'status', `ds/${name}`, '--timeout=40s')
const json = async (...words: readonly string[]) => JSON.parse(await kubectl('get', ...words, '-o', 'json'))
const addresses = async (): Promise<string[]> =>
  (await kubectl('get', 'nodes', '-o', 'jsonpath={range .items[*]}{.status.addresses[?(@.type=="InternalIP")].address} {end}')).trim().split(' ')
const curl = async (url: string) => (await run('curl', ['-s', '-m', '5', url])).stdout.trim()
const nodeName = { name: 'NODE_NAME', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } }

test('promise 12: daemons with a host port, and on the host network, answer at the address of each node', { skip }, async () => {
  await apply(
    daemonSet({
      name: 'port',
      image: 'example.org/web:1',
      container: { env: [nodeName, { name: 'PORT', value: '80' }], ports: [{ containerPort: 80, hostPort: 80 }] },
    }),
  )
  await apply(
    daemonSet({ name: 'host', image: 'example.org/web:1', pod: { hostNetwork: true }, container: { env: [nodeName, { name: 'PORT', value: '8081' }] } }),
  )
  await rolledOut('port')
  await rolledOut('host')
  for (const port of ['80', '8081']) {
    const answers: string[] = []
    for (const address of await addresses())
      answers.push(
        await eventually(
          () => curl(`http://${address}:${port}/`),
          text => text !== '',
        ),
      )
    assert.deepEqual(answers, NODES, `port ${port}`)
  }
  assert.equal((await kubectl('logs', 'ds/port')).trim(), 'serving')
  await kubectl('delete', 'ds', 'port', 'host', '--timeout=60s')
})

test('promise 17: a daemon that is killed comes back in the same pod, and its earlier log can be read', { skip }, async () => {
  await apply(
    daemonSet({ name: 'dies', image: 'example.org/web:1', container: { env: [nodeName], command: ['sh', '-c', 'echo "round on $NODE_NAME"; sleep 1000000'] } }),
  )
  await rolledOut('dies')
  const [pod] = (await json('pods', '-l', 'app=dies')).items
  const id = (pod.status.containerStatuses[0].containerID as string).replace('containerd://', '')
  for (const pid of readdirSync('/proc').filter(name => /^\d+$/.test(name))) {
    const cgroup = await readFile(`/proc/${pid}/cgroup`, 'utf8').catch(() => '')
    if (cgroup.includes(id)) process.kill(Number(pid), 'SIGKILL')
  }
  const again = await eventually(
    async () => (await json('pod', pod.metadata.name)).status.containerStatuses[0],
    status => status.restartCount === 1 && status.state.running !== undefined,
    30_000,
  )
  assert.equal(again.lastState.terminated.exitCode, 137)
  assert.equal((await json('pod', pod.metadata.name)).metadata.uid, pod.metadata.uid)
  assert.match(await kubectl('logs', pod.metadata.name, '--previous'), /^round on node-\d$/m)
  await kubectl('delete', 'ds', 'dies', '--timeout=60s')
})

for (const [how, pod] of [
  ['its own network', {}],
  ['the host network', { hostNetwork: true }],
] as const) {
  test(`a daemon on ${how} reaches the API with nothing but the environment and the files it was given`, { skip }, async () => {
    const name = 'hostNetwork' in pod ? 'client-host' : 'client'
    await apply(
      daemonSet({
        name,
        image: 'example.org/client:1',
        pod: { ...pod, nodeSelector: { 'kubernetes.io/hostname': 'node-2' } },
        container: { command: ['sh', '-c', 'kubectl get --raw /version; sleep 1000000'] },
      }),
    )
    await rolledOut(name)
    const log = await eventually(
      () => kubectl('logs', `ds/${name}`),
      text => text.includes('gitVersion') || text.includes('rror'),
      20_000,
    )
    assert.match(log, /"gitVersion": ?"v1\.36/)
    await kubectl('delete', 'ds', name, '--timeout=60s')
  })
}

test('a rolling update replaces one container after the other and leaves every node with the new one', { skip }, async () => {
  await apply(
    daemonSet({
      name: 'rolls',
      image: 'example.org/web:1',
      container: { env: [nodeName, { name: 'PORT', value: '80' }], ports: [{ containerPort: 80, hostPort: 8082 }] },
    }),
  )
  await rolledOut('rolls')
  await kubectl('set', 'image', 'ds/rolls', 'main=example.org/web:2')
  await rolledOut('rolls')
  // The last of the old ones may be over and not yet gone.
  const pods = await eventually(
    async () => (await json('pods', '-l', 'app=rolls')).items as { spec: { nodeName: string; containers: { image: string }[] } }[],
    ({ length }) => length === NODES.length,
  )
  assert.deepEqual(
    pods.map(p => `${p.spec.nodeName} ${p.spec.containers[0]?.image}`).sort(),
    NODES.map(node => `${node} example.org/web:2`),
  )
  for (const [i, address] of (await addresses()).entries())
    assert.equal(
      await eventually(
        () => curl(`http://${address}:8082/`),
        text => text !== '',
      ),
      NODES[i],
    )
  await kubectl('delete', 'ds', 'rolls', '--timeout=60s')
})
