/** The rows of what the articles promise that simulated nodes can show, each with a real kubectl. */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { missing } from '../../tools/testing/programs.ts'
import { type Cluster, eventually, mustRun, ROOT, startCluster } from '../support/cluster.ts'
import { daemonSet, edited, nodeAffinity } from '../support/manifests.ts'

const skip = missing('kubectl')
let cluster: Cluster
const agents: { readonly process: ChildProcess; readonly directory: string }[] = []

before(async () => {
  if (skip) return
  cluster = await startCluster(['--nodes', '0', '--simulated', '3'])
})
after(async () => {
  for (const { process, directory } of agents) {
    process.kill('SIGKILL')
    rmSync(directory, { recursive: true, force: true })
  }
  await cluster?.stop()
})

const kubectl = (...words: readonly string[]) => cluster.kubectl(...words)
const apply = async (manifest: string) => {
  const { code, stderr } = await cluster.tryKubectl(['apply', '-f', '-'], { input: manifest })
  assert.equal(code, 0, stderr)
}
const refused = async (manifest: string, ...flags: string[]) => {
  const { code, stderr } = await cluster.tryKubectl(['apply', ...flags, '-f', '-'], { input: manifest })
  assert.notEqual(code, 0, 'it was accepted')
  return stderr
}
/** Pods of a set as `node revision-label phase`, in order of node. */
const podsOf = async (app: string): Promise<string[]> => {
  const out = await kubectl('get', 'pods', '-l', `app=${app}`, '-o', 'jsonpath={range .items[*]}{.spec.nodeName} {.status.phase}{"\\n"}{end}')
  return out.split('\n').filter(Boolean).sort()
}
const ready = (app: string, nodes: readonly string[], timeout = 20_000) =>
  eventually(
    () => podsOf(app),
    lines => JSON.stringify(lines) === JSON.stringify(nodes.map(node => `${node} Running`).sort()),
    timeout,
  )
const remove = (name: string) => kubectl('delete', 'ds', name, '--timeout=30s')
const json = async (...words: readonly string[]) => JSON.parse(await kubectl('get', ...words, '-o', 'json'))

/** A simulated agent as a process of its own, joined with a fresh token. */
async function startAgent(name: string, ...flags: readonly string[]): Promise<ChildProcess> {
  const cli = ['--disable-warning=ExperimentalWarning', join(ROOT, 'src/main/cli.ts')]
  const { token, server, caHash } = JSON.parse(
    await mustRun(process.execPath, [...cli, 'token', 'create', '--kubeconfig', cluster.kubeconfig, '-o', 'json']),
  ) as {
    token: string
    server: string
    caHash: string
  }
  const directory = mkdtempSync(join(tmpdir(), 'everynode-agent-'))
  const words = [
    'agent',
    '--server',
    server,
    '--token',
    token,
    '--ca-hash',
    caHash,
    '--runtime',
    'simulated',
    '--node-name',
    name,
    '--data-dir',
    directory,
    ...flags,
  ]
  const child = spawn(process.execPath, [...cli, ...words], { stdio: ['ignore', 'pipe', 'inherit'] })
  agents.push({ process: child, directory })
  await new Promise<void>((done, fail) => {
    child.stdout.on('data', (text: Buffer) => text.toString().includes('is registered') && done())
    child.once('close', code => fail(new Error(`the agent ended with ${code}`)))
  })
  return child
}

test('promise 1 and 23: a node that joins gets its daemon, one that leaves loses it; pods are SET-xxxxx, nodes may be addresses', { skip }, async () => {
  await apply(daemonSet({ name: 'one' }))
  await ready('one', ['sim-1', 'sim-2', 'sim-3'])
  const agent = await startAgent('10.0.10.5')
  await ready('one', ['10.0.10.5', 'sim-1', 'sim-2', 'sim-3'])
  const names = (await kubectl('get', 'pods', '-l', 'app=one', '-o', 'name')).trim().split('\n')
  for (const name of names) assert.match(name, /^pod\/one-[bcdfghjklmnpqrstvwxz2456789]{5}$/)
  agent.kill('SIGINT')
  await kubectl('delete', 'node', '10.0.10.5')
  // Pods of a node that is gone are collected by the next sweep after a quarantine, as upstream does it.
  await ready('one', ['sim-1', 'sim-2', 'sim-3'], 90_000)
  assert.equal((await json('ds', 'one')).status.desiredNumberScheduled, 3)
  await remove('one')
})

