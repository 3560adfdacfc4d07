/** Every controller and agent under the default roles, in a life that makes each of them do all that it does. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Api } from '../../src/api/access.ts'
import { Deployments } from '../../src/api/kinds/apps/deployment.ts'
import { ReplicaSets } from '../../src/api/kinds/apps/replica-set.ts'
import { CertificateSigningRequests } from '../../src/api/kinds/certificates/certificate-signing-request.ts'
import { ConfigMaps } from '../../src/api/kinds/core/config-map.ts'
import { Namespaces } from '../../src/api/kinds/core/namespace.ts'
import { PersistentVolumes } from '../../src/api/kinds/core/persistent-volume.ts'
import { PersistentVolumeClaims } from '../../src/api/kinds/core/persistent-volume-claim.ts'
import { Pods } from '../../src/api/kinds/core/pod.ts'
import { Secrets } from '../../src/api/kinds/core/secret.ts'
import { Services } from '../../src/api/kinds/core/service.ts'
import { ServiceAccounts } from '../../src/api/kinds/core/service-account.ts'
import { PodDisruptionBudgets } from '../../src/api/kinds/policy/pod-disruption-budget.ts'
import { ClusterRoles } from '../../src/api/kinds/rbac/roles.ts'
import { PriorityClasses } from '../../src/api/kinds/scheduling/priority-class.ts'
import type { PolicyRule } from '../../src/api/types/rbac.ts'
import { runCertificateController } from '../../src/controllers/certificates/controller.ts'
import { runClusterRoleAggregationController } from '../../src/controllers/cluster-role-aggregation/controller.ts'
import type { Auditor } from '../../src/server/audit/auditor.ts'
import { DEFAULT_ROLES, type DefaultRole } from '../../src/server/authz/default-roles.ts'
import { uncovered } from '../../src/server/authz/rules.ts'
import type { Authorizer } from '../../src/server/registry/authorizer.ts'
import { Random } from './random.ts'
import { SimCluster } from './sim-cluster.ts'
import { take } from './steps.ts'
import { rulesOf, UPSTREAM } from './upstream-roles.ts'

/** Who asked for what: `USER VERB GROUP/RESOURCE`. */
const used = new Set<string>()
/** What was refused, by permission or by admission. */
const refused = new Set<string>()

const seen = (real: Authorizer): Authorizer => ({
  authorize(attributes) {
    const decision = real.authorize(attributes)
    if ('path' in attributes || decision instanceof Promise) return decision
    const { user, verb, group, resource, subresource } = attributes
    const what = `${user.name} ${verb} ${group}/${resource}${subresource ? `/${subresource}` : ''}`
    if (decision.allowed) used.add(what)
    return decision
  },
})
const auditor: Auditor = {
  begin({ caller, verb, at, subresource, name }) {
    return outcome => {
      const { reason, message = '' } = 'error' in outcome ? (outcome.error as { readonly reason?: string; readonly message?: string }) : {}
      // Whoever fills a namespace that is going is told so, whatever they may.
      if (reason === 'Forbidden' && !message.includes('being terminated'))
        refused.add(`${caller.user.name} ${verb} ${at?.group}/${at?.resource}${subresource ? `/${subresource}` : ''} ${name ?? ''}`)
    }
  },
}

async function life(): Promise<void> {
  const signed = { commonName: 'system:node:late', organizations: ['system:nodes'], keyHash: 'k', alternativeNames: false }
  const signer = {
    read: async (csr: string) => (csr.includes(Buffer.from('REQUEST').toString('base64')) ? signed : undefined),
    sign: async () => '-----BEGIN CERTIFICATE-----\n',
  }
  const cluster = await SimCluster.start(new Random(1), undefined, {
    permissions: { seen, auditor },
    housekeeping: true,
    more: {
      'certificate-controller': options => runCertificateController({ ...options, signer }),
      'clusterrole-aggregation-controller': runClusterRoleAggregationController,
    },
  })
  const { time } = cluster
  const steps = async (...lines: readonly string[]) => {
    for (const line of lines) {
      await take(cluster, line)
      await time.pass(15_000)
    }
  }
  try {
    for (const name of ['n0', 'n1', 'n2']) cluster.startAgent(name)
    cluster.startAgents(['s0', 's1'])
    await time.pass(60_000)
    await daemons(steps)
    await deployments(cluster)
    await networks(cluster)
    await steps('die n2', 'time 600', 'remove n2', 'time 120')
    await preemption(cluster)
    await certificates(cluster)
    await volumes(cluster)
    await namespaces(cluster)
    // Events end after an hour, signing requests too.
    await time.pass(3_700_000)
  } finally {
    await cluster.close()
  }
}

