import type { NewObject } from '../../api/meta/object.ts'
import { controllerReference } from '../../api/meta/owner.ts'
import type { Service } from '../../api/types/core/service.ts'
import type { Endpoint, EndpointPort, EndpointSlice } from '../../api/types/discovery.ts'
import { addAll } from '../../base/add-all.ts'
import { equal } from '../../base/equal.ts'
import { addressOf, type Backend, type Family, familiesOf, HEADLESS_LABEL, isHeadless, podReference, portsKey } from './backends.ts'

export const SERVICE_NAME = 'kubernetes.io/service-name'
export const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by'
export const MANAGER = 'endpointslice-controller.k8s.io'
/** Endpoints in one slice. */
const MOST = 100

export interface SlicesPlan {
  readonly create: readonly NewObject<EndpointSlice>[]
  readonly update: readonly EndpointSlice[]
  readonly delete: readonly EndpointSlice[]
}

/**
 * How the slices of a Service become what its backends are, with as few writes as can be: an endpoint stays in its slice, free places
 * are filled, and a slice is made or dropped only when it must. A Service without endpoints keeps one empty slice.
 */
export function plannedSlices(
  service: Service,
  backends: readonly Backend[],
  existing: readonly EndpointSlice[],
  zoneOf: (node: string) => string | undefined,
): SlicesPlan {
  const labels = {
    ...service.metadata.labels,
    [SERVICE_NAME]: service.metadata.name,
    [MANAGED_BY]: MANAGER,
    ...(isHeadless(service) && { [HEADLESS_LABEL]: '' }),
  }
  const families = familiesOf(service)
  const create: NewObject<EndpointSlice>[] = []
  const update: EndpointSlice[] = []
  const drop = existing.filter(({ addressType }) => !families.some(family => family === addressType))
  for (const family of families) {
    const groups = groupByPorts(service, backends, family, zoneOf)
    const slices = existing.filter(({ addressType }) => addressType === family)
    if (groups.size === 0) groups.set('', { ports: [], endpoints: [] })
    const unused = slices.filter(slice => !groups.has(portsKey(slice.ports ?? [])))
    for (const [key, group] of groups) {
      const same = slices.filter(slice => portsKey(slice.ports ?? []) === key).sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
      const filled = fill(group.endpoints, same)
      for (const { slice, endpoints } of filled) {
        if (!slice) create.push(fresh(service, family, group.ports, endpoints, labels))
        else if (endpoints.length === 0 && filled.length > 1) drop.push(slice)
        else if (!equal(slice.endpoints ?? [], endpoints) || !equal(slice.metadata.labels, labels))
          update.push({ ...slice, metadata: { ...slice.metadata, labels }, endpoints })
      }
    }
    addAll(drop, unused)
  }
  return { create, update, delete: drop }
}

interface Group {
  readonly ports: readonly EndpointPort[]
  readonly endpoints: Endpoint[]
}

function groupByPorts(service: Service, backends: readonly Backend[], family: Family, zoneOf: (node: string) => string | undefined): Map<string, Group> {
  const groups = new Map<string, Group>()
  for (const { pod, ports, ready, serving, terminating, hostname } of backends) {
    const address = addressOf(pod, family)
    if (!address || (ports.length === 0 && service.spec.ports?.length)) continue
    const key = portsKey(ports)
    const group = groups.get(key) ?? { ports: ports.map(({ name, port, protocol, ...rest }) => ({ name, port, protocol, ...rest })), endpoints: [] }
    groups.set(key, group)
    const { nodeName } = pod.spec
    const zone = nodeName ? zoneOf(nodeName) : undefined
    group.endpoints.push({
      addresses: [address],
      conditions: { ready, serving, terminating },
      ...(hostname && { hostname }),
      ...(nodeName && { nodeName }),
      targetRef: podReference(pod),
      ...(zone && { zone }),
      ...hintsOf(service, nodeName, zone, ready),
    })
  }
  return groups
}

/** Where an endpoint is best used from, when the Service asks for traffic to stay close. */
function hintsOf({ spec }: Service, node: string | undefined, zone: string | undefined, ready: boolean): Pick<Endpoint, 'hints'> {
  if (!ready || !zone || !spec.trafficDistribution) return {}
  const forZones = [{ name: zone }]
  return { hints: spec.trafficDistribution === 'PreferSameNode' && node ? { forNodes: [{ name: node }], forZones } : { forZones } }
}

const identity = ({ addresses, targetRef }: Endpoint): string => `${targetRef?.uid ?? ''} ${addresses[0]}`

/** Distributes endpoints over slices; a place without a slice is one to be made. At least one slice comes out. */
function fill(
  wanted: readonly Endpoint[],
  slices: readonly EndpointSlice[],
): readonly { readonly slice: EndpointSlice | undefined; readonly endpoints: Endpoint[] }[] {
  const left = new Map(wanted.map(endpoint => [identity(endpoint), endpoint]))
  const filled: { slice: EndpointSlice | undefined; endpoints: Endpoint[] }[] = slices.map(slice => {
    const endpoints: Endpoint[] = []
    for (const old of slice.endpoints ?? []) {
      const now = left.get(identity(old))
      if (!now || endpoints.length === MOST) continue
      left.delete(identity(old))
      endpoints.push(now)
    }
    return { slice, endpoints }
  })
  const waiting = [...left.values()]
  // The fullest first, so that holes close up; a slice that would go is filled last.
  for (const place of [...filled].sort((a, b) => b.endpoints.length - a.endpoints.length))
    addAll(place.endpoints, waiting.splice(0, MOST - place.endpoints.length))
  while (waiting.length > 0 || filled.length === 0) filled.push({ slice: undefined, endpoints: waiting.splice(0, MOST) })
  const empty = filled.every(({ endpoints }) => endpoints.length === 0)
  return empty ? filled.map((place, i) => (i === 0 ? place : { ...place, endpoints: [] })) : filled
}

const fresh = (
  service: Service,
  addressType: Family,
  ports: readonly EndpointPort[],
  endpoints: readonly Endpoint[],
  labels: Readonly<Record<string, string>>,
): NewObject<EndpointSlice> => ({
  metadata: {
    generateName: `${service.metadata.name}-`,
    ...(service.metadata.namespace && { namespace: service.metadata.namespace }),
    labels,
    ownerReferences: [controllerReference({ apiVersion: 'v1', kind: 'Service', metadata: service.metadata })],
  },
  addressType,
  endpoints,
  ports,
})
