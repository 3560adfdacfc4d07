import { EndpointSlice } from '../../types/discovery.ts'
import { AGE, NAME, text } from '../columns.ts'
import type { Kind } from '../kind.ts'
import { defaultEndpointSlice, validateEndpointSlice, validateEndpointSliceUpdate } from './endpoint-slice-rules.ts'

const SHOWN = 3

/** The first few of a list and how many more there are; `<unset>` for none. */
function firstFew(items: readonly string[]): string {
  if (items.length === 0) return '<unset>'
  return items.length > SHOWN ? `${items.slice(0, SHOWN).join(',')} + ${items.length - SHOWN} more...` : items.join(',')
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
  columns: [
    NAME,
    text('AddressType', 'Kind of the addresses.', slice => slice.addressType),
    text('Ports', 'Ports of every endpoint.', slice => firstFew((slice.ports ?? []).map(p => (p.port == null ? '*' : String(p.port))))),
    text('Endpoints', 'Addresses of the endpoints.', slice => firstFew((slice.endpoints ?? []).flatMap(e => e.addresses))),
    AGE,
  ],
}
