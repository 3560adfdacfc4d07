import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Any, refusal, registryRig } from '../../../test/support/registry-rig.ts'
import { NodeMetricsKind, PodMetricsKind } from '../../api/kinds/metrics.ts'
import type { NodeStats } from '../../api/node-stats.ts'
import { metricsKinds, resourceText } from './serve.ts'

const AT = Date.UTC(2026, 0, 1)
const usage = { at: AT, windowMs: 15_000, cpuNanoCores: 250_000_000, cpuSeconds: 12.5, memoryBytes: 1024 * 1024 }
const TIMES = { timestamp: '2026-01-01T00:00:00Z', window: '15s' }

/** Node real measures, node sim is simulated, node away does not answer; each runs one pod of app=NODE. */
async function rig() {
  const rig = await registryRig()
  const said = new Map<string, NodeStats>()
  const stats = { read: async (nodes: Iterable<string>) => new Map([...nodes].flatMap(node => (said.has(node) ? [[node, said.get(node)!]] : []))) }
  for (const read of metricsKinds({ caches: rig.caches, stats, clock: rig.clock })) rig.registry.addRead(read)
  const uids: Record<string, string> = {}
  for (const nodeName of ['away', 'real', 'sim']) {
    await rig.api.create({ kind: rig.kind('Node') }, { metadata: { name: nodeName, labels: { node: nodeName } } } as never)
    const pods = { kind: rig.kind('Pod'), namespace: 'default' }
    const spec = { nodeName, containers: [{ name: 'c', image: 'i' }] }
    const pod = await rig.api.create(pods, { metadata: { name: `p-${nodeName}`, labels: { app: nodeName } }, spec } as never)
    const status = { phase: 'Running', containerStatuses: [{ name: 'c', image: 'i', imageID: 'i', ready: true, restartCount: 0, state: { running: {} } }] }
    await rig.api.patch({ ...pods, name: `p-${nodeName}`, subresource: 'status' }, { type: 'merge', body: { status } })
    uids[nodeName] = pod.metadata.uid
  }
  const foreign = { ...usage, uid: uids['away']!, container: 'c' }
  said.set('real', { node: usage, containers: [{ ...usage, uid: uids['real']!, container: 'c' }, foreign] })
  said.set('sim', { simulated: true, containers: [] })
  return { ...rig, text: () => resourceText({ caches: rig.caches, stats }) }
}

const summary = (items: readonly unknown[]) =>
  (items as Any[]).map(({ metadata, usage, containers }) =>
    [metadata.name, (usage ?? containers[0].usage).cpu, (usage ?? containers[0].usage).memory].join(' '),
  )

test('nodes and pods that were measured are told of; a node speaks for its own pods alone', async () => {
  const { api, close } = await rig()
  assert.deepEqual(summary((await api.list({ kind: NodeMetricsKind })).items), ['real 250m 1Mi', 'sim 0 0'])
  assert.deepEqual(summary((await api.list({ kind: PodMetricsKind })).items), ['p-real 250m 1Mi', 'p-sim 0 0'])
  assert.deepEqual(await api.get({ kind: PodMetricsKind, namespace: 'default', name: 'p-real' }), {
    apiVersion: 'metrics.k8s.io/v1beta1',
    kind: 'PodMetrics',
    metadata: { name: 'p-real', namespace: 'default', creationTimestamp: TIMES.timestamp, labels: { app: 'real' } },
    ...TIMES,
    containers: [{ name: 'c', usage: { cpu: '250m', memory: '1Mi' } }],
  })
  assert.deepEqual((await api.get({ kind: NodeMetricsKind, name: 'sim' })).metadata.annotations, { 'everynode.dev/simulated': 'true' })
  await close()
})

test('labels, fields and namespaces select; what was not measured is not found', async () => {
  const { api, close } = await rig()
  const pods = async (options: object, namespace?: string) =>
    summary((await api.list({ kind: PodMetricsKind, ...(namespace !== undefined && { namespace }) }, options)).items).length
  assert.deepEqual(
    [await pods({ labelSelector: 'app=real' }), await pods({ fieldSelector: 'spec.nodeName=sim' }), await pods({}, 'default'), await pods({}, 'kube-system')],
    [1, 1, 2, 0],
  )
  assert.equal((await api.list({ kind: NodeMetricsKind }, { labelSelector: 'node!=sim' })).items.length, 1)
  assert.equal(await refusal(api.get({ kind: NodeMetricsKind, name: 'away' })), '404 NotFound: nodes.metrics.k8s.io "away" not found')
  assert.match(await refusal(api.delete({ kind: NodeMetricsKind, name: 'real' })), /^405 MethodNotAllowed/)
  await close()
})

test('Prometheus is told what was measured, and nothing of simulated nodes', async () => {
  const { text, close } = await rig()
  const lines = (await text()).split('\n').filter(line => line !== '' && !line.startsWith('#'))
  assert.deepEqual(lines, [
    'node_cpu_usage_seconds_total{node="real"} 12.5',
    'node_memory_working_set_bytes{node="real"} 1048576',
    'container_cpu_usage_seconds_total{container="c",namespace="default",node="real",pod="p-real"} 12.5',
    'container_memory_working_set_bytes{container="c",namespace="default",node="real",pod="p-real"} 1048576',
  ])
  await close()
})
