import type { ObjectOf } from '../meta/object.ts'
import { boolean, explicit, int32, list, map, message, opt, req, type Static, string, withDefault } from '../schema/build.ts'
import { ObjectReference } from './core/reference.ts'
import { ObjectMeta } from './meta.ts'

export const EndpointConditions = message(
  'discovery.v1.EndpointConditions',
  {
    ready: opt(1, explicit(boolean), 'Whether it takes new traffic.'),
    serving: opt(2, explicit(boolean), 'Whether it serves, also while it terminates.'),
    terminating: opt(3, explicit(boolean), 'Whether it is about to go.'),
  },
  { doc: 'What an endpoint can do now.' },
)
export type EndpointConditions = Static<typeof EndpointConditions>

export const ForNode = message(
  'discovery.v1.ForNode',
  {
    name: req(1, string, 'Name of the node.'),
  },
  { doc: 'A node that should use an endpoint.' },
)
export type ForNode = Static<typeof ForNode>

export const ForZone = message(
  'discovery.v1.ForZone',
  {
    name: req(1, string, 'Name of the zone.'),
  },
  { doc: 'A zone that should use an endpoint.' },
)
export type ForZone = Static<typeof ForZone>

export const EndpointHints = message(
  'discovery.v1.EndpointHints',
  {
    forNodes: opt(2, list(ForNode, { list: 'atomic' }), 'Nodes that should use it.'),
    forZones: opt(1, list(ForZone, { list: 'atomic' }), 'Zones that should use it.'),
  },
  { doc: 'Who should use an endpoint.' },
)
export type EndpointHints = Static<typeof EndpointHints>

export const Endpoint = message(
  'discovery.v1.Endpoint',
  {
    addresses: req(1, list(string, { list: 'set' }), 'Its addresses; clients use the first.'),
    conditions: opt(2, EndpointConditions, 'What it can do now.'),
    deprecatedTopology: opt(5, map(string), 'No longer used.'),
    hints: opt(8, EndpointHints, 'Who should use it.'),
    hostname: opt(3, explicit(string), 'Its host name.'),
    nodeName: opt(6, explicit(string), 'Node it is on.'),
    targetRef: opt(4, ObjectReference, 'The object behind it.'),
    zone: opt(7, explicit(string), 'Zone it is in.'),
  },
  { doc: 'One endpoint.' },
)
export type Endpoint = Static<typeof Endpoint>

export const EndpointPort = message(
  'discovery.v1.EndpointPort',
  {
    appProtocol: opt(4, explicit(string), 'Protocol spoken on the port.'),
    name: opt(1, withDefault(explicit(string), ''), 'Name of the port, as in the service.'),
    port: opt(3, explicit(int32), 'Number of the port.'),
    protocol: opt(2, withDefault(explicit(string), 'TCP'), 'TCP, UDP or SCTP.'),
  },
  { map: 'atomic', doc: 'A port of endpoints.' },
)
export type EndpointPort = Static<typeof EndpointPort>

export const EndpointSlice = message(
  'discovery.v1.EndpointSlice',
  {
    addressType: req(4, string, 'IPv4, IPv6 or FQDN.'),
    endpoints: opt(2, list(Endpoint, { list: 'atomic' }), 'The endpoints.'),
    metadata: opt(1, ObjectMeta, 'Standard metadata of the object.'),
    ports: opt(3, list(EndpointPort, { list: 'atomic' }), 'Ports of all these endpoints.'),
  },
  { kind: true, doc: 'Some of the endpoints of a service.' },
)
export type EndpointSlice = ObjectOf<Static<typeof EndpointSlice>>