test('promise 3, 5 and 6: selectors and affinity place the pods, alone or both; labels changed move them; two sets for two kinds of hardware', {
  skip,
}, async () => {
  await kubectl('label', 'node', 'sim-1', 'disk=ssd', 'cores=4', 'zone=eu')
  await kubectl('label', 'node', 'sim-2', 'disk=hdd', 'cores=16', 'zone=eu')
  const cases: [object, string[]][] = [
    [{ nodeSelector: { disk: 'ssd' } }, ['sim-1']],
    [nodeAffinity('disk', 'In', 'ssd', 'hdd'), ['sim-1', 'sim-2']],
    [nodeAffinity('disk', 'NotIn', 'ssd'), ['sim-2', 'sim-3']],
    [nodeAffinity('disk', 'Exists'), ['sim-1', 'sim-2']],
    [nodeAffinity('disk', 'DoesNotExist'), ['sim-3']],
    [nodeAffinity('cores', 'Gt', '4'), ['sim-2']],
    [nodeAffinity('cores', 'Lt', '16'), ['sim-1']],
    [{ nodeSelector: { zone: 'eu' }, ...nodeAffinity('cores', 'Gt', '4') }, ['sim-2']],
    [{}, ['sim-1', 'sim-2', 'sim-3']],
  ]
  for (const [index, [pod, nodes]] of cases.entries()) {
    await apply(daemonSet({ name: `place-${index}`, pod }))
    await ready(`place-${index}`, nodes)
  }
  await kubectl('label', 'node', 'sim-2', 'disk=ssd', '--overwrite')
  await ready('place-0', ['sim-1', 'sim-2'])
  await kubectl('label', 'node', 'sim-1', 'sim-2', 'disk-', 'cores-', 'zone-')
  await ready('place-0', [])
  await kubectl('delete', 'ds', '--all', '--timeout=30s')
})

test('promise 7: what must be given, and what may not change, is refused by the name of its field', { skip }, async () => {
  const set = (path: string, value?: unknown): string => edited(daemonSet({ name: 'seven' }), path, value)
  const cases: [string, RegExp][] = [
    [set('metadata.name', 'Seven_7'), /metadata\.name: Invalid value: "Seven_7"/],
    [set('spec.template.spec.restartPolicy', 'OnFailure'), /spec\.template\.spec\.restartPolicy: Unsupported value: "OnFailure": supported values: "Always"/],
    [set('spec.selector.matchLabels', { app: 'other' }), /spec\.template\.metadata\.labels: Invalid value/],
    [set('spec.selector'), /spec\.template\.metadata\.labels: Invalid value: .*`selector` does not match template `labels`/],
    [set('spec.template.spec.containers'), /spec\.template\.spec\.containers: Required value/],
    [set('spec.updateStrategy', { type: 'Sometimes' }), /spec\.updateStrategy\.type: Unsupported value|spec\.updateStrategy: /],
    [set('spec.replicas', 3), /unknown field "spec\.replicas"/],
  ]
  for (const [manifest, message] of cases) assert.match(await refused(manifest), message)
  await apply(set('spec.selector', { matchLabels: { app: 'seven' }, matchExpressions: [{ key: 'app', operator: 'In', values: ['seven', 'x'] }] }))
  assert.match(await refused(set('spec.selector.matchLabels', { app: 'seven', more: 'x' })), /spec\.selector: Invalid value: .*field is immutable/)
  await remove('seven')
})

test('promise 8: the pod names its node by affinity, keeps its nodeSelector, and another scheduler is left to do its work', { skip }, async () => {
  await kubectl('label', 'node', 'sim-3', 'kind=x')
  await apply(daemonSet({ name: 'eight', pod: { nodeSelector: { kind: 'x' }, schedulerName: 'default-scheduler' } }))
  await ready('eight', ['sim-3'])
  const [pod] = (await json('pods', '-l', 'app=eight')).items
  assert.deepEqual(pod.spec.affinity, {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['sim-3'] }] }],
      },
    },
  })
  assert.deepEqual(pod.spec.nodeSelector, { kind: 'x' })
  await apply(daemonSet({ name: 'eight-other', pod: { schedulerName: 'mine' } }))
  await eventually(
    () => podsOf('eight-other'),
    lines => lines.length === 3,
  )
  assert.deepEqual(await podsOf('eight-other'), [' Pending', ' Pending', ' Pending'])
  await kubectl('label', 'node', 'sim-3', 'kind-')
  await kubectl('delete', 'ds', '--all', '--timeout=30s')
})

