import type { ObjectOf } from '../../meta/object.ts'
import { explicit, int32, list, message, opt, req, type Static, string, withDefault } from '../../schema/build.ts'
import { TypedLocalObjectReference } from '../core/reference.ts'
import { ObjectMeta } from '../meta.ts'

export const ServiceBackendPort = message(
  'networking.v1.ServiceBackendPort',
  {
    name: opt(1, string, 'Name of the port.'),
    number: opt(2, int32, 'Number of the port.'),
  },
  { map: 'atomic', doc: 'A port of a service.' },
)
export type ServiceBackendPort = Static<typeof ServiceBackendPort>

export const IngressServiceBackend = message(
  'networking.v1.IngressServiceBackend',
  {
    name: req(1, string, 'Name of the service.'),
    port: opt(2, ServiceBackendPort, 'Port of the service.'),
  },
  { doc: 'A service.' },
)
export type IngressServiceBackend = Static<typeof IngressServiceBackend>

export const IngressBackend = message(
  'networking.v1.IngressBackend',
  {
    resource: opt(3, TypedLocalObjectReference, 'An object in the same namespace, instead of a service.'),
    service: opt(4, IngressServiceBackend, 'A service in the same namespace.'),
  },
  { doc: 'Where requests go.' },
)
export type IngressBackend = Static<typeof IngressBackend>

export const HTTPIngressPath = message(
  'networking.v1.HTTPIngressPath',
  {
    backend: req(2, IngressBackend, 'Where it leads.'),
    path: opt(1, string, 'The path.'),
    pathType: req(3, string, 'Exact, Prefix or ImplementationSpecific.'),
  },
  { doc: 'One path.' },
)
export type HTTPIngressPath = Static<typeof HTTPIngressPath>

export const HTTPIngressRuleValue = message(
  'networking.v1.HTTPIngressRuleValue',
  {
    paths: req(1, list(HTTPIngressPath, { list: 'atomic' }), 'The paths.'),
  },
  { doc: 'Rules by path.' },
)
export type HTTPIngressRuleValue = Static<typeof HTTPIngressRuleValue>

export const IngressRule = message(
  'networking.v1.IngressRule',
  {
    host: opt(1, string, 'The host; all when empty.'),
    http: opt([2, 1], HTTPIngressRuleValue, 'Rules by path.'),
  },
  { doc: 'Rules for one host.' },
)
export type IngressRule = Static<typeof IngressRule>

export const IngressTLS = message(
  'networking.v1.IngressTLS',
  {
    hosts: opt(1, list(string, { list: 'atomic' }), 'The hosts.'),
    secretName: opt(2, string, 'Secret with certificate and key.'),
  },
  { doc: 'A certificate for hosts.' },
)
export type IngressTLS = Static<typeof IngressTLS>

export const IngressSpec = message(
  'networking.v1.IngressSpec',
  {
    defaultBackend: opt(1, IngressBackend, 'Where requests go that no rule fits.'),
    ingressClassName: opt(4, explicit(string), 'The class that serves it.'),
    rules: opt(3, list(IngressRule, { list: 'atomic' }), 'The rules.'),
    tls: opt(2, list(IngressTLS, { list: 'atomic' }), 'Certificates by host.'),
  },
  { doc: 'Rules for requests.' },
)
export type IngressSpec = Static<typeof IngressSpec>

export const IngressPortStatus = message(
  'networking.v1.IngressPortStatus',
  {
    error: opt(3, explicit(string), 'What went wrong with the port.'),
    port: req(1, int32, 'Number of the port.'),
    protocol: req(2, string, 'TCP, UDP or SCTP.'),
  },
  { doc: 'State of one port.' },
)
export type IngressPortStatus = Static<typeof IngressPortStatus>

export const IngressLoadBalancerIngress = message(
  'networking.v1.IngressLoadBalancerIngress',
  {
    hostname: opt(2, string, 'Host name.'),
    ip: opt(1, string, 'Address.'),
    ports: opt(4, list(IngressPortStatus, { list: 'atomic' }), 'State of the ports.'),
  },
  { doc: 'One way in.' },
)
export type IngressLoadBalancerIngress = Static<typeof IngressLoadBalancerIngress>

export const IngressLoadBalancerStatus = message(
  'networking.v1.IngressLoadBalancerStatus',
  {
    ingress: opt(1, list(IngressLoadBalancerIngress, { list: 'atomic' }), 'Where it can be reached.'),
  },
  { doc: 'State of a load balancer.' },
)
export type IngressLoadBalancerStatus = Static<typeof IngressLoadBalancerStatus>

export const IngressStatus = message(
  'networking.v1.IngressStatus',
  {
    loadBalancer: opt(1, withDefault(IngressLoadBalancerStatus, {}), 'State of its load balancer.'),
  },
  { doc: 'Where an Ingress can be reached.' },
)
export type IngressStatus = Static<typeof IngressStatus>

export const Ingress = message(
  'networking.v1.Ingress',
  {
    metadata: opt(1, ObjectMeta, 'Standard metadata of the object.'),
    spec: opt(2, IngressSpec, 'The rules.'),
    status: opt(3, IngressStatus, 'Where it can be reached.'),
  },
  { kind: true, doc: 'Leads HTTP from outside to services.' },
)
export type Ingress = ObjectOf<Static<typeof Ingress>>

export const IngressClassParametersReference = message(
  'networking.v1.IngressClassParametersReference',
  {
    apiGroup: opt(1, explicit(string), 'Group of the object; empty for the core group.'),
    kind: req(2, string, 'Kind of the object.'),
    name: req(3, string, 'Name of the object.'),
    namespace: opt(5, explicit(string), 'Namespace of the object.'),
    scope: opt(4, withDefault(explicit(string), 'Cluster'), 'Cluster or Namespace.'),
  },
  { doc: 'An object with settings.' },
)
export type IngressClassParametersReference = Static<typeof IngressClassParametersReference>

export const IngressClassSpec = message(
  'networking.v1.IngressClassSpec',
  {
    controller: opt(1, string, 'Name of the controller.'),
    parameters: opt(2, IngressClassParametersReference, 'An object with its settings.'),
  },
  { doc: 'The controller.' },
)
export type IngressClassSpec = Static<typeof IngressClassSpec>

export const IngressClass = message(
  'networking.v1.IngressClass',
  {
    metadata: opt(1, ObjectMeta, 'Standard metadata of the object.'),
    spec: opt(2, IngressClassSpec, 'The controller.'),
  },
  { kind: true, doc: 'Which controller serves an Ingress.' },
)
export type IngressClass = ObjectOf<Static<typeof IngressClass>>
