/** Whoever comes with less than they need gets nothing that is not theirs: over HTTPS, against a real server. */
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { HttpApi } from '../../src/client/http/rest.ts'
import { type Connection, readKubeconfig } from '../../src/client/node/kubeconfig.ts'
import { missing } from '../../tools/testing/programs.ts'
import { type Cluster, eventually, mustRun, ROOT, startCluster } from '../support/cluster.ts'
import { daemonSet } from '../support/manifests.ts'

const skip = missing('kubectl')
const cli = ['--disable-warning=ExperimentalWarning', join(ROOT, 'src/main/cli.ts')]
const directory = skip ? '' : mkdtempSync(join(tmpdir(), 'everynode-attacker-'))
const [policy, auditLog] = [join(directory, 'policy.yaml'), join(directory, 'who-did-what.log')]
let cluster: Cluster
let admin: Connection

before(async () => {
  if (skip) return
  // All that a policy can ask for: what is secret must stay out all the same.
  writeFileSync(policy, 'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: RequestResponse}]\n')
  const audit = ['--audit-policy', policy, '--audit-log', auditLog]
  cluster = await startCluster(['--nodes', '0', '--simulated', '2', ...audit], { dataDir: join(directory, 'data') })
  admin = await readKubeconfig({ file: cluster.kubeconfig })
  await cluster.kubectl('create', 'secret', 'generic', 'theirs', '--from-literal=password=treasure')
  await cluster.kubectl('create', 'secret', 'generic', 'mine', '--from-literal=a=b')
  const victim = { metadata: { name: 'victim' }, spec: { nodeName: 'sim-1', containers: [{ name: 'c', image: 'i' }] } }
  await cluster.tryKubectl(['create', '-f', '-'], { input: JSON.stringify({ apiVersion: 'v1', kind: 'Pod', ...victim }) })
})
after(async () => {
  await cluster?.stop({ keepData: true })
  if (directory) rmSync(directory, { recursive: true, force: true })
})

