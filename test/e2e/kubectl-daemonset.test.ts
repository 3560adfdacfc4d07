/** DAEMONSET.md 7.14, and what of 7.15 a real kubectl shows: unmodified kubectl against a started server with simulated nodes. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Cluster, eventually, startCluster } from '../support/cluster.ts'

let cluster: Cluster
before(async () => {
  cluster = await startCluster(['--nodes', '0', '--simulated', '2'])
})
after(() => cluster.stop())

const kubectl = (...words: readonly string[]) => cluster.kubectl(...words)
/** `kubectl … -f -` with a manifest. */
async function feed(manifest: string, ...words: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await cluster.tryKubectl([...words, '-f', '-'], { input: manifest })
  assert.equal(code, 0, stderr)
  return stdout
}
const field = (path: string, what = 'ds/bind') => kubectl('get', what, '-o', `jsonpath={${path}}`)
const images = () => field('.spec.template.spec.containers[*].image')

const manifest = (name: string, containers: readonly string[]) => `
apiVersion: apps/v1
kind: DaemonSet
metadata:
  name: ${name}
spec:
  selector:
    matchLabels: {service: ${name}}
  updateStrategy:
    type: RollingUpdate
    rollingUpdate: {maxUnavailable: 10%}
  template:
    metadata:
      labels: {service: ${name}}
    spec:
      terminationGracePeriodSeconds: 0
      containers:
${containers.map((image, i) => `      - {name: c${i}, image: ${JSON.stringify(image)}}\n`).join('')}`

test('catalogue #422 #423 #424 #425 #426 #427 #428 #430: each change of the template is a generation, and nothing else is', async () => {
  assert.equal(await kubectl('get', 'daemonsets', '-o', 'name'), '')
  const generation = () => field('.metadata.generation')
  await feed(manifest('bind', ['registry.example/pause:2.0']), 'apply')
  assert.equal(await generation(), '1')
  await feed(manifest('bind', ['registry.example/pause:2.0']), 'apply')
  assert.equal(await generation(), '1')
  await kubectl('set', 'image', 'daemonset/bind', '*=registry.example/pause:test-cmd')
  assert.equal(await generation(), '2')
  await kubectl('set', 'env', 'daemonset/bind', 'foo=bar')
  assert.equal(await generation(), '3')
  await kubectl('set', 'resources', 'daemonset/bind', '--limits=cpu=200m,memory=512Mi')
  assert.equal(await generation(), '4')
  assert.match(await kubectl('get', 'ds/bind', '--show-managed-fields', '-o', 'jsonpath={.metadata.managedFields[*].manager}'), /kubectl-set/)
  await kubectl('rollout', 'restart', 'daemonset/bind')
  assert.equal(await generation(), '5')
  await kubectl('rollout', 'status', 'daemonset/bind', '--timeout=30s')
})

test('catalogue #429: describe reads pods and events in the chunks asked for', async () => {
  const { stdout, stderr } = await cluster.tryKubectl(['describe', 'daemonset/bind', '--chunk-size=1', '-v=6'])
  assert.match(stdout, /^Name:\s+bind$/m)
  assert.match(stdout, /^Pods Status:\s+2 Running/m)
  assert.match(stderr, /pods\?\S*limit=1\b/)
  assert.match(stderr, /events\?\S*limit=1\b/)
})

test('catalogue #460 #461: describe says what the set is, with its events or without', async () => {
  const described = await kubectl('describe', 'daemonset/bind')
  for (const line of [
    /^Selector:\s+service=bind$/m,
    /^Desired Number of Nodes Scheduled: 2$/m,
    /^ {2}Containers:$/m,
    /Image:\s+registry.example\/pause:test-cmd/,
    /^Events:$/m,
    /SuccessfulCreate/,
  ]) {
    assert.match(described, line)
  }
  assert.doesNotMatch(await kubectl('describe', 'daemonset/bind', '--show-events=false'), /^Events:/m)
})

