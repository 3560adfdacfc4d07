/** `kubectl top`: what nodes and pods use, on simulated nodes and on a real one. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { missing } from '../../tools/testing/programs.ts'
import { busyboxImage } from '../support/busybox-image.ts'
import { type Cluster, eventually, startCluster } from '../support/cluster.ts'
import { noContainers } from '../support/engine.ts'
import { daemonSet } from '../support/manifests.ts'

const containers = noContainers() || missing('kubectl')

async function rollOut(cluster: Cluster, manifest: string, name: string): Promise<void> {
  const { code, stderr } = await cluster.tryKubectl(['apply', '-f', '-'], { input: manifest })
  assert.equal(code, 0, stderr)
  await cluster.kubectl('rollout', 'status', `ds/${name}`, '--timeout=40s')
}

const rows = (text: string): string[][] =>
  text
    .trim()
    .split('\n')
    .map(line => line.trim().split(/\s+/))

test('kubectl top on simulated nodes: nothing runs, nothing is used, and the measurement says so', { skip: missing('kubectl') }, async () => {
  const cluster = await startCluster(['--nodes', '0', '--simulated', '3'])
  try {
    await rollOut(cluster, daemonSet({ name: 'idle' }), 'idle')
    const top = (...words: string[]) => cluster.kubectl('top', ...words, '--no-headers')
    assert.deepEqual(
      rows(await top('nodes')),
      ['sim-1', 'sim-2', 'sim-3'].map(name => [name, '0m', '0%', '0Mi', '0%']),
    )
    assert.deepEqual(rows(await top('node', 'sim-2')), [['sim-2', '0m', '0%', '0Mi', '0%']])
    assert.deepEqual(
      rows(await top('pods', '-l', 'app=idle')).map(([name, ...usage]) => [name!.slice(0, 5), ...usage]),
      Array.from({ length: 3 }, () => ['idle-', '0m', '0Mi']),
    )
    assert.equal(rows(await top('pods', '-A', '--containers')).length, 3)
    assert.equal(rows(await top('pods', '--field-selector', 'spec.nodeName=sim-1')).length, 1)
    const none = await cluster.tryKubectl(['top', 'pods', '-l', 'app=other'])
    assert.match(none.stderr, /No resources found in default namespace/)
    assert.equal(
      await cluster
        .kubectl('get', '--raw', '/apis/metrics.k8s.io/v1beta1/nodes/sim-1')
        .then(text => JSON.parse(text).metadata.annotations['everynode.dev/simulated']),
      'true',
    )
    assert.match((await cluster.tryKubectl(['top', 'node', 'sim-9'])).stderr, /NotFound/)
    assert.match(await cluster.kubectl('api-resources', '--api-group', 'metrics.k8s.io'), /nodes .*NodeMetrics\n.*pods .*PodMetrics/)
    assert.match(await cluster.kubectl('get', '--raw', '/api/v1/nodes/sim-1'), /"kind":"Node"/)
    assert.match(await cluster.kubectl('get', 'nodes'), /sim-1 +Ready/)
    const viewer = ['--as', 'eve', '--namespace', 'default']
    assert.match((await cluster.tryKubectl(['top', 'pods', ...viewer])).stderr, /pods\.metrics\.k8s\.io is forbidden: User "eve" cannot list/)
    await cluster.kubectl('create', 'rolebinding', 'eve', '--clusterrole', 'view', '--user', 'eve')
    assert.equal(rows(await top('pods', ...viewer)).length, 3)
  } finally {
    await cluster.stop()
  }
})

test('kubectl top on a real node tells a busy container from one that sleeps', { skip: containers }, async () => {
  const directory = mkdtempSync(join(tmpdir(), 'en-'))
  const images = join(directory, 'images.tar')
  writeFileSync(images, busyboxImage(['example.org/box:1'], { cmd: ['sleep', '1000'] }))
  const cluster = await startCluster(['--nodes', '1', '--images', images], { dataDir: join(directory, 'data') })
  try {
    const image = 'example.org/box:1'
    const busy = { name: 'busy', image, command: ['sh', '-c', 'while true; do :; done'] }
    const idle = { name: 'idle', image, command: ['sleep', '1000'] }
    await rollOut(cluster, daemonSet({ name: 'mixed', pod: { containers: [busy, idle] } }), 'mixed')
    const { stdout } = await eventually(
      () => cluster.tryKubectl(['top', 'pods', '--containers', '--no-headers']),
      ({ stdout }) => rows(stdout).length === 2,
      20_000,
    )
    const usage = new Map(rows(stdout).map(([, container, cpu, memory]) => [container, [Number.parseInt(cpu!, 10), memory]]))
    assert.ok(Number(usage.get('busy')?.[0]) > 100, `busy: ${usage.get('busy')}`)
    assert.ok(Number(usage.get('idle')?.[0]) < 50, `idle: ${usage.get('idle')}`)
    const [[node = '', cpu = '', , memory = ''] = []] = rows(await cluster.kubectl('top', 'nodes', '--no-headers'))
    assert.equal(node, 'node-1')
    assert.ok(Number.parseInt(cpu, 10) > 100, `node-1: ${cpu}`)
    const text = await cluster.kubectl('get', '--raw', '/metrics/resource')
    assert.match(text, /^node_cpu_usage_seconds_total\{node="node-1"\} [\d.]+$/m)
    assert.match(text, /^container_memory_working_set_bytes\{container="idle",namespace="default",node="node-1",pod="mixed-\w+"\} \d+$/m)
    assert.match(memory, /^[1-9]\d*Mi$/)
  } finally {
    await cluster.stop()
    rmSync(directory, { recursive: true, force: true })
  }
})