interface Attempt {
  readonly method?: string
  readonly path: string
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** The codes that the attempts are answered with, each beside what was tried; what came back never holds the treasure. */
async function codes(connection: Partial<Connection>, attempts: readonly Attempt[]): Promise<string[]> {
  const api = new HttpApi({ server: cluster.url, authority: admin.authority, namespace: 'default', ...connection })
  const lines: string[] = []
  try {
    for (const { method = 'GET', path, body, headers = {} } of attempts) {
      const answer = await api.transport.request({
        method,
        path,
        headers: { 'content-type': 'application/json', ...headers },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      })
      const chunks: Buffer[] = []
      for await (const chunk of answer.body) chunks.push(chunk as Buffer)
      const text = Buffer.concat(chunks).toString()
      assert.doesNotMatch(text, /treasure|dHJlYXN1cmU/, `${method} ${path}`)
      lines.push(`${answer.code} ${method} ${path}`)
    }
  } finally {
    api.close()
  }
  return lines
}
/** The code that an upgrade is answered with. */
function upgradeCode(connection: Partial<Connection>, path: string): Promise<number> {
  const { certificate: cert, key, token } = connection
  const headers = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
    ...(token && { authorization: `Bearer ${String(token())}` }),
  }
  return new Promise((resolve, reject) => {
    const sent = request(`${cluster.url}${path}`, { headers, ca: admin.authority, ...(cert && key && { cert, key }), agent: false })
    sent.once('response', response => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
    sent.once('upgrade', (_, socket) => {
      socket.destroy()
      resolve(101)
    })
    sent.once('error', reject)
    sent.end()
  })
}
const STREAMS = ['exec?command=cat&stdout=true', 'attach?stdout=true', 'portforward?ports=80'].map(stream => `/api/v1/namespaces/default/pods/victim/${stream}`)
const LINKS = ['sim-1/link', 'sim-1/streams/0123456789abcdef0123456789abcdef'].map(link => `/apis/everynode.dev/v1/nodes/${link}`)

const all = (code: number, attempts: readonly Attempt[]): string[] => attempts.map(({ method = 'GET', path }) => `${code} ${method} ${path}`)

const READS: readonly Attempt[] = [
  '/api/v1/secrets',
  '/api/v1/namespaces/default/secrets/theirs',
  '/api/v1/namespaces/default/secrets?watch=true&fieldSelector=metadata.name%3Dtheirs',
  '/api/v1/pods',
  '/api/v1/nodes',
  '/apis/apps/v1/daemonsets',
  '/metrics',
  '/api/v1/namespaces/kube-system/secrets',
].map(path => ({ path }))
const WRITES: readonly Attempt[] = [
  { method: 'POST', path: '/apis/apps/v1/namespaces/default/daemonsets', body: JSON.parse(daemonSet({ name: 'evil' })) },
  { method: 'POST', path: '/api/v1/namespaces', body: { metadata: { name: 'evil' } } },
  { method: 'DELETE', path: '/api/v1/nodes/sim-1' },
  { method: 'PATCH', path: '/api/v1/nodes/sim-1', body: { spec: { unschedulable: true } }, headers: { 'content-type': 'application/merge-patch+json' } },
  {
    method: 'POST',
    path: '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings',
    body: {
      metadata: { name: 'evil' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
      subjects: [{ kind: 'Group', apiGroup: 'rbac.authorization.k8s.io', name: 'system:authenticated' }],
    },
  },
  { method: 'POST', path: '/api/v1/namespaces/kube-system/serviceaccounts/daemon-set-controller/token', body: { spec: {} } },
  // Nobody reads what they may not send.
  { method: 'POST', path: '/api/v1/namespaces/default/services', body: 'no object' },
  { method: 'PATCH', path: '/api/v1/namespaces/default/services/s', body: 'no patch', headers: { 'content-type': 'application/apply-patch+yaml' } },
]
const AS_ADMIN: Attempt = { path: '/api/v1/secrets', headers: { 'impersonate-user': 'kubernetes-admin', 'impersonate-group': 'system:masters' } }

test('nobody in particular sees health and version and nothing else', { skip }, async () => {
  assert.deepEqual(await codes({}, [...READS, ...WRITES, AS_ADMIN]), all(401, [...READS, ...WRITES, AS_ADMIN]))
  for (const path of [...STREAMS, ...LINKS]) assert.equal(await upgradeCode({}, path), 401, path)
  const open: readonly Attempt[] = [{ path: '/version' }, { path: '/readyz' }, { path: '/livez' }]
  assert.deepEqual(await codes({}, open), all(200, open))
})

test('a token that is forged, for another audience, of a deleted account, or nonsense is no token', { skip }, async () => {
  await cluster.kubectl('create', 'serviceaccount', 'gone')
  const ofGone = (await cluster.kubectl('create', 'token', 'gone')).trim()
  await cluster.kubectl('delete', 'serviceaccount', 'gone')
  const foreign = (await cluster.kubectl('create', 'token', 'default', '--audience=vault')).trim()
  const good = (await cluster.kubectl('create', 'token', 'default')).trim()
  const [header, payload, signature] = good.split('.') as [string, string, string]
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>
  const changed = Buffer.from(JSON.stringify({ ...claims, sub: 'system:serviceaccount:kube-system:daemon-set-controller' })).toString('base64url')
  const none = Buffer.from('{"alg":"none"}').toString('base64url')
  const tokens = [
    ofGone,
    foreign,
    `${header}.${changed}.${signature}`,
    `${none}.${payload}.`,
    `${header}.${payload}.`,
    'abcdef.0123456789abcdef',
    'x',
    `${good}x`,
  ]
  for (const token of tokens) assert.deepEqual(await codes({ token: () => token }, READS), all(401, READS), token.slice(0, 20))
})

test('the default account of a namespace may look at the menu and at nothing on it', { skip }, async () => {
  const token = (await cluster.kubectl('create', 'token', 'default')).trim()
  assert.deepEqual(await codes({ token: () => token }, [...READS, ...WRITES, AS_ADMIN]), all(403, [...READS, ...WRITES, AS_ADMIN]))
  for (const path of [...STREAMS, ...LINKS]) assert.equal(await upgradeCode({ token: () => token }, path), 403, path)
  const menu: readonly Attempt[] = [{ path: '/api' }, { path: '/apis' }, { path: '/openapi/v3' }, { path: '/version' }]
  assert.deepEqual(await codes({ token: () => token }, menu), all(200, menu))
})

/** What an agent might try on what is near to what it may. */
async function moreFromAgents(): Promise<readonly Attempt[]> {
  const read = async (kind: string, name: string) =>
    JSON.parse(await cluster.kubectl('get', kind, name, '-o', 'json')) as { readonly metadata: { readonly uid: string } }
  const [{ metadata: victim }, { metadata: me }] = [await read('pod', 'victim'), await read('node', 'evil')]
  const PODS = '/api/v1/namespaces/default/pods'
  const merge = { 'content-type': 'application/merge-patch+json' }
  const mirror = (name: string, spec: object, metadata: object = {}): Attempt => ({
    method: 'POST',
    path: PODS,
    body: {
      metadata: {
        name,
        annotations: { 'kubernetes.io/config.mirror': 'x' },
        ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: 'evil', uid: me.uid, controller: true }],
        ...metadata,
      },
      spec: { nodeName: 'evil', containers: [{ name: 'c', image: 'i' }], ...spec },
    },
  })
  const theirs = { secretName: 'theirs' }
  const env = (from: object) => ({ containers: [{ name: 'c', image: 'i', ...from }] })
  return [
    mirror('m1', { volumes: [{ name: 'v', secret: theirs }] }),
    mirror('m2', { volumes: [{ name: 'v', projected: { sources: [{ secret: { name: 'theirs' } }] } }] }),
    mirror('m3', env({ envFrom: [{ secretRef: { name: 'theirs' } }] })),
    mirror('m4', env({ env: [{ name: 'E', valueFrom: { secretKeyRef: { name: 'theirs', key: 'password' } } }] })),
    mirror('m5', { imagePullSecrets: [{ name: 'theirs' }] }),
    mirror('m6', { serviceAccountName: 'default' }),
    mirror('m7', { nodeName: 'sim-1' }),
    mirror('m8', {}, { annotations: {} }),
    mirror('m9', {}, { ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'victim', uid: victim.uid, controller: true }] }),
    { method: 'PATCH', path: `${PODS}/victim/status`, body: { status: { podIP: '10.9.9.9' } }, headers: merge },
    { method: 'PATCH', path: `${PODS}/victim/ephemeralcontainers`, body: { spec: { ephemeralContainers: [] } }, headers: merge },
    { method: 'POST', path: `${PODS}/victim/eviction`, body: { metadata: { name: 'victim' } } },
    { method: 'DELETE', path: `${PODS}/victim` },
    { method: 'DELETE', path: PODS },
    { method: 'DELETE', path: `${PODS}?fieldSelector=spec.nodeName%3Devil` },
    { method: 'DELETE', path: '/api/v1/nodes' },
    { method: 'DELETE', path: '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases' },
    {
      method: 'POST',
      path: '/api/v1/namespaces/default/serviceaccounts/default/token',
      body: { spec: { boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name: 'victim', uid: victim.uid } } },
    },
    {
      method: 'POST',
      path: '/api/v1/namespaces/default/serviceaccounts/default/token',
      body: { spec: { boundObjectRef: { apiVersion: 'v1', kind: 'Node', name: 'evil', uid: me.uid } } },
    },
    { path: `${PODS}?fieldSelector=${encodeURIComponent('metadata.name!=x\\,spec.nodeName\\=evil')}` },
    { path: `${PODS}?fieldSelector=${encodeURIComponent('spec.nodeName!=evil')}` },
    { path: `${PODS}?watch=1&timeoutSeconds=1&labelSelector=${encodeURIComponent('spec.nodeName=evil')}` },
    { path: `${PODS}/victim?watch=1&timeoutSeconds=1` },
    { path: `${PODS}/victim/log` },
    { path: '/apis/metrics.k8s.io/v1beta1/pods' },
    {
      method: 'POST',
      path: '/apis/rbac.authorization.k8s.io/v1/clusterroles',
      body: { metadata: { name: 'evil', labels: { 'rbac.authorization.k8s.io/aggregate-to-view': 'true' } }, rules: [] },
    },
    { method: 'PATCH', path: '/apis/rbac.authorization.k8s.io/v1/clusterroles/view', body: { rules: [] }, headers: merge },
    { path: '/api/v1/pods', headers: { 'impersonate-user': 'system:node:sim-1', 'impersonate-group': 'system:nodes' } },
    { path: '/api/v1/pods', headers: { 'impersonate-user': 'system:serviceaccount:kube-system:generic-garbage-collector' } },
    { method: 'PUT', path: '/apis/certificates.k8s.io/v1/certificatesigningrequests/any/approval', body: { status: { conditions: [] } } },
    { path: '/backup' },
  ]
}

