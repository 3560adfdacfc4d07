import type { Api } from '../../api/access.ts'
import type { KindRef } from '../../api/kinds/kind.ts'
import type { KubeObject } from '../../api/meta/object.ts'
import { isStatus } from '../../api/meta/status.ts'
import { equal } from '../../base/equal.ts'
import type { WatchCaches } from '../cache/types.ts'

export interface OwnServiceOptions {
  readonly api: Api
  /** Where pods reach the API server; an address of the loopback is of no use to them, so that the endpoints are left empty. */
  readonly address: string
  readonly port: number
  /** The cluster address of Service `default/kubernetes`: the first of the range. */
  readonly clusterIP: string
}

const core = (kind: string, resource: string, namespaced: boolean): KindRef => ({ group: '', version: 'v1', kind, resource, namespaced })
const NAMESPACES = core('Namespace', 'namespaces', false)
const SERVICES = core('Service', 'services', true)
const ENDPOINTS = core('Endpoints', 'endpoints', true)
const SLICES: KindRef = { group: 'discovery.k8s.io', version: 'v1', kind: 'EndpointSlice', resource: 'endpointslices', namespaced: true }
const PRIORITIES: KindRef = { group: 'scheduling.k8s.io', version: 'v1', kind: 'PriorityClass', resource: 'priorityclasses', namespaced: false }

export const SYSTEM_NAMESPACES = ['default', 'kube-system', 'kube-public', 'kube-node-lease'] as const

/** Makes what every cluster has, where it is missing; all at once, so that one commit carries it. */
export async function ensureSystemObjects(api: Api): Promise<void> {
  await Promise.all([
    ...SYSTEM_NAMESPACES.map(name => ensure(api, NAMESPACES, undefined, { metadata: { name } })),
    ...PRIORITY_CLASSES.map(([name, value, description]) =>
      ensure(api, PRIORITIES, undefined, { metadata: { name }, value, description, preemptionPolicy: 'PreemptLowerPriority' }),
    ),
  ])
}

/** Makes `default/kubernetes` and its endpoints anew whenever somebody takes or changes them. Ends with the signal. */
export async function keepOwnService(options: OwnServiceOptions, caches: WatchCaches, onError: (error: unknown) => void, signal: AbortSignal): Promise<void> {
  const ensure = () => ensureOwnService(options).catch(onError)
  const keep = async (kind: KindRef) => {
    while (!signal.aborted) {
      try {
        for await (const _ of caches.of(kind)!.watch({ namespace: 'default', name: 'kubernetes', after: caches.revision, signal })) await ensure()
      } catch (error) {
        if (!signal.aborted) onError(error)
      }
    }
  }
  await Promise.all([SERVICES, ENDPOINTS, SLICES].map(keep))
}

/** Lets `default/kubernetes` point to where the API is now. Namespace `default` is there. */
export async function ensureOwnService({ api, address, port, clusterIP }: OwnServiceOptions): Promise<void> {
  const reachable = !address.startsWith('127.') && address !== '::1' && address !== 'localhost'
  const labels = { component: 'apiserver', provider: 'kubernetes' }
  await Promise.all([
    ensure(api, SERVICES, 'default', {
      metadata: { name: 'kubernetes', labels },
      spec: { type: 'ClusterIP', clusterIP, ports: [{ name: 'https', port: 443, protocol: 'TCP', targetPort: port }] },
    }),
    ensure(
      api,
      ENDPOINTS,
      'default',
      {
        metadata: { name: 'kubernetes', labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } },
        subsets: reachable ? [{ addresses: [{ ip: address }], ports: [{ name: 'https', port, protocol: 'TCP' }] }] : [],
      },
      'subsets',
    ),
    ensure(
      api,
      SLICES,
      'default',
      {
        metadata: { name: 'kubernetes', labels: { 'kubernetes.io/service-name': 'kubernetes' } },
        addressType: 'IPv4',
        endpoints: reachable ? [{ addresses: [address], conditions: { ready: true } }] : [],
        ports: [{ name: 'https', port, protocol: 'TCP' }],
      },
      'endpoints',
      'ports',
    ),
  ])
}

const PRIORITY_CLASSES = [
  ['system-cluster-critical', 2_000_000_000, 'For pods that the cluster needs but that may run on another node.'],
  ['system-node-critical', 2_000_001_000, 'For pods that must not leave their node.'],
] as const

/** Creates the object if it is missing; else lets `members` be as they should be. */
async function ensure(
  api: Api,
  kind: KindRef,
  namespace: string | undefined,
  object: { metadata: { name: string; labels?: Record<string, string> } } & Record<string, unknown>,
  ...members: readonly string[]
): Promise<void> {
  const target = { kind, ...(namespace && { namespace }) }
  const { name } = object.metadata
  try {
    const found = (await api.get({ ...target, name })) as KubeObject & Readonly<Record<string, unknown>>
    if (members.every(member => equal(found[member] ?? [], object[member]))) return
    await api.update({ ...target, name }, { ...found, ...Object.fromEntries(members.map(member => [member, object[member]])) } as KubeObject)
  } catch (error) {
    if (!isStatus(error, 'NotFound')) throw error
    await api.create(target, object as never)
  }
}
