import { EndpointSlice } from '../../types/discovery.ts'
import { ipWarnings } from '../address-warnings.ts'
import { AGE, NAME, text } from '../columns.ts'
import type { Kind } from '../kind.ts'
import { defaultEndpointSlice, validateEndpointSlice, validateEndpointSliceUpdate } from './endpoint-slice-rules.ts'

const SHOWN = 3

/** The first few of a list and how many more there are; `<unset>` for none. */
function firstFew(items: readonly string[]): string {
  if (items.length === 0) return '<unset>'
  return items.length > SHOWN ? `${items.slice(0, SHOWN).join(',')} + ${items.length - SHOWN} more...` : items.join(',')
}

const OWN = ['endpointslice-controller.k8s.io', 'endpointslicemirroring-controller.k8s.io']

/** Addresses that are not written as they should be; the controllers' own are. */
function sliceWarnings({ metadata, addressType, endpoints }: EndpointSlice, old: EndpointSlice | undefined): readonly string[] {
  const found = !old && addressType === 'FQDN' ? ['spec.addressType: FQDN endpoints are deprecated'] : []
  if (OWN.includes(metadata.labels?.['endpointslice.kubernetes.io/managed-by'] ?? '')) return found
  const addresses = (endpoints ?? []).flatMap((endpoint, i) => endpoint.addresses.flatMap((ip, j) => ipWarnings(`endpoints[${i}].addresses[${j}]`, ip)))
  return [...found, ...addresses]
}

export const EndpointSlices: Kind<EndpointSlice> = {
  group: 'discovery.k8s.io',
  version: 'v1',
  kind: 'EndpointSlice',
  resource: 'endpointslices',
  singular: 'endpointslice',
  namespaced: true,
  schema: EndpointSlice,
  defaults: defaultEndpointSlice,
  validate: validateEndpointSlice,
  validateUpdate: validateEndpointSliceUpdate,
  warnings: sliceWarnings,
  columns: [
    NAME,
    text('AddressType', 'Kind of the addresses.', slice => slice.addressType),
    text('Ports', 'Ports of every endpoint.', slice => firstFew((slice.ports ?? []).map(p => (p.port == null ? '*' : String(p.port))))),
    text('Endpoints', 'Addresses of the endpoints.', slice => firstFew((slice.endpoints ?? []).flatMap(e => e.addresses))),
    AGE,
  ],
}