/** Asks for certificates in names that are not one's own: none of them is ever issued. */
async function refusesNames(connection: Partial<Connection>, who: string): Promise<void> {
  const { newSigningRequest } = await import('../../src/client/node/signing-request.ts')
  const asked: readonly (readonly [name: string, organization: string, signer: string])[] = [
    ['system:node:sim-1', 'system:nodes', 'kube-apiserver-client-kubelet'],
    ['system:node:evil', 'system:masters', 'kube-apiserver-client-kubelet'],
    ['kubernetes-admin', 'system:masters', 'kube-apiserver-client'],
    ['system:kube-controller-manager', 'x', 'kube-apiserver-client'],
  ]
  const CSRS = '/apis/certificates.k8s.io/v1/certificatesigningrequests'
  const names: string[] = []
  for (const [commonName, organization, signer] of asked) {
    const { csr } = await newSigningRequest(commonName, [organization])
    const name = `${who.replaceAll(':', '-')}-${names.length}`
    names.push(name)
    // What it says of its maker is not believed.
    const maker = { username: 'kubernetes-admin', groups: ['system:masters'] }
    const spec = { request: Buffer.from(csr).toString('base64'), signerName: `kubernetes.io/${signer}`, usages: ['client auth', 'digital signature'], ...maker }
    const status = { conditions: [{ type: 'Approved', status: 'True', reason: 'r', message: 'm' }] }
    assert.deepEqual(await codes(connection, [{ method: 'POST', path: CSRS, body: { metadata: { name }, spec, status } }]), [`201 POST ${CSRS}`])
  }
  type Request = {
    readonly spec: { readonly username: string }
    readonly status: { readonly certificate?: string; readonly conditions?: readonly { readonly type: string }[] }
  }
  const states = async () => Promise.all(names.map(async name => JSON.parse(await cluster.kubectl('get', 'csr', name, '-o', 'json')) as Request))
  // The first three are denied by rule; the last waits for somebody, for ever.
  const settled = await eventually(states, found =>
    found.slice(who.startsWith('system:node') ? 1 : 0, 3).every(({ status }) => status.conditions?.length === 1),
  )
  for (const { spec, status } of settled) {
    assert.equal(spec.username, who)
    assert.equal(status.certificate, undefined)
    assert.ok(!status.conditions?.some(({ type }) => type === 'Approved'))
  }
}