/** Rolled, undone, adopted, orphaned, with a history that somebody meddled with. */
async function daemons(steps: (...lines: readonly string[]) => Promise<void>): Promise<void> {
  await steps('apply s0 u1 0', 'time 60', 'image s0 1', 'time 120', 'image s0 2', 'time 120', 'image s0 3', 'time 120', 'image s0 4', 'time 120', 'undo s0')
  await steps(
    'revision s0 unlabel 0',
    'revision s0 copy 1',
    'revision s0 drop 2',
    'fail 0',
    'kill 1',
    'stray s0 pinned n1',
    'taint n1 a:NoExecute',
    'untaint n1',
  )
  await steps(
    'delete s0 Orphan',
    'time 60',
    'apply s0 u1 9',
    'time 120',
    'crash',
    'refuse 1',
    'image s0 10',
    'lose 1',
    'time 60',
    'delete s0 Foreground',
    'time 60',
  )
  await steps('apply s1 s1 0', 'time 60', 'image s1 1', 'time 90', 'stray s1 bound n1', 'time 30')
}

const template = (app: string, image = '0') => ({ metadata: { labels: { app } }, spec: { containers: [{ name: 'c', image }] } })

async function deployments({ api, time }: SimCluster): Promise<void> {
  const at = { kind: Deployments, namespace: 'default', name: 'web' }
  const spec = { replicas: 2, revisionHistoryLimit: 1, selector: { matchLabels: { app: 'web' } }, template: template('web') }
  await api.create({ kind: Deployments, namespace: 'default' }, { metadata: { name: 'web' }, spec })
  await time.pass(60_000)
  for (const image of ['1', '2', '3']) {
    await api.patch(at, { type: 'merge', body: { spec: { template: { spec: { containers: [{ name: 'c', image }] } } } } })
    await time.pass(60_000)
  }
  await api.patch(at, { type: 'merge', body: { spec: { replicas: 1 } } })
  await time.pass(30_000)
  // A pod and a set that their owner lets go, and takes back.
  const relabel = async (kind: typeof Pods | typeof ReplicaSets, app: string) => {
    const { items } = await api.list({ kind: kind as typeof Pods, namespace: 'default' }, { labelSelector: app === 'web' ? 'app=loose' : 'app=web' })
    for (const { metadata } of items)
      await api.patch({ kind: kind as typeof Pods, namespace: 'default', name: metadata.name }, { type: 'merge', body: { metadata: { labels: { app } } } })
    await time.pass(30_000)
  }
  for (const kind of [Pods, ReplicaSets]) for (const app of ['loose', 'web']) await relabel(kind, app)
  await api.delete({ kind: Deployments, namespace: 'default', name: 'web' }, { propagation: 'Orphan' })
  await time.pass(30_000)
  await api.create({ kind: Deployments, namespace: 'default' }, { metadata: { name: 'web' }, spec: { ...spec, template: template('web', '3') } })
  await time.pass(60_000)
}

async function networks({ api, time }: SimCluster): Promise<void> {
  const service = { ports: [{ port: 80 }], selector: { app: 'web' } }
  await api.create({ kind: Services, namespace: 'default' }, { metadata: { name: 'web' }, spec: service })
  const budget = { minAvailable: 1, selector: { matchLabels: { app: 'web' } } }
  await api.create({ kind: PodDisruptionBudgets, namespace: 'default' }, { metadata: { name: 'web' }, spec: budget })
  await time.pass(30_000)
  await api.patch({ kind: Deployments, namespace: 'default', name: 'web' }, { type: 'merge', body: { spec: { replicas: 3 } } })
  await time.pass(60_000)
  const { items } = await api.list({ kind: Pods, namespace: 'default' }, { labelSelector: 'app=web' })
  await api.post({ kind: Pods, namespace: 'default', name: items[0]!.metadata.name, subresource: 'eviction' }, { apiVersion: 'policy/v1', kind: 'Eviction' })
  await time.pass(400_000)
  await api.delete({ kind: Services, namespace: 'default', name: 'web' })
  await time.pass(30_000)
}

/** A pod that fits nowhere, and one that puts others aside. */
async function preemption({ api, time }: SimCluster): Promise<void> {
  await api.create({ kind: PriorityClasses }, { metadata: { name: 'first' }, value: 1000 })
  const pod = (name: string, cpu: string, more: object = {}) =>
    api.create(
      { kind: Pods, namespace: 'default' },
      { metadata: { name }, spec: { containers: [{ name: 'c', image: 'i', resources: { requests: { cpu } } }], terminationGracePeriodSeconds: 0, ...more } },
    )
  await pod('never', '100000')
  for (let i = 0; i < 8; i++) await pod(`low-${i}`, '3')
  await time.pass(30_000)
  for (let i = 0; i < 4; i++) await pod(`high-${i}`, '3', { priorityClassName: 'first' })
  await time.pass(60_000)
}

