import type { EndpointAddress, EndpointPort, EndpointSubset, Endpoints } from '../../api/types/core/endpoints.ts'
import type { Service } from '../../api/types/core/service.ts'
import { equal } from '../../base/equal.ts'
import { addressOf, type Backend, familiesOf, HEADLESS_LABEL, isHeadless, podReference, portsKey } from './backends.ts'

/** Endpoints holds at most this many addresses; more are left out, and an annotation says so. */
const MOST = 1000
const OVER_CAPACITY = 'endpoints.kubernetes.io/over-capacity'
const MANAGED_BY = 'endpoints.kubernetes.io/managed-by'

/** What the Endpoints of a Service are to hold, apart from its metadata's own. */
export interface EndpointsPlan {
  readonly subsets: readonly EndpointSubset[]
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
}

/** Addresses by set of ports, ready ones and others apart. Terminating pods appear only where all are published. */
export function plannedEndpoints(service: Service, backends: readonly Backend[], old: Endpoints | undefined): EndpointsPlan {
  const family = familiesOf(service)[0]!
  const listed = backends.filter(({ terminating }) => !terminating || service.spec.publishNotReadyAddresses).filter(({ pod }) => addressOf(pod, family))
  // Ready ones first, so that what is cut off is what matters least.
  const kept = [...listed.filter(({ ready }) => ready), ...listed.filter(({ ready }) => !ready)].slice(0, MOST)
  const groups = new Map<string, { readonly ports: Backend['ports']; readonly ready: EndpointAddress[]; readonly notReady: EndpointAddress[] }>()
  for (const backend of kept) {
    if (backend.ports.length === 0 && !(isHeadless(service) && !service.spec.ports?.length)) continue
    const key = portsKey(backend.ports)
    const group = groups.get(key) ?? { ports: backend.ports, ready: [], notReady: [] }
    groups.set(key, group)
    const { pod, hostname } = backend
    const address: EndpointAddress = {
      ip: addressOf(pod, family)!,
      ...(hostname && { hostname }),
      ...(pod.spec.nodeName && { nodeName: pod.spec.nodeName }),
      targetRef: podReference(pod),
    }
    ;(backend.ready ? group.ready : group.notReady).push(address)
  }
  const subsets = [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(
      ([, { ports, ready, notReady }]): EndpointSubset => ({
        ...(ready.length && { addresses: ready.sort(byAddress) }),
        ...(notReady.length && { notReadyAddresses: notReady.sort(byAddress) }),
        ...(ports.length && { ports: ports.map(shownPort) }),
      }),
    )
  const { [OVER_CAPACITY]: _, ...annotations } = old?.metadata.annotations ?? {}
  return {
    subsets,
    labels: { ...service.metadata.labels, [MANAGED_BY]: 'endpoint-controller', ...(isHeadless(service) && { [HEADLESS_LABEL]: '' }) },
    annotations: { ...annotations, ...(listed.length > MOST && { [OVER_CAPACITY]: 'truncated' }) },
  }
}

/** Whether the Endpoints that are there hold this already. */
export const matchesPlan = (old: Endpoints, plan: EndpointsPlan): boolean =>
  equal(old.subsets ?? [], plan.subsets) && equal(old.metadata.labels ?? {}, plan.labels) && equal(old.metadata.annotations ?? {}, plan.annotations)

const shownPort = ({ name, ...rest }: Backend['ports'][number]): EndpointPort => ({ ...(name && { name }), ...rest })
const byAddress = (a: EndpointAddress, b: EndpointAddress): number => (a.ip < b.ip ? -1 : a.ip > b.ip ? 1 : 0)