test('an agent reaches its own node, what its pods refer to, and nothing of another', { skip }, async () => {
  const { command } = JSON.parse(
    await mustRun(process.execPath, [...cli, 'token', 'create', '--kubeconfig', cluster.kubeconfig, '-o', 'json', '--uses', '1']),
  ) as { command: string }
  const [, , ...words] = command.split(' ')
  const home = join(directory, 'agent')
  const { spawn } = await import('node:child_process')
  const agent = spawn(process.execPath, [...cli, 'agent', ...words, '--runtime', 'simulated', '--node-name', 'evil', '--data-dir', home], { stdio: 'ignore' })
  try {
    await eventually(
      async () => (await cluster.tryKubectl(['get', 'node', 'evil'])).code,
      code => code === 0,
    )
    const me = await readKubeconfig({ file: join(home, 'agent', 'kubeconfig') })
    const { code, stderr } = await cluster.tryKubectl(['apply', '-f', '-'], {
      input: daemonSet({
        name: 'reads',
        pod: { nodeSelector: { 'kubernetes.io/hostname': 'evil' }, volumes: [{ name: 'v', secret: { secretName: 'mine' } }] },
      }),
    })
    assert.equal(code, 0, stderr)
    await cluster.kubectl('rollout', 'status', 'ds/reads', '--timeout=20s')
    const mine: readonly Attempt[] = [
      { path: '/api/v1/nodes/evil' },
      { path: '/api/v1/namespaces/default/secrets/mine' },
      { path: '/api/v1/namespaces/default/secrets/mine?watch=1&timeoutSeconds=1&fieldSelector=metadata.name%3Dtheirs' },
      { path: '/api/v1/namespaces/default/secrets?fieldSelector=metadata.name%3Dmine%2Cmetadata.name%21%3Dtheirs' },
      { path: '/api/v1/pods?fieldSelector=spec.nodeName%3Devil' },
      { path: '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/evil' },
    ]
    const theirs: readonly Attempt[] = [
      ...READS,
      ...WRITES,
      AS_ADMIN,
      { path: '/api/v1/namespaces/default/secrets/theirs' },
      { path: '/api/v1/pods?fieldSelector=spec.nodeName%3Dsim-1' },
      { path: '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/sim-1' },
      { method: 'PATCH', path: '/api/v1/nodes/sim-1/status', body: { status: {} }, headers: { 'content-type': 'application/merge-patch+json' } },
      { method: 'PATCH', path: '/api/v1/nodes/evil', body: { spec: { taints: [] } }, headers: { 'content-type': 'application/merge-patch+json' } },
      {
        method: 'PATCH',
        path: '/api/v1/nodes/evil',
        body: { metadata: { labels: { 'node-restriction.kubernetes.io/a': 'b' } } },
        headers: { 'content-type': 'application/merge-patch+json' },
      },
      {
        method: 'POST',
        path: '/api/v1/namespaces/default/pods',
        body: { metadata: { name: 'evil' }, spec: { nodeName: 'sim-1', containers: [{ name: 'c', image: 'x' }] } },
      },
      { method: 'POST', path: '/api/v1/namespaces/default/serviceaccounts/default/token', body: { spec: {} } },
      ...(await moreFromAgents()),
    ]
    assert.deepEqual(await codes(me, mine), all(200, mine))
    for (const path of [...STREAMS, ...LINKS]) assert.equal(await upgradeCode(me, path), 403, path)
    await refusesNames(me, 'system:node:evil')
    const tainted = await cluster.kubectl('taint', 'node', 'evil', 'guard=on:NoSchedule')
    assert.match(tainted, /tainted/)
    assert.deepEqual(await codes(me, theirs), all(403, theirs))
    // The token has been used as often as it may be.
    const token = words[words.indexOf('--token') + 1]!
    const csrs = '/apis/certificates.k8s.io/v1/certificatesigningrequests'
    const again: readonly Attempt[] = [{ path: csrs }, { method: 'POST', path: csrs, body: { metadata: { name: 'again' }, spec: {} } }, ...READS]
    assert.deepEqual(await codes({ token: () => token }, again), all(403, again))
  } finally {
    agent.kill('SIGKILL')
  }
})