async function certificates(cluster: SimCluster): Promise<void> {
  const { api, time } = cluster
  const base64 = (text: string) => Buffer.from(text).toString('base64')
  const token = { 'token-id': 'abcdef', 'token-secret': '0123456789abcdef', 'everynode-uses-left': '1' }
  const data = Object.fromEntries(Object.entries(token).map(([key, value]) => [key, base64(value)]))
  await api.create({ kind: Secrets, namespace: 'kube-system' }, { metadata: { name: 'bootstrap-token-abcdef' }, type: 'bootstrap.kubernetes.io/token', data })
  const NODES = 'kubernetes.io/kube-apiserver-client-kubelet'
  const REQUEST = `-----BEGIN CERTIFICATE REQUEST-----\n${base64('REQUEST')}\n-----END CERTIFICATE REQUEST-----\n`
  const request = (by: Api, name: string, signerName: string, text: string) =>
    by.create(
      { kind: CertificateSigningRequests },
      { metadata: { name }, spec: { request: base64(text), signerName, usages: ['client auth', 'digital signature'] } },
    )
  await request(api, 'unreadable', 'kubernetes.io/kube-apiserver-client', REQUEST.replace(base64('REQUEST'), 'AAAA'))
  await request(cluster.as('system:bootstrap:abcdef', ['system:bootstrappers']), 'joins', NODES, REQUEST)
  await time.pass(10_000)
  const made = await request(api, 'again', NODES, REQUEST)
  const conditions = [{ type: 'Approved', status: 'True', reason: 'r', message: 'm' }]
  await api.update({ kind: CertificateSigningRequests, name: 'again', subresource: 'approval' }, { ...made, status: { conditions } })
  await time.pass(10_000)
}

/** A claim and a volume that nobody uses go when they are deleted. */
async function volumes({ api, time }: SimCluster): Promise<void> {
  const amount = { accessModes: ['ReadWriteOnce'] }
  const claim = { metadata: { name: 'c' }, spec: { ...amount, resources: { requests: { storage: '1Gi' } } } }
  await api.create({ kind: PersistentVolumeClaims, namespace: 'default' }, claim)
  await api.create({ kind: PersistentVolumes }, { metadata: { name: 'v' }, spec: { ...amount, capacity: { storage: '1Gi' }, hostPath: { path: '/v' } } })
  await api.delete({ kind: PersistentVolumeClaims, namespace: 'default', name: 'c' })
  await api.delete({ kind: PersistentVolumes, name: 'v' })
  await time.pass(10_000)
}

/** What belongs to every namespace is put back, aggregated roles follow, and all goes with its namespace. */
async function namespaces({ api, time }: SimCluster): Promise<void> {
  await api.create({ kind: Namespaces }, { metadata: { name: 'short' }, spec: {} })
  await time.pass(10_000)
  const root = { kind: ConfigMaps, namespace: 'short', name: 'kube-root-ca.crt' }
  await api.patch(root, { type: 'merge', body: { data: { 'ca.crt': 'forged' } } })
  await time.pass(10_000)
  await api.delete(root)
  await api.delete({ kind: ServiceAccounts, namespace: 'short', name: 'default' })
  const labels = { 'rbac.authorization.k8s.io/aggregate-to-view': 'true' }
  await api.create({ kind: ClusterRoles }, { metadata: { name: 'more', labels }, rules: [{ verbs: ['get'], apiGroups: ['x'], resources: ['y'] }] })
  await api.create(
    { kind: Deployments, namespace: 'short' },
    {
      metadata: { name: 'd' },
      spec: { selector: { matchLabels: { app: 'd' } }, template: template('d') },
    },
  )
  await time.pass(60_000)
  await api.delete({ kind: Namespaces, name: 'short' })
  await time.pass(120_000)
}

await life()

const controllers = DEFAULT_ROLES.filter(({ name }) => name.startsWith('system:controller:') || name in UPSTREAM)
const userOf = ({ subjects = [] }: DefaultRole): string =>
  subjects.map(({ kind, namespace, name }) => (kind === 'User' ? name : `system:serviceaccount:${namespace}:${name}`))[0]!

/** A rule in the smallest rules that it is made of, each as `VERB GROUP/RESOURCE`. */
const atomsOf = (rule: PolicyRule): readonly (readonly [string, PolicyRule])[] =>
  rule.verbs.flatMap(verb =>
    (rule.apiGroups ?? []).flatMap(group =>
      (rule.resources ?? []).map(resource => [`${verb} ${group}/${resource}`, { verbs: [verb], apiGroups: [group], resources: [resource] }] as const),
    ),
  )

test('nobody who keeps the cluster going is refused anything', () => {
  assert.deepEqual([...refused], [])
})

test('every controller has asked for something under its own name', () => {
  const names = new Set([...used].map(line => line.split(' ')[0]))
  assert.deepEqual(
    controllers.map(userOf).filter(user => !names.has(user)),
    [],
  )
})

test('no controller may more than upstream lets it, but for what it uses', () => {
  const idle = controllers.flatMap(role => {
    const theirs = rulesOf(UPSTREAM[role.name] ?? [])
    return role.rules
      .flatMap(atomsOf)
      .filter(([, rule]) => uncovered(theirs, [rule]).length > 0)
      .map(([atom]) => `${userOf(role)} ${atom}`)
      .filter(atom => !used.has(atom))
  })
  assert.deepEqual(idle, [])
})
