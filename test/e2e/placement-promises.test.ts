/** What the articles promise about full nodes, Services, and the alternatives to a DaemonSet; each with a real kubectl. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { missing } from '../../tools/testing/programs.ts'
import { type Cluster, eventually, startCluster } from '../support/cluster.ts'

const skip = missing('kubectl')
let cluster: Cluster

before(async () => {
  if (!skip) cluster = await startCluster(['--nodes', '0', '--simulated', '3'])
})
after(async () => {
  await cluster?.stop()
})

const kubectl = (...words: readonly string[]) => cluster.kubectl(...words)
const apply = async (...objects: readonly object[]) => {
  const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects })
  const { code, stderr } = await cluster.tryKubectl(['apply', '-f', '-'], { input })
  assert.equal(code, 0, stderr)
}
const json = async (...words: readonly string[]) => JSON.parse(await kubectl('get', ...words, '-o', 'json'))
interface PodJson {
  readonly metadata: { readonly name: string; readonly deletionGracePeriodSeconds?: number }
  readonly spec: { readonly nodeName?: string }
  readonly status: {
    readonly phase: string
    readonly podIP: string
    readonly conditions?: readonly { type: string; status: string; reason?: string; message?: string }[]
  }
}
const pods = async (app: string): Promise<readonly PodJson[]> => (await json('pods', '-l', `app=${app}`)).items
const running = async (app: string) => (await pods(app)).filter(({ status }) => status.phase === 'Running').map(({ spec }) => spec.nodeName ?? '')

interface Words {
  readonly name: string
  readonly kind?: string
  readonly cpu?: string
  readonly spec?: object
  readonly podSpec?: object
  readonly annotations?: object
}
const workload = ({ name, kind = 'DaemonSet', cpu, spec, podSpec, annotations }: Words) => ({
  apiVersion: 'apps/v1',
  kind,
  metadata: { name, ...(annotations && { annotations }) },
  spec: {
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: {
        containers: [{ name: 'main', image: 'busybox', ports: [{ name: 'http', containerPort: 8080 }], ...(cpu && { resources: { requests: { cpu } } }) }],
        ...podSpec,
      },
    },
    ...spec,
  },
})

test('promise 9: a daemon that does not fit sends pods of lower priority away, and they get their grace', { skip }, async () => {
  const cpus = Number((await json('node', 'sim-1')).status.allocatable.cpu)
  await apply(
    { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name: 'daemons' }, value: 1000 },
    workload({ name: 'filler', kind: 'Deployment', cpu: String(cpus - 1), spec: { replicas: 3 }, podSpec: { terminationGracePeriodSeconds: 7 } }),
  )
  await eventually(
    () => running('filler'),
    nodes => nodes.length === 3,
  )
  await apply(workload({ name: 'plain', cpu: '2' }))
  const waiting = await eventually(
    () => pods('plain'),
    all => all.length === 3 && all.every(({ status }) => status.conditions?.some(({ reason }) => reason === 'Unschedulable')),
  )
  const message = waiting[0]?.status.conditions?.find(({ type }) => type === 'PodScheduled')?.message
  assert.equal(
    message,
    "0/3 nodes are available: 1 Insufficient cpu, 2 node(s) didn't satisfy plugin(s) [NodeAffinity]. preemption: 0/3 nodes are available: 1 No preemption victims found for incoming pod, 2 Preemption is not helpful for scheduling.",
  )
  await kubectl('delete', 'ds', 'plain')
  await apply(workload({ name: 'important', cpu: '2', podSpec: { priorityClassName: 'daemons' } }))
  await eventually(
    () => running('important'),
    nodes => nodes.length === 3,
  )
  const events = (await json('events')).items as readonly { reason: string; message: string; involvedObject: { name: string } }[]
  const preempted = events.filter(({ reason }) => reason === 'Preempted')
  assert.equal(preempted.length, 3)
  assert.ok(preempted.every(({ message }) => /^Preempted by pod default\/important-\w{5} on node sim-\d$/.test(message)))
  assert.equal((await pods('filler')).filter(({ spec }) => !spec.nodeName).length, 3, 'those that had to go wait for room')
  await kubectl('delete', 'deployment,ds', '--all')
})

test('promise 13: a headless Service has one address for each ready daemon', { skip }, async () => {
  await apply(workload({ name: 'log' }), {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'log' },
    spec: { clusterIP: 'None', selector: { app: 'log' }, ports: [{ name: 'http', port: 80, targetPort: 'http' }] },
  })
  await eventually(
    () => running('log'),
    nodes => nodes.length === 3,
  )
  const expected = (await pods('log')).map(({ spec, status }) => `${status.podIP}@${spec.nodeName}`).sort()
  type Subsets = readonly { addresses?: readonly { ip: string; nodeName: string }[]; ports: readonly object[] }[]
  const subsets = await eventually(
    async () => ((await json('endpoints', 'log')).subsets ?? []) as Subsets,
    found => found[0]?.addresses?.length === 3,
  )
  assert.deepEqual(subsets[0]?.addresses?.map(({ ip, nodeName }) => `${ip}@${nodeName}`).sort(), expected)
  assert.deepEqual(subsets[0]?.ports, [{ name: 'http', port: 8080, protocol: 'TCP' }])
  const slices = (await json('endpointslices', '-l', 'kubernetes.io/service-name=log')).items
  const told = slices.flatMap((slice: { endpoints: readonly { addresses: readonly string[]; nodeName: string; conditions: { ready: boolean } }[] }) =>
    slice.endpoints.filter(({ conditions }) => conditions.ready).map(({ addresses, nodeName }) => `${addresses[0]}@${nodeName}`),
  )
  assert.deepEqual(told.sort(), expected)
  await kubectl('label', 'node', 'sim-1', 'away=yes')
  await kubectl(
    'patch',
    'ds',
    'log',
    '--type=merge',
    '-p',
    JSON.stringify({
      spec: {
        template: {
          spec: {
            affinity: {
              nodeAffinity: {
                requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'away', operator: 'DoesNotExist' }] }] },
              },
            },
          },
        },
      },
    }),
  )
  await eventually(
    async () => ((await json('endpoints', 'log')).subsets ?? []) as Subsets,
    found => found[0]?.addresses?.length === 2,
  )
  await kubectl('delete', 'ds,svc', 'log')
  await eventually(
    () => cluster.tryKubectl(['get', 'endpoints', 'log']),
    ({ code }) => code !== 0,
  )
  await eventually(
    async () => (await json('endpointslices', '-l', 'kubernetes.io/service-name=log')).items,
    items => items.length === 0,
  )
})

test('promise 24: a Deployment whose pods keep apart puts one on each node and keeps the rest Pending, saying why', { skip }, async () => {
  const podAntiAffinity = {
    requiredDuringSchedulingIgnoredDuringExecution: [{ labelSelector: { matchLabels: { app: 'everywhere' } }, topologyKey: 'kubernetes.io/hostname' }],
  }
  await apply(workload({ name: 'everywhere', kind: 'Deployment', spec: { replicas: 4 }, podSpec: { affinity: { podAntiAffinity } } }))
  await eventually(
    () => running('everywhere'),
    nodes => nodes.length === 3,
  )
  assert.deepEqual((await running('everywhere')).sort(), ['sim-1', 'sim-2', 'sim-3'])
  const pending = await eventually(
    async () => (await pods('everywhere')).filter(({ spec, status }) => !spec.nodeName && status.conditions),
    all => all.length === 1,
  )
  assert.deepEqual(
    pending[0]?.status.conditions?.map(({ type, status, reason, message }) => ({ type, status, reason, message })),
    [
      {
        type: 'PodScheduled',
        status: 'False',
        reason: 'Unschedulable',
        message:
          "0/3 nodes are available: 3 node(s) didn't match pod anti-affinity rules. preemption: 0/3 nodes are available: 3 No preemption victims found for incoming pod.",
      },
    ],
  )
  await kubectl('delete', 'deployment', 'everywhere')
})

test('promise 25: the replicas of a Deployment follow the nodes that its annotation selects', { skip }, async () => {
  await kubectl('label', 'node', 'sim-1', 'role=edge')
  await apply(workload({ name: 'follower', kind: 'Deployment', annotations: { 'everynode.dev/replicas-follow-nodes': 'role=edge' } }))
  const replicas = async () => (await json('deployment', 'follower')).spec.replicas as number
  await eventually(replicas, count => count === 1)
  await kubectl('label', 'node', 'sim-2', 'sim-3', 'role=edge')
  await eventually(replicas, count => count === 3)
  await eventually(
    () => running('follower'),
    nodes => nodes.length === 3,
  )
  await kubectl('label', 'node', 'sim-3', 'role-')
  await eventually(replicas, count => count === 2)
  await eventually(
    () => running('follower'),
    nodes => nodes.length === 2,
  )
  await kubectl('delete', 'deployment', 'follower')
})

test('an eviction waits for its disruption budget, and drain goes on when the budget allows it', { skip }, async () => {
  await apply(workload({ name: 'guarded', kind: 'Deployment', spec: { replicas: 2 } }), {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'guarded' },
    spec: { minAvailable: 2, selector: { matchLabels: { app: 'guarded' } } },
  })
  await eventually(
    () => running('guarded'),
    nodes => nodes.length === 2,
  )
  await eventually(
    async () => (await json('pdb', 'guarded')).status,
    status => status.currentHealthy === 2 && status.disruptionsAllowed === 0,
  )
  const [node] = await running('guarded')
  const stuck = await cluster.tryKubectl(['drain', node!, '--ignore-daemonsets', '--timeout=3s'])
  assert.notEqual(stuck.code, 0)
  assert.match(stuck.stderr, /Cannot evict pod as it would violate the pod's disruption budget/)
  await kubectl('patch', 'pdb', 'guarded', '--type=merge', '-p', '{"spec":{"minAvailable":1}}')
  await kubectl('drain', node!, '--ignore-daemonsets', '--timeout=30s')
  await eventually(
    () => running('guarded'),
    nodes => nodes.length === 2 && !nodes.includes(node!),
  )
  await kubectl('uncordon', node!)
  await kubectl('delete', 'deployment,pdb', 'guarded')
})

test('a namespace goes with everything in it', { skip }, async () => {
  await kubectl('create', 'namespace', 'passing')
  await eventually(
    () => cluster.tryKubectl(['-n', 'passing', 'get', 'serviceaccount/default', 'configmap/kube-root-ca.crt']),
    ({ code }) => code === 0,
  )
  await kubectl('-n', 'passing', 'create', 'deployment', 'web', '--image=busybox', '--replicas=2')
  await kubectl('-n', 'passing', 'create', 'configmap', 'settings')
  await kubectl('delete', 'namespace', 'passing', '--timeout=30s')
  assert.deepEqual(
    (await json('pods', '-A')).items.filter(({ metadata }: { metadata: { namespace: string } }) => metadata.namespace === 'passing'),
    [],
  )
})
