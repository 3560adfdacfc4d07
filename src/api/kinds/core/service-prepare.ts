import type { Draft } from '../../meta/object.ts'
import type { Service } from '../../types/core/service.ts'

const DEFAULT_STICKY_SECONDS = 10_800

/** Whether a service can be reached from outside of the cluster: by a port of the nodes, or an address of its own. */
export const isReachable = (spec: AnySpec): boolean => isOutside(spec) || (spec.type === 'ClusterIP' && (spec.externalIPs ?? []).length > 0)

type AnySpec = Draft<Service>['spec'] | Service['spec']
const isOutside = ({ type }: AnySpec): boolean => type === 'NodePort' || type === 'LoadBalancer'

export function defaultService({ spec, status }: Draft<Service>): void {
  if (spec.sessionAffinity === 'ClientIP') {
    spec.sessionAffinityConfig ??= {}
    spec.sessionAffinityConfig.clientIP ??= {}
    spec.sessionAffinityConfig.clientIP.timeoutSeconds ??= DEFAULT_STICKY_SECONDS
  } else delete spec.sessionAffinityConfig
  for (const port of spec.ports ?? []) if (!port.targetPort) port.targetPort = port.port
  if (isReachable(spec) && !spec.externalTrafficPolicy) spec.externalTrafficPolicy = 'Cluster'
  if (spec.type !== 'ExternalName') spec.internalTrafficPolicy ??= 'Cluster'
  if (spec.type === 'LoadBalancer') {
    spec.allocateLoadBalancerNodePorts ??= true
    for (const ingress of status.loadBalancer?.ingress ?? []) if (ingress.ip) ingress.ipMode ??= 'VIP'
  }
}

/** `clusterIP` is the first of `clusterIPs`, whichever of them was said. */
function alignClusterIPs({ spec }: Draft<Service>): void {
  if (spec.clusterIP && !spec.clusterIPs?.length) spec.clusterIPs = [spec.clusterIP]
  else if (!spec.clusterIP && spec.clusterIPs?.[0]) spec.clusterIP = spec.clusterIPs[0]
}

export function prepareServiceForCreate(service: Draft<Service>): void {
  service.status = { loadBalancer: {} }
  alignClusterIPs(service)
}

/** Addresses and ports that were given out stay, unless the client says others. */
export function prepareServiceForUpdate(service: Draft<Service>, old: Service): void {
  service.status = old.status as Draft<Service>['status']
  const { spec } = service
  const before = old.spec
  if (spec.type !== 'ExternalName' && before.type !== 'ExternalName') {
    // Changing only the single address means changing the first of the list.
    if (spec.clusterIP && spec.clusterIP !== before.clusterIP && spec.clusterIPs?.[0] === before.clusterIPs?.[0]) spec.clusterIPs = [spec.clusterIP]
    if (!spec.clusterIP && !spec.clusterIPs?.length && before.clusterIP) {
      spec.clusterIP = before.clusterIP
      spec.clusterIPs = [...(before.clusterIPs ?? [before.clusterIP])]
    }
    if (!spec.ipFamilies?.length && before.ipFamilies) spec.ipFamilies = [...before.ipFamilies]
    if (before.ipFamilyPolicy) spec.ipFamilyPolicy ??= before.ipFamilyPolicy
  } else if (spec.type === 'ExternalName' && before.type !== 'ExternalName') {
    if (spec.clusterIP === before.clusterIP) {
      delete spec.clusterIP
      delete spec.clusterIPs
    }
    delete spec.ipFamilies
    delete spec.ipFamilyPolicy
  }
  alignClusterIPs(service)
  dropOfOtherType(service, old)
  if (!isOutside(spec)) return
  const nodePorts = nodePortsOf(before)
  for (const port of spec.ports ?? []) {
    const same = nodePorts.get(`${port.port}/${port.protocol}`)
    if (!port.nodePort && same) port.nodePort = same
  }
}

/** The first node port that was given for each `port/protocol`. */
function nodePortsOf({ ports }: Service['spec']): ReadonlyMap<string, number> {
  const found = new Map<string, number>()
  for (const { port, protocol, nodePort } of ports ?? []) if (nodePort && !found.has(`${port}/${protocol}`)) found.set(`${port}/${protocol}`, nodePort)
  return found
}

/** What the type before had set goes with it, unless the client says it anew: a change of type need name nothing else. */
function dropOfOtherType({ spec }: Draft<Service>, { spec: before }: Service): void {
  if (isOutside(before) && !isOutside(spec)) {
    const given = new Set(before.ports?.map(({ nodePort }) => nodePort))
    const same = (spec.ports ?? []).every(port => !port.nodePort || given.has(port.nodePort))
    if (same) for (const port of spec.ports ?? []) delete port.nodePort
  }
  if (isReachable(before) && !isReachable(spec) && spec.externalTrafficPolicy === before.externalTrafficPolicy) delete spec.externalTrafficPolicy
  if (before.type === 'LoadBalancer' && spec.type !== 'LoadBalancer') {
    if (spec.allocateLoadBalancerNodePorts === before.allocateLoadBalancerNodePorts) delete spec.allocateLoadBalancerNodePorts
    if (spec.loadBalancerClass === before.loadBalancerClass) delete spec.loadBalancerClass
    if (spec.healthCheckNodePort === before.healthCheckNodePort) delete spec.healthCheckNodePort
  }
  if (before.type !== 'ExternalName' && spec.type === 'ExternalName' && spec.internalTrafficPolicy === before.internalTrafficPolicy) {
    delete spec.internalTrafficPolicy
  }
}