test('catalogue #431 #432 #433 #434 #435 #436 #437 #438 #439 #440 #441 #442: history is told, and undone by number or by one', async () => {
  await kubectl('delete', 'daemonset/bind')
  const one = manifest('bind', ['registry.example/pause:2.0'])
  const two = manifest('bind', ['registry.example/pause:latest', 'registry.example/nettest:latest'])
  const rolled = (expected: string) => eventually(images, found => found === expected)
  await feed(one, 'apply', '--record')
  await eventually(
    () => kubectl('get', 'controllerrevisions', '-o', 'jsonpath={.items[*].metadata.annotations}'),
    text => /kubectl apply .*--record=true/.test(text),
  )
  await kubectl('rollout', 'undo', 'daemonset/bind', '--to-revision=1')
  assert.equal(await images(), 'registry.example/pause:2.0')

  await feed(two, 'apply', '--record')
  await rolled('registry.example/pause:latest registry.example/nettest:latest')
  const causes = await eventually(
    () => kubectl('get', 'controllerrevisions', '-o', 'jsonpath={.items[*].metadata.annotations.kubernetes\\.io/change-cause}'),
    text => text.match(/kubectl apply/g)?.length === 2,
  )
  assert.match(causes, /kubectl apply/)
  const history = () => kubectl('rollout', 'history', 'daemonset')
  const numbers = async () => [...(await history()).matchAll(/^(\d+)\s+kubectl apply/gm)].map(([, number]) => Number(number))
  assert.match(await history(), /^daemonset.apps\/bind \nREVISION {2}CHANGE-CAUSE\n/)
  assert.deepEqual(await numbers(), [1, 2])
  const first = await kubectl('rollout', 'history', 'daemonset', '--revision=1')
  assert.match(first, /^daemonset.apps\/bind with revision #1\nPod Template:/)
  assert.match(first, /Image:\s+registry.example\/pause:2.0/)
  const second = await kubectl('rollout', 'history', 'daemonset', '--revision=2')
  assert.match(second, /^daemonset.apps\/bind with revision #2\n[\s\S]*pause:latest[\s\S]*nettest:latest/)

  for (const dryRun of ['client', 'server']) await kubectl('rollout', 'undo', 'daemonset/bind', `--dry-run=${dryRun}`)
  await rolled('registry.example/pause:latest registry.example/nettest:latest')
  await kubectl('rollout', 'undo', 'daemonset/bind', '--to-revision=1')
  await rolled('registry.example/pause:2.0')
  await eventually(numbers, found => JSON.stringify(found) === '[2,3]')

  const beyond = await cluster.tryKubectl(['rollout', 'undo', 'daemonset/bind', '--to-revision=1000000'])
  assert.equal(beyond.code, 1)
  assert.match(beyond.stderr, /unable to find specified revision/)
  assert.equal(await images(), 'registry.example/pause:2.0')

  await kubectl('rollout', 'undo', 'daemonset/bind')
  await rolled('registry.example/pause:latest registry.example/nettest:latest')
  await eventually(numbers, found => JSON.stringify(found) === '[3,4]')
  assert.match(await kubectl('rollout', 'status', 'daemonset/bind', '--timeout=30s'), /daemon set "bind" successfully rolled out/)
})

test('catalogue #447 #489 #491: what kubectl cannot do with a DaemonSet it says', async () => {
  await feed(manifest('ondelete', ['registry.example/pause:1']).replace(/type: RollingUpdate\n.*\n/, 'type: OnDelete\n'), 'apply')
  for (const [words, said] of [
    [['rollout', 'status', 'ds/ondelete'], /rollout status is only available for RollingUpdate strategy type/],
    [['rollout', 'history', 'ds/bind', '--revision=-1'], /revision must be a positive integer: -1/],
    [['rollout', 'pause', 'ds/bind'], /daemonsets.apps "bind" pausing is not supported/],
    [['rollout', 'resume', 'ds/bind'], /daemonsets.apps "bind" resuming is not supported/],
  ] as const) {
    const { code, stderr } = await cluster.tryKubectl(words)
    assert.equal(code, 1)
    assert.match(stderr, said)
  }
  await kubectl('delete', 'ds/ondelete')
})

test('catalogue #512: get all shows a DaemonSet once, at apps/v1', async () => {
  const all = (await kubectl('get', 'all', '-o', 'name')).split('\n').filter(line => line.includes('daemonset'))
  assert.deepEqual(all, ['daemonset.apps/bind'])
})

test('catalogue #477 #481: drain leaves daemons where they are, when it is told to', async () => {
  const refused = await cluster.tryKubectl(['drain', 'sim-1', '--timeout=20s'])
  assert.equal(refused.code, 1)
  assert.match(refused.stderr, /cannot delete DaemonSet-managed Pods \(use --ignore-daemonsets to ignore\): default\/bind-/)
  const before = await kubectl('get', 'pods', '-o', 'name')
  const drained = await cluster.tryKubectl(['drain', 'sim-1', '--ignore-daemonsets', '--timeout=20s'])
  assert.equal(drained.code, 0, drained.stderr)
  assert.match(drained.stdout, /node\/sim-1 drained/)
  assert.equal(await kubectl('get', 'pods', '-o', 'name'), before)
  await kubectl('uncordon', 'sim-1')
})
