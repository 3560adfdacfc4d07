/** What a Prometheus in the cluster asks to find its targets: a reflector for each role, with a service account's token. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { systemClock } from '../../src/base/clock.ts'
import { Transport } from '../../src/client/http/transport.ts'
import { readKubeconfig } from '../../src/client/node/kubeconfig.ts'
import { type Cluster, eventually, startCluster } from '../support/cluster.ts'

/** Roles and what each of them lists and watches. */
const ROLES = {
  node: '/api/v1/nodes',
  pod: '/api/v1/pods',
  service: '/api/v1/services',
  endpoints: '/api/v1/endpoints',
  endpointslice: '/apis/discovery.k8s.io/v1/endpointslices',
  ingress: '/apis/networking.k8s.io/v1/ingresses',
}

interface Item {
  readonly metadata: { readonly name: string; readonly resourceVersion: string }
  readonly status?: { readonly podIP?: string; readonly phase?: string }
}
interface Event {
  readonly type: string
  readonly object: Item & { readonly code?: number; readonly reason?: string }
}

let cluster: Cluster
let transport: Transport
let headers: Record<string, string>

before(async () => {
  cluster = await startCluster(['--nodes', '0', '--simulated', '2'])
  await connect()
})
after(async () => {
  transport.close()
  await cluster.stop()
})

/** Only the authority is taken from the kubeconfig: whoever asks is the service account. */
async function connect(): Promise<void> {
  const { certificate: _, key: __, ...connection } = await readKubeconfig({ file: cluster.kubeconfig })
  transport = new Transport(connection, { clock: systemClock })
}

const ask = (path: string, signal?: AbortSignal) => transport.request({ method: 'GET', path, headers, signal })

async function answer(path: string): Promise<{ code: number; body: { items: Item[]; metadata: { resourceVersion: string } } }> {
  const { code, body } = await ask(path)
  let text = ''
  for await (const part of body.setEncoding('utf8')) text += part
  return { code, body: JSON.parse(text) }
}

/** Lists and watches as client-go's reflector does, and keeps what there is; ends with the watch. */
async function reflect(path: string, kept: Map<string, Item>, signal: AbortSignal): Promise<string> {
  const first = path.includes('?') ? '&' : '?'
  const list = await answer(`${path}${first}limit=500&resourceVersion=0`)
  assert.equal(list.code, 200, JSON.stringify(list.body))
  for (const item of list.body.items) kept.set(item.metadata.name, item)
  const { resourceVersion } = list.body.metadata
  const watch = await ask(`${path}${first}allowWatchBookmarks=true&resourceVersion=${resourceVersion}&timeoutSeconds=420&watch=true`, signal)
  assert.equal(watch.code, 200)
  let rest = ''
  try {
    for await (const part of watch.body.setEncoding('utf8')) {
      const lines = (rest + part).split('\n')
      rest = lines.pop() ?? ''
      for (const { type, object } of lines.map(line => JSON.parse(line) as Event)) {
        if (type === 'ADDED' || type === 'MODIFIED') kept.set(object.metadata.name, object)
        else if (type === 'DELETED') kept.delete(object.metadata.name)
        else assert.equal(type, 'BOOKMARK')
      }
    }
  } catch (error) {
    if (!signal.aborted) throw error
  }
  assert.equal(rest, '', 'a watch ends with a whole line')
  return resourceVersion
}

const set = (name: string) =>
  JSON.stringify({
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name },
    spec: {
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name }, annotations: { 'prometheus.io/scrape': 'true' } },
        spec: { terminationGracePeriodSeconds: 0, containers: [{ name: 'exporter', image: 'e', ports: [{ name: 'metrics', containerPort: 9100 }] }] },
      },
    },
  })