test('a join token gets a certificate for a node that is not there, and for nothing else', { skip }, async () => {
  const made = await mustRun(process.execPath, [...cli, 'token', 'create', '--kubeconfig', cluster.kubeconfig, '-o', 'json', '--uses', '9'])
  const { command } = JSON.parse(made) as { command: string }
  const words = command.split(' ')
  const token = words[words.indexOf('--token') + 1]!
  await refusesNames({ token: () => token }, `system:bootstrap:${token.split('.')[0]}`)
  const attempts = [...READS, ...WRITES, AS_ADMIN]
  assert.deepEqual(await codes({ token: () => token }, attempts), all(403, attempts))
})

test('what is secret is in no refusal', { skip }, async () => {
  const SECRETS = '/api/v1/namespaces/default/secrets'
  const merge = { 'content-type': 'application/merge-patch+json' }
  const strict = `${SECRETS}?fieldValidation=Strict`
  const bad: readonly Attempt[] = [
    { method: 'POST', path: SECRETS, body: { metadata: { name: 'x' }, data: { password: 'treasure!' } } },
    { method: 'POST', path: SECRETS, body: { metadata: { name: 'x' }, data: { password: { a: 'treasure' } } } },
    { method: 'POST', path: SECRETS, body: { metadata: { name: 'x' }, data: 'treasure' } },
    { method: 'POST', path: strict, body: { metadata: { name: 'x' }, date: { password: 'treasure' } } },
    { method: 'POST', path: SECRETS, body: { metadata: { name: 'x' }, stringData: { password: ['treasure'] } } },
    { method: 'PATCH', path: `${SECRETS}/theirs`, body: { data: { password: 'treasure!' } }, headers: merge },
    { method: 'PATCH', path: `${SECRETS}/theirs`, body: { type: 'other', data: { password: 'dHJlYXN1cmU=' } }, headers: merge },
    { method: 'PUT', path: `${SECRETS}/theirs`, body: { metadata: { name: 'theirs', resourceVersion: '1' }, data: { password: 'dHJlYXN1cmU=' } } },
    {
      method: 'PATCH',
      path: `${SECRETS}/theirs`,
      body: [{ op: 'test', path: '/data/password', value: 'treasure' }],
      headers: { 'content-type': 'application/json-patch+json' },
    },
  ]
  for (const line of await codes(admin, bad)) assert.match(line, /^4/, line)
})

