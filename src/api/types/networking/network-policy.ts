import type { ObjectOf } from '../../meta/object.ts'
import { explicit, int32, intOrString, list, message, opt, req, type Static, string, withDefault } from '../../schema/build.ts'
import { LabelSelector, ObjectMeta } from '../meta.ts'

export const NetworkPolicyPort = message(
  'networking.v1.NetworkPolicyPort',
  {
    endPort: opt(3, explicit(int32), 'Last port of a range.'),
    port: opt(2, explicit(intOrString), 'Number or name of the port.'),
    protocol: opt(1, withDefault(explicit(string), 'TCP'), 'TCP, UDP or SCTP.'),
  },
  { doc: 'A port or a range of ports.' },
)
export type NetworkPolicyPort = Static<typeof NetworkPolicyPort>

export const IPBlock = message(
  'networking.v1.IPBlock',
  {
    cidr: req(1, string, 'The range.'),
    except: opt(2, list(string, { list: 'atomic' }), 'Ranges in it that do not count.'),
  },
  { doc: 'A range of addresses.' },
)
export type IPBlock = Static<typeof IPBlock>

export const NetworkPolicyPeer = message(
  'networking.v1.NetworkPolicyPeer',
  {
    ipBlock: opt(3, IPBlock, 'Addresses.'),
    namespaceSelector: opt(2, LabelSelector, 'Selects namespaces.'),
    podSelector: opt(1, LabelSelector, 'Selects pods.'),
  },
  { doc: 'Pods or addresses.' },
)
export type NetworkPolicyPeer = Static<typeof NetworkPolicyPeer>

export const NetworkPolicyEgressRule = message(
  'networking.v1.NetworkPolicyEgressRule',
  {
    ports: opt(1, list(NetworkPolicyPort, { list: 'atomic' }), 'Ports; all when empty.'),
    to: opt(2, list(NetworkPolicyPeer, { list: 'atomic' }), 'Peers; all when empty.'),
  },
  { doc: 'Traffic that may go out.' },
)
export type NetworkPolicyEgressRule = Static<typeof NetworkPolicyEgressRule>

export const NetworkPolicyIngressRule = message(
  'networking.v1.NetworkPolicyIngressRule',
  {
    from: opt(2, list(NetworkPolicyPeer, { list: 'atomic' }), 'Peers; all when empty.'),
    ports: opt(1, list(NetworkPolicyPort, { list: 'atomic' }), 'Ports; all when empty.'),
  },
  { doc: 'Traffic that may come in.' },
)
export type NetworkPolicyIngressRule = Static<typeof NetworkPolicyIngressRule>

export const NetworkPolicySpec = message(
  'networking.v1.NetworkPolicySpec',
  {
    egress: opt(3, list(NetworkPolicyEgressRule, { list: 'atomic' }), 'What may go out.'),
    ingress: opt(2, list(NetworkPolicyIngressRule, { list: 'atomic' }), 'What may come in.'),
    podSelector: opt(1, withDefault(LabelSelector, {}), 'Selects the pods.'),
    policyTypes: opt(4, list(string, { list: 'atomic' }), 'Ingress, Egress or both.'),
  },
  { doc: 'Rules for the traffic of selected pods; what none allows is refused.' },
)
export type NetworkPolicySpec = Static<typeof NetworkPolicySpec>

export const NetworkPolicy = message(
  'networking.v1.NetworkPolicy',
  {
    metadata: opt(1, ObjectMeta, 'Standard metadata of the object.'),
    spec: opt(2, NetworkPolicySpec, 'The rules.'),
  },
  { kind: true, doc: 'Which traffic pods may have.' },
)
export type NetworkPolicy = ObjectOf<Static<typeof NetworkPolicy>>
