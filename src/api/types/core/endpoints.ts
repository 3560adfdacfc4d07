import type { ObjectOf } from '../../meta/object.ts'
import { explicit, int32, list, message, opt, req, type Static, string, withDefault } from '../../schema/build.ts'
import { ObjectMeta } from '../meta.ts'
import { ObjectReference } from './reference.ts'

export const EndpointAddress = message(
  'core.v1.EndpointAddress',
  {
    hostname: opt(3, string, 'Host name of the endpoint.'),
    ip: req(1, string, 'The address.'),
    nodeName: opt(4, explicit(string), 'Node the endpoint is on.'),
    targetRef: opt(2, ObjectReference, 'The object behind the address.'),
  },
  { map: 'atomic', doc: 'One address.' },
)
export type EndpointAddress = Static<typeof EndpointAddress>

export const EndpointPort = message(
  'core.v1.EndpointPort',
  {
    appProtocol: opt(4, explicit(string), 'Protocol spoken on the port.'),
    name: opt(1, string, 'Name of the port, as in the service.'),
    port: req(2, int32, 'Number of the port.'),
    protocol: opt(3, withDefault(string, 'TCP'), 'TCP, UDP or SCTP.'),
  },
  { map: 'atomic', doc: 'A port of endpoints.' },
)
export type EndpointPort = Static<typeof EndpointPort>

export const EndpointSubset = message(
  'core.v1.EndpointSubset',
  {
    addresses: opt(1, list(EndpointAddress, { list: 'atomic' }), 'Addresses that are ready.'),
    notReadyAddresses: opt(2, list(EndpointAddress, { list: 'atomic' }), 'Addresses that are not ready.'),
    ports: opt(3, list(EndpointPort, { list: 'atomic' }), 'Ports of all these addresses.'),
  },
  { doc: 'Addresses that have the same ports.' },
)
export type EndpointSubset = Static<typeof EndpointSubset>

export const Endpoints = message(
  'core.v1.Endpoints',
  {
    metadata: opt(1, ObjectMeta, 'Standard metadata of the object.'),
    subsets: opt(2, list(EndpointSubset, { list: 'atomic' }), 'Groups of addresses that have the same ports.'),
  },
  { kind: true, doc: 'Addresses behind a service; EndpointSlice says the same in pieces.' },
)
export type Endpoints = ObjectOf<Static<typeof Endpoints>>
