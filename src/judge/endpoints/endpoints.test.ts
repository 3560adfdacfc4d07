import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Pod } from '../../api/types/core/pod.ts'
import type { Service } from '../../api/types/core/service.ts'
import type { EndpointSlice } from '../../api/types/discovery.ts'
import { aPod, type PodWords } from '../scheduling/terse-world.ts'
import { backendsOf } from './backends.ts'
import { plannedEndpoints } from './endpoints.ts'
import { plannedSlices, type SlicesPlan } from './slices.ts'

const aService = (spec: Partial<Service['spec']> = {}): Service => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'svc', namespace: 'default', uid: 'svc-uid', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z', labels: { team: 'x' } },
  spec: { selector: { app: 'a' }, clusterIP: '10.0.0.1', ports: [{ name: 'http', port: 80, targetPort: 8080, protocol: 'TCP' }], ...spec },
  status: {},
})
type Words = PodWords & { readonly ip?: string; readonly ready?: boolean; readonly port?: number }
const backend = (name: string, { ip = '10.1.0.1', ready = true, port, ...words }: Words = {}): Pod => {
  const pod = aPod(name, { on: 'n1', ...words })
  const [main] = pod.spec.containers
  return {
    ...pod,
    spec: { ...pod.spec, ...(port && { containers: [{ ...main!, ports: [{ name: 'web', containerPort: port }] }] }) },
    status: { ...pod.status, ...(ip && { podIP: ip, podIPs: [{ ip }] }), conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
  }
}

const told = (service: Service, pods: readonly Pod[]): readonly string[] =>
  plannedEndpoints(service, backendsOf(service, pods), undefined).subsets.map(
    ({ addresses = [], notReadyAddresses = [], ports = [] }) =>
      `${addresses.map(({ ip, nodeName }) => `${ip}@${nodeName}`)} | ${notReadyAddresses.map(({ ip }) => ip)} | ${ports.map(({ name, port }) => `${name}:${port}`)}`,
  )
const inSlices = ({ create }: SlicesPlan): readonly string[] =>
  create.map(
    ({ endpoints = [], ports = [] }) =>
      `${endpoints.map(({ addresses, conditions, zone }) => `${addresses[0]}${conditions?.ready ? ' ready' : ''}${conditions?.serving ? ' serving' : ''}${conditions?.terminating ? ' terminating' : ''} ${zone}`)} | ${ports.map(({ name, port }) => `${name}:${port}`)}`,
  )
const zones = (node: string) => `zone-of-${node}`

const rows: readonly (readonly [name: string, service: Service, pods: readonly Pod[], endpoints: readonly string[], slices: readonly string[]])[] = [
  ['nobody', aService(), [], [], [' | ']],
  [
    'ready and not ready',
    aService(),
    [backend('a'), backend('b', { ip: '10.1.0.2', ready: false })],
    ['10.1.0.1@n1 | 10.1.0.2 | http:8080'],
    ['10.1.0.1 ready serving zone-of-n1,10.1.0.2 zone-of-n1 | http:8080'],
  ],
  [
    'published although not ready',
    aService({ publishNotReadyAddresses: true }),
    [backend('b', { ready: false })],
    ['10.1.0.1@n1 |  | http:8080'],
    ['10.1.0.1 ready zone-of-n1 | http:8080'],
  ],
  ['no address yet, or finished', aService(), [backend('a', { ip: '' }), backend('b', { phase: 'Failed' })], [], [' | ']],
  ['terminating pods are in slices only', aService(), [backend('a', { terminating: true })], [], ['10.1.0.1 serving terminating zone-of-n1 | http:8080']],
  [
    'a named port is looked up in each pod',
    aService({ ports: [{ name: 'http', port: 80, targetPort: 'web', protocol: 'TCP' }] }),
    [backend('a', { port: 1 }), backend('b', { port: 2, ip: '10.1.0.2' }), backend('c', { ip: '10.1.0.3' })],
    ['10.1.0.1@n1 |  | http:1', '10.1.0.2@n1 |  | http:2'],
    ['10.1.0.1 ready serving zone-of-n1 | http:1', '10.1.0.2 ready serving zone-of-n1 | http:2'],
  ],
  ['headless and without ports', aService({ clusterIP: 'None', ports: [] }), [backend('a')], ['10.1.0.1@n1 |  | '], ['10.1.0.1 ready serving zone-of-n1 | ']],
]
for (const [name, service, pods, endpoints, slices] of rows) {
  test(`endpoints of a Service: ${name}`, () => {
    assert.deepEqual(told(service, pods), endpoints)
    assert.deepEqual(inSlices(plannedSlices(service, backendsOf(service, pods), [], zones)), slices)
  })
}

test('a headless Service is labelled so, and a pod of its subdomain keeps its hostname', () => {
  const service = aService({ clusterIP: 'None' })
  const pods = [backend('a', { spec: { hostname: 'a-0', subdomain: 'svc' } })]
  const plan = plannedEndpoints(service, backendsOf(service, pods), undefined)
  assert.deepEqual(plan.labels, { team: 'x', 'endpoints.kubernetes.io/managed-by': 'endpoint-controller', 'service.kubernetes.io/headless': '' })
  assert.equal(plan.subsets[0]?.addresses?.[0]?.hostname, 'a-0')
})

const many = (count: number, from = 0) =>
  Array.from({ length: count }, (_, i) => backend(`p${String(i + from).padStart(4, '0')}`, { ip: `10.2.${(i + from) >> 8}.${(i + from) & 255}` }))
const stored = (plan: SlicesPlan, existing: readonly EndpointSlice[] = []): readonly EndpointSlice[] => {
  const kept = existing
    .filter(slice => !plan.delete.includes(slice))
    .map(slice => plan.update.find(({ metadata }) => metadata.uid === slice.metadata.uid) ?? slice)
  const made = plan.create.map((slice, i) => {
    const name = `svc-${existing.length + i}`
    return {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      ...slice,
      metadata: { ...slice.metadata, name, uid: name, resourceVersion: '1', creationTimestamp: '' },
    } as EndpointSlice
  })
  return [...kept, ...made]
}

test('slices hold a hundred each, a change touches one of them, and a settled state plans nothing', () => {
  const service = aService()
  const plan = (pods: readonly Pod[], existing: readonly EndpointSlice[]) => plannedSlices(service, backendsOf(service, pods), existing, zones)
  const pods = many(250)
  const first = plan(pods, [])
  assert.deepEqual(
    first.create.map(({ endpoints }) => endpoints?.length),
    [100, 100, 50],
  )
  const settled = stored(first)
  assert.deepEqual(plan(pods, settled), { create: [], update: [], delete: [] })
  const replaced = [...pods.slice(1), ...many(1, 250)]
  const second = plan(replaced, settled)
  assert.deepEqual([second.create.length, second.update.length, second.delete.length], [0, 1, 0])
  const few = plan(pods.slice(240), settled)
  assert.deepEqual([few.create.length, few.update.length, few.delete.length], [0, 1, 2])
  const none = plan([], stored(few, settled))
  assert.deepEqual([none.create.map(({ endpoints }) => endpoints), none.update.length, none.delete.length], [[[]], 0, 1])
  assert.deepEqual(plan([], stored(none, stored(few, settled))), { create: [], update: [], delete: [] })
})

test('a Service that asks for traffic to stay close says for whom each ready endpoint is', () => {
  const hints = (trafficDistribution: string) => {
    const service = aService({ trafficDistribution })
    const { create } = plannedSlices(service, backendsOf(service, [backend('a'), backend('b', { ip: '10.1.0.2', ready: false })]), [], zones)
    return create[0]?.endpoints?.map(({ hints }) => hints)
  }
  assert.deepEqual(hints('PreferClose'), [{ forZones: [{ name: 'zone-of-n1' }] }, undefined])
  assert.deepEqual(hints('PreferSameNode'), [{ forNodes: [{ name: 'n1' }], forZones: [{ name: 'zone-of-n1' }] }, undefined])
})