test('promise 10: daemons carry the automatic tolerations beside their own, and a cordoned node gets its pod', { skip }, async () => {
  await kubectl('cordon', 'sim-2')
  await apply(daemonSet({ name: 'ten', pod: { tolerations: [{ key: 'own', operator: 'Exists', effect: 'NoSchedule' }] } }))
  await ready('ten', ['sim-1', 'sim-2', 'sim-3'])
  const [pod] = (await json('pods', '-l', 'app=ten')).items
  const shown = (pod.spec.tolerations as { key: string; operator: string; effect: string }[]).map(t => `${t.key} ${t.operator} ${t.effect}`)
  assert.deepEqual(shown.sort(), [
    'node.kubernetes.io/disk-pressure Exists NoSchedule',
    'node.kubernetes.io/memory-pressure Exists NoSchedule',
    'node.kubernetes.io/not-ready Exists NoExecute',
    'node.kubernetes.io/pid-pressure Exists NoSchedule',
    'node.kubernetes.io/unreachable Exists NoExecute',
    'node.kubernetes.io/unschedulable Exists NoSchedule',
    'own Exists NoSchedule',
  ])
  await kubectl('uncordon', 'sim-2')
  await remove('ten')
})

test('promise 18: a pod deleted by hand, or said to have failed, is replaced', { skip }, async () => {
  await apply(daemonSet({ name: 'eighteen' }))
  await ready('eighteen', ['sim-1', 'sim-2', 'sim-3'])
  const uids = async () => (await json('pods', '-l', 'app=eighteen')).items.map((p: { metadata: { uid: string } }) => p.metadata.uid) as string[]
  const first = await uids()
  await kubectl('delete', 'pods', '-l', 'app=eighteen')
  await ready('eighteen', ['sim-1', 'sim-2', 'sim-3'])
  const second = await uids()
  assert.equal(second.filter(uid => first.includes(uid)).length, 0)
  const victim = (await json('pods', '-l', 'app=eighteen')).items[0].metadata.name as string
  await kubectl('patch', 'pod', victim, '--subresource=status', '--type=merge', '-p', '{"status":{"phase":"Failed","reason":"Evicted"}}')
  await eventually(uids, now => now.length === 3 && now.filter(uid => !second.includes(uid)).length === 1)
  await ready('eighteen', ['sim-1', 'sim-2', 'sim-3'])
  await remove('eighteen')
})

test('promise 20: deleting cleans up; orphaned pods stay and a new set of the same selector takes them over', { skip }, async () => {
  await apply(daemonSet({ name: 'twenty' }))
  await ready('twenty', ['sim-1', 'sim-2', 'sim-3'])
  const uids = async () => (await json('pods', '-l', 'app=twenty')).items.map((p: { metadata: { uid: string } }) => p.metadata.uid).sort() as string[]
  const before = await uids()
  await kubectl('delete', 'ds', 'twenty', '--cascade=orphan')
  assert.deepEqual(await uids(), before)
  await apply(daemonSet({ name: 'twenty' }))
  await eventually(
    async () => (await json('ds', 'twenty')).status.currentNumberScheduled,
    n => n === 3,
  )
  await kubectl('rollout', 'status', 'ds/twenty', '--timeout=20s')
  assert.deepEqual(await uids(), before, 'the same template: nothing is restarted')
  await remove('twenty')
  await eventually(
    () => podsOf('twenty'),
    lines => lines.length === 0,
  )
})

