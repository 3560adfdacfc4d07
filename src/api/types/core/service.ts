import type { ObjectOf } from '../../meta/object.ts'
import { boolean, explicit, int32, intOrString, list, map, message, opt, req, type Static, string, withDefault } from '../../schema/build.ts'
import { Condition, ObjectMeta } from '../meta.ts'

export const ServicePort = message(
  'core.v1.ServicePort',
  {
    appProtocol: opt(6, explicit(string), 'Protocol spoken on the port.'),
    name: opt(1, string, 'Name of the port; needed when there are several.'),
    nodePort: opt(5, int32, 'Port on every node that leads here.'),
    port: req(3, int32, 'Number of the port.'),
    protocol: opt(2, withDefault(string, 'TCP'), 'TCP, UDP or SCTP.'),
    targetPort: opt(4, intOrString, "Number or name of the pods' port; the same number when not given."),
  },
  { doc: 'One port of a service.' },
)
export type ServicePort = Static<typeof ServicePort>

export const ClientIPConfig = message(
  'core.v1.ClientIPConfig',
  {
    timeoutSeconds: opt(1, explicit(int32), 'Seconds a client stays at its pod.'),
  },
  { doc: 'Settings for affinity by client address.' },
)
export type ClientIPConfig = Static<typeof ClientIPConfig>

export const SessionAffinityConfig = message(
  'core.v1.SessionAffinityConfig',
  {
    clientIP: opt(1, ClientIPConfig, 'Settings for affinity by client address.'),
  },
  { doc: 'Settings for keeping clients at a pod.' },
)
export type SessionAffinityConfig = Static<typeof SessionAffinityConfig>

export const ServiceSpec = message(
  'core.v1.ServiceSpec',
  {
    allocateLoadBalancerNodePorts: opt(20, explicit(boolean), 'Whether a load balancer gets node ports.'),
    clusterIP: opt(3, string, 'Address of the service; None for none, given by the server when left out.'),
    clusterIPs: opt(18, list(string, { list: 'atomic' }), 'Addresses of the service, at most one per family.'),
    externalIPs: opt(5, list(string, { list: 'atomic' }), 'Further addresses that nodes take traffic on.'),
    externalName: opt(10, string, 'Name that an ExternalName service stands for.'),
    externalTrafficPolicy: opt(11, string, 'Cluster or Local: whether traffic from outside may go on to another node.'),
    healthCheckNodePort: opt(12, int32, 'Port for health checks of load balancers.'),
    internalTrafficPolicy: opt(22, explicit(string), 'Cluster or Local: whether traffic from inside may go on to another node.'),
    ipFamilies: opt(19, list(string, { list: 'atomic' }), 'Families of the addresses: IPv4, IPv6.'),
    ipFamilyPolicy: opt(17, explicit(string), 'SingleStack, PreferDualStack or RequireDualStack.'),
    loadBalancerClass: opt(21, explicit(string), 'Kind of load balancer wanted.'),
    loadBalancerIP: opt(8, string, 'Address wanted of the load balancer; depends on the provider.'),
    loadBalancerSourceRanges: opt(9, list(string, { list: 'atomic' }), 'Addresses the load balancer lets in.'),
    ports: opt(1, list(ServicePort, { list: 'map', keys: ['port', 'protocol'], patch: 'merge', mergeKey: 'port' }), 'Ports of the service.'),
    publishNotReadyAddresses: opt(13, boolean, 'Counts pods that are not ready as endpoints.'),
    selector: opt(2, map(string, { map: 'atomic' }), 'Labels of the pods behind the service.'),
    sessionAffinity: opt(7, withDefault(string, 'None'), 'ClientIP to keep a client at one pod, or None.'),
    sessionAffinityConfig: opt(14, SessionAffinityConfig, 'Settings for the affinity.'),
    trafficDistribution: opt(23, explicit(string), 'Preference for endpoints near the client.'),
    type: opt(4, withDefault(string, 'ClusterIP'), 'ClusterIP, NodePort, LoadBalancer or ExternalName.'),
  },
  { doc: 'How a service is reached and what is behind it.' },
)
export type ServiceSpec = Static<typeof ServiceSpec>

export const PortStatus = message(
  'core.v1.PortStatus',
  {
    error: opt(3, explicit(string), 'What went wrong with the port.'),
    port: req(1, int32, 'Number of the port.'),
    protocol: req(2, string, 'TCP, UDP or SCTP.'),
  },
  { doc: 'State of one port.' },
)
export type PortStatus = Static<typeof PortStatus>

export const LoadBalancerIngress = message(
  'core.v1.LoadBalancerIngress',
  {
    hostname: opt(2, string, 'Host name of the load balancer.'),
    ip: opt(1, string, 'Address of the load balancer.'),
    ipMode: opt(3, explicit(string), 'VIP or Proxy.'),
    ports: opt(4, list(PortStatus, { list: 'atomic' }), 'State of its ports.'),
  },
  { doc: 'One way into a load balancer.' },
)
export type LoadBalancerIngress = Static<typeof LoadBalancerIngress>

export const LoadBalancerStatus = message(
  'core.v1.LoadBalancerStatus',
  {
    ingress: opt(1, list(LoadBalancerIngress, { list: 'atomic' }), 'Where the load balancer can be reached.'),
  },
  { doc: 'State of a load balancer.' },
)
export type LoadBalancerStatus = Static<typeof LoadBalancerStatus>

export const ServiceStatus = message(
  'core.v1.ServiceStatus',
  {
    conditions: opt(2, list(Condition, { list: 'map', keys: ['type'], patch: 'merge', mergeKey: 'type' }), 'Present conditions.'),
    loadBalancer: opt(1, withDefault(LoadBalancerStatus, {}), 'What the load balancer reported.'),
  },
  { doc: 'State of a service.' },
)
export type ServiceStatus = Static<typeof ServiceStatus>

export const Service = message(
  'core.v1.Service',
  {
    metadata: opt(1, ObjectMeta, 'Standard metadata of the object.'),
    spec: opt(2, ServiceSpec, 'What is wanted.'),
    status: opt(3, ServiceStatus, 'State of the service.'),
  },
  { kind: true, doc: 'One name and address for the pods that a selector selects.' },
)
export type Service = ObjectOf<Static<typeof Service>>