test('the audit log says who did what, for whom, from where and how it went, and holds nothing secret', { skip }, async () => {
  const token = (await cluster.kubectl('create', 'token', 'default')).trim()
  await cluster.kubectl('get', 'nodes', '--as=ann', '--as-group=system:masters')
  await cluster.tryKubectl(['exec', 'nowhere', '--', 'echo', 'treasure'])
  await codes({}, [{ path: '/api/v1/secrets' }])
  type Line = Readonly<Record<string, unknown>> & {
    readonly user: { readonly username: string }
    readonly impersonatedUser?: { readonly username: string }
    readonly objectRef?: { readonly resource: string; readonly subresource?: string; readonly name?: string }
    readonly responseStatus?: { readonly code: number }
  }
  const lines = async () =>
    readFileSync(auditLog, 'utf8')
      .split('\n')
      .filter(Boolean)
      .map(line => JSON.parse(line) as Line)
  const has = (all: readonly Line[], verb: string, user: string, code: number | undefined, what: string) =>
    all.some(({ verb: v, user: u, responseStatus, objectRef: o, requestURI }) => {
      const about = o ? [o.resource, o.subresource].filter(Boolean).join('/') : String(requestURI)
      return v === verb && u.username === user && responseStatus?.code === code && about === what
    })
  // Lines are written together after a moment, so that each is waited for.
  const wanted: Readonly<Record<string, (all: readonly Line[]) => boolean>> = {
    'nobody was refused': all => has(all, 'get', 'system:anonymous', 401, '/api/v1/secrets'),
    'the admin made a secret': all => has(all, 'create', 'kubernetes-admin', 201, 'secrets'),
    'the admin made a token': all => has(all, 'create', 'kubernetes-admin', 201, 'serviceaccounts/token'),
    'a daemon was refused': all => has(all, 'get', 'system:serviceaccount:default:default', 403, 'secrets'),
    'the admin spoke as somebody else': all =>
      all.some(line => line.impersonatedUser?.username === 'ann' && line.user.username === 'kubernetes-admin' && line.objectRef?.resource === 'nodes'),
    'bodies as the policy says': all => all.some(line => 'requestObject' in line && 'responseObject' in line),
  }
  await eventually(
    async () => {
      const all = await lines()
      return Object.keys(wanted).filter(what => !wanted[what]!(all))
    },
    missing => missing.length === 0,
  )
  // Whoever may not even ask leaves no words of a command behind.
  assert.equal(await upgradeCode({}, '/api/v1/namespaces/default/pods/victim/exec?command=echo&command=treasure&stdout=true'), 401)
  await eventually(async () => has(await lines(), 'get', 'system:anonymous', 401, '/api/v1/namespaces/default/pods/victim/exec'), Boolean)
  const events = await cluster.kubectl('get', 'events', '-A', '-o', 'json')
  for (const text of [readFileSync(auditLog, 'utf8'), cluster.output(), events]) {
    for (const secret of ['treasure', 'dHJlYXN1cmU', token.split('.')[2]!]) assert.ok(!text.includes(secret), `${secret} is written down`)
  }
  assert.equal(statSync(auditLog).mode & 0o777, 0o600)
})

test('whatever the data directory holds only its owner can read', { skip }, async () => {
  // What kubectl keeps in its home is its own.
  const found = await mustRun('find', [join(directory, 'data'), '-name', '.kube', '-prune', '-o', '-perm', '/077', '!', '-type', 'l', '-print'])
  assert.equal(found.trim(), '')
})
