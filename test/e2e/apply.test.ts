/** Server-side apply, explain and custom kinds with an unmodified kubectl. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Cluster, eventually, startCluster } from '../support/cluster.ts'

let cluster: Cluster
before(async () => {
  cluster = await startCluster(['--nodes', '0', '--simulated', '1'])
})
after(() => cluster.stop())

const kubectl = (...words: readonly string[]) => cluster.kubectl(...words)
const feed = (manifest: object, ...words: readonly string[]) => cluster.tryKubectl([...words, '-f', '-'], { input: JSON.stringify(manifest) })
const managers = async (what: string) =>
  (await kubectl('get', what, '--show-managed-fields', '-o', 'jsonpath={range .metadata.managedFields[*]}{.manager} {.operation} {.subresource}{"\\n"}{end}'))
    .trim()
    .split('\n')
    .map(line => line.trim())

const set = (image: string, more: object = {}) => ({
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: { name: 'web' },
  spec: {
    selector: { matchLabels: { app: 'web' } },
    template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image, ...more }] } },
  },
})

test('server-side apply: created, unchanged, in conflict, forced, and what is applied no more is removed', async () => {
  const apply = (manifest: object, ...more: readonly string[]) => feed(manifest, 'apply', '--server-side', ...more)
  assert.match((await apply(set('one', { args: ['-v'] }))).stdout, /daemonset\.apps\/web serverside-applied/)
  const revision = () => kubectl('get', 'ds/web', '-o', 'jsonpath={.metadata.generation}')
  assert.equal(await revision(), '1')
  await apply(set('one', { args: ['-v'] }))
  assert.equal(await revision(), '1')
  await kubectl('set', 'image', 'ds/web', 'c=two')
  const refused = await apply(set('three'))
  assert.equal(refused.code, 1)
  assert.match(
    refused.stderr,
    /Apply failed with 1 conflict: conflict with "kubectl-set" using apps\/v1: \.spec\.template\.spec\.containers\[name="c"\]\.image/,
  )
  assert.equal((await apply(set('three'), '--force-conflicts')).code, 0)
  assert.equal(await kubectl('get', 'ds/web', '-o', 'jsonpath={.spec.template.spec.containers[0].image}{.spec.template.spec.containers[0].args}'), 'three')
  assert.ok((await managers('ds/web')).includes('kubectl Apply'))
})

test('client-side apply moves to server-side apply without a conflict and without a rest', async () => {
  const map = (data: object) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'moved' }, data })
  assert.equal((await feed(map({ a: '1', b: '1' }), 'apply')).code, 0)
  assert.deepEqual(await managers('cm/moved'), ['kubectl-client-side-apply Update'])
  const moved = await feed(map({ a: '2' }), 'apply', '--server-side')
  assert.equal(moved.code, 0, moved.stderr)
  assert.equal(await kubectl('get', 'cm/moved', '-o', 'jsonpath={.data}'), '{"a":"2"}')
  assert.deepEqual((await managers('cm/moved')).sort(), ['kubectl Apply', 'kubectl-last-applied Apply'])
})

test('diff and dry run of server-side apply change nothing', async () => {
  const { code, stdout } = await feed(set('four'), 'diff', '--server-side', '--force-conflicts')
  assert.equal(code, 1)
  assert.match(stdout, /\+\s+- image: four|\+ {6}- image: four/)
  await feed(set('four'), 'apply', '--server-side', '--dry-run=server', '--force-conflicts')
  assert.equal(await kubectl('get', 'ds/web', '-o', 'jsonpath={.spec.template.spec.containers[0].image}'), 'three')
})

test('explain says of every field what it is for', async () => {
  assert.match(await kubectl('explain', 'daemonset.spec.updateStrategy.rollingUpdate.maxSurge'), /Nodes that may run old and new pod at once/)
  assert.match(await kubectl('explain', 'pod.spec', '--recursive'), /terminationGracePeriodSeconds\s+<integer>/)
})

const definition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'probes.example.org' },
  spec: {
    group: 'example.org',
    scope: 'Namespaced',
    names: { plural: 'probes', kind: 'Probe', shortNames: ['prb'] },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: { status: {}, scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' } },
        additionalPrinterColumns: [{ name: 'Target', type: 'string', jsonPath: '.spec.target' }],
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: {
                type: 'object',
                required: ['target'],
                properties: {
                  target: { type: 'string', pattern: '^[a-z.]+$', description: 'Whom to ask.' },
                  replicas: { type: 'integer', default: 1, maximum: 9 },
                },
              },
              status: { type: 'object', properties: { replicas: { type: 'integer' } } },
            },
          },
        },
      },
    ],
  },
}

test('a custom kind is there as soon as its definition is established, with defaults, rules, columns and scale', async () => {
  assert.equal((await feed(definition, 'apply')).code, 0)
  await kubectl('wait', '--for=condition=Established', 'crd/probes.example.org', '--timeout=10s')
  const probe = (spec: object) => feed({ apiVersion: 'example.org/v1', kind: 'Probe', metadata: { name: 'p' }, spec }, 'apply')
  await eventually(
    () => probe({ target: 'example.org' }),
    ({ code }) => code === 0,
  )
  assert.match(await kubectl('get', 'prb'), /NAME\s+TARGET\np\s+example\.org/)
  assert.match((await probe({ target: 'UPPER' })).stderr, /spec\.target in body should match '\^\[a-z\.\]\+\$'/)
  assert.match((await probe({ target: 'a', other: 1 })).stderr, /unknown field "spec\.other"/)
  await kubectl('scale', 'prb/p', '--replicas=4')
  assert.equal(await kubectl('get', 'prb/p', '-o', 'jsonpath={.spec.replicas} {.metadata.generation}'), '4 2')
  assert.match((await cluster.tryKubectl(['scale', 'prb/p', '--replicas=10'])).stderr, /should be less than or equal to 9/)
  assert.match(await kubectl('explain', 'probe.spec.target'), /Whom to ask\./)
  await kubectl('delete', 'crd/probes.example.org', '--timeout=20s')
  assert.match((await cluster.tryKubectl(['get', 'prb'])).stderr, /could not find the requested resource|doesn't have a resource type/)
})