test('targets come and go with nodes, pods and services, for a service account that may only look', async () => {
  await cluster.kubectl('create', 'sa', 'prometheus')
  const resources = 'nodes,pods,services,endpoints,endpointslices.discovery.k8s.io,ingresses.networking.k8s.io'
  await cluster.kubectl('create', 'clusterrole', 'prometheus', '--verb=get,list,watch', `--resource=${resources}`)
  const token = (await cluster.kubectl('create', 'token', 'prometheus')).trim()
  headers = { accept: 'application/json, */*', 'user-agent': 'Prometheus/2.53', authorization: `Bearer ${token}` }
  for (const path of Object.values(ROLES)) assert.equal((await answer(`${path}?limit=500&resourceVersion=0`)).code, 403, path)
  await cluster.kubectl('create', 'clusterrolebinding', 'prometheus', '--clusterrole=prometheus', '--serviceaccount=default:prometheus')
  await eventually(
    () => answer('/api/v1/pods?limit=1'),
    ({ code }) => code === 200,
  )

  const stop = new AbortController()
  const found = Object.fromEntries(Object.keys(ROLES).map(role => [role, new Map<string, Item>()])) as Record<keyof typeof ROLES, Map<string, Item>>
  const selected = new Map<string, Item>()
  const watches = [
    ...Object.entries(ROLES).map(([role, path]) => reflect(path, found[role as keyof typeof ROLES], stop.signal)),
    reflect('/api/v1/namespaces/default/pods?fieldSelector=spec.nodeName%3Dsim-1&labelSelector=app%3Dexporter', selected, stop.signal),
  ]
  try {
    await eventually(
      () => found.node.size,
      size => size === 2,
    )
    await cluster.tryKubectl(['apply', '-f', '-'], { input: set('exporter') })
    await cluster.kubectl('create', 'service', 'clusterip', 'exporter', '--tcp=9100:9100')
    await eventually(
      () => [...found.pod.values()].filter(pod => pod.status?.phase === 'Running' && pod.status.podIP).length,
      count => count === 2,
    )
    await eventually(
      () => [
        found.service.has('exporter'),
        found.endpoints.has('exporter'),
        [...found.endpointslice.keys()].some(name => name.startsWith('exporter-')),
        selected.size,
      ],
      seen => JSON.stringify(seen) === '[true,true,true,1]',
    )
    assert.equal(found.ingress.size, 0)
    await cluster.kubectl('delete', 'ds/exporter', 'svc/exporter', '--timeout=20s')
    await eventually(
      () => [found.pod.size, found.service.has('exporter'), found.endpoints.has('exporter'), selected.size],
      seen => JSON.stringify(seen) === '[0,false,false,0]',
    )
  } finally {
    stop.abort()
    await Promise.allSettled(watches)
  }
  for (const watch of watches) await watch
})

test('a server that stops ends watches cleanly; after its start a token and a list at any revision still serve', async () => {
  const kept = new Map<string, Item>()
  const watching = reflect(ROLES.node, kept, new AbortController().signal)
  await eventually(
    () => kept.size,
    size => size === 2,
  )
  const url = new URL(cluster.url)
  assert.equal(await cluster.stop({ keepData: true }), 0)
  const revision = await watching
  transport.close()
  cluster = await startCluster(['--nodes', '0', '--simulated', '2', '--listen', url.host], { dataDir: cluster.dataDir })
  await connect()
  const again = await answer(`${ROLES.node}?limit=500&resourceVersion=${revision}`)
  assert.equal(again.code, 200)
  assert.deepEqual(again.body.items.map(({ metadata }) => metadata.name).sort(), ['sim-1', 'sim-2'])
  // From a revision that the new server's memory does not reach: told by an event to list anew.
  const old = await ask(`${ROLES.node}?allowWatchBookmarks=true&resourceVersion=1&timeoutSeconds=1&watch=true`)
  let text = ''
  for await (const part of old.body.setEncoding('utf8')) text += part
  const { type, object } = JSON.parse(text.split('\n')[0]!) as Event
  assert.deepEqual([type, object.code, object.reason], ['ERROR', 410, 'Expired'])
})