test('promise 21: a set rolls by set image, edit and patch, waits with OnDelete, and goes back by its history', { skip }, async () => {
  await apply(daemonSet({ name: 'roll', image: 'example.org/agent:1' }))
  await ready('roll', ['sim-1', 'sim-2', 'sim-3'])
  const images = async () => (await kubectl('get', 'pods', '-l', 'app=roll', '-o', 'jsonpath={.items[*].spec.containers[0].image}')).split(' ').sort()
  await kubectl('set', 'image', 'ds/roll', 'main=example.org/agent:2')
  await kubectl('rollout', 'status', 'ds/roll', '--timeout=30s')
  assert.deepEqual(await images(), ['example.org/agent:2', 'example.org/agent:2', 'example.org/agent:2'])
  const { code, stderr } = await cluster.tryKubectl(['edit', 'ds', 'roll'], { env: { KUBE_EDITOR: 'sed -i s/agent:2/agent:3/' } })
  assert.equal(code, 0, stderr)
  await kubectl('rollout', 'status', 'ds/roll', '--timeout=30s')
  await kubectl(
    'patch',
    'ds',
    'roll',
    '-p',
    '{"spec":{"updateStrategy":{"type":"OnDelete","rollingUpdate":null},"template":{"spec":{"containers":[{"name":"main","image":"example.org/agent:4"}]}}}}',
  )
  await eventually(
    async () => (await json('ds', 'roll')).status.updatedNumberScheduled ?? 0,
    n => n === 0,
  )
  assert.deepEqual([...new Set(await images())], ['example.org/agent:3'])
  const pod = (await json('pods', '-l', 'app=roll')).items[0].metadata.name as string
  await kubectl('delete', 'pod', pod)
  await ready('roll', ['sim-1', 'sim-2', 'sim-3'])
  assert.deepEqual(await images(), ['example.org/agent:3', 'example.org/agent:3', 'example.org/agent:4'])
  await kubectl('patch', 'ds', 'roll', '-p', '{"spec":{"updateStrategy":{"type":"RollingUpdate"}}}')
  await kubectl('rollout', 'status', 'ds/roll', '--timeout=30s')
  assert.deepEqual((await kubectl('rollout', 'history', 'ds/roll')).match(/^\d+/gm), ['1', '2', '3', '4'])
  await kubectl('rollout', 'undo', 'ds/roll', '--to-revision=2')
  await kubectl('rollout', 'status', 'ds/roll', '--timeout=30s')
  assert.deepEqual([...new Set(await images())], ['example.org/agent:2'])
  assert.deepEqual((await kubectl('rollout', 'history', 'ds/roll')).match(/^\d+/gm), ['1', '3', '4', '5'])
  await kubectl('rollout', 'restart', 'ds/roll')
  await kubectl('rollout', 'status', 'ds/roll', '--timeout=30s')
  await remove('roll')
})

test('promise 22: an extensions/v1beta1 set gets its selector from the labels and keeps old pods until they are deleted', { skip }, async () => {
  const old = {
    apiVersion: 'extensions/v1beta1',
    kind: 'DaemonSet',
    metadata: { name: 'old-api' },
    spec: {
      template: {
        metadata: { labels: { app: 'old-api' } },
        spec: { containers: [{ name: 'main', image: 'example.org/agent:1' }], terminationGracePeriodSeconds: 1 },
      },
    },
  }
  const { code, stderr } = await cluster.tryKubectl(['apply', '-f', '-'], { input: JSON.stringify(old) })
  assert.equal(code, 0, stderr)
  assert.match(stderr, /Warning: .*extensions\/v1beta1.*deprecated/)
  await ready('old-api', ['sim-1', 'sim-2', 'sim-3'])
  const stored = await json('ds', 'old-api')
  assert.deepEqual(
    [stored.apiVersion, stored.spec.updateStrategy, stored.spec.selector],
    ['apps/v1', { type: 'OnDelete' }, { matchLabels: { app: 'old-api' } }],
  )
  await kubectl('set', 'image', 'ds/old-api', 'main=example.org/agent:2')
  await eventually(
    async () => (await json('ds', 'old-api')).status.observedGeneration,
    n => n === 2,
  )
  assert.equal(
    await kubectl('get', 'pods', '-l', 'app=old-api', '-o', 'jsonpath={.items[*].spec.containers[0].image}'),
    Array(3).fill('example.org/agent:1').join(' '),
  )
  await remove('old-api')
})

test('promise 26: bare pods are bound by nodeName or scheduled, and stay deleted', { skip }, async () => {
  await kubectl('run', 'load-generator', '--image=example.org/load:1', '--grace-period=1')
  await apply(
    JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'pinned' }, spec: { nodeName: 'sim-2', containers: [{ name: 'c', image: 'x' }] } }),
  )
  await kubectl('wait', '--for=condition=Ready', 'pod/load-generator', 'pod/pinned', '--timeout=20s')
  assert.equal((await json('pod', 'pinned')).spec.nodeName, 'sim-2')
  await kubectl('delete', 'pod', 'load-generator', 'pinned', '--timeout=40s')
  assert.match((await cluster.tryKubectl(['get', 'pod', 'load-generator'])).stderr, /pods "load-generator" not found/)
})
