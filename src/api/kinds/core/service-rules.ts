import { repeats } from '../../../base/repeats.ts'
import { duplicate, type FieldError, forbiddenField, invalid, required } from '../../meta/field-error.ts'
import { dnsLabel, dnsSubdomain, portNumber, qualifiedName } from '../../meta/names.ts'
import { checkLabels, report } from '../../meta/object-meta.ts'
import type { Service, ServicePort } from '../../types/core/service.ts'
import { checkCIDR, checkIP, checkReachable } from '../addresses.ts'
import { checkChoice, checkOptionalChoice } from '../choice.ts'
import type { ValidationContext } from '../kind.ts'
import { checkPortReference, PROTOCOLS } from './pod-spec/ports.ts'
import { checkClusterAddresses, checkClusterAddressesUpdate, isHeadless } from './service-address-rules.ts'
import { isReachable } from './service-prepare.ts'

const MAX_STICKY_SECONDS = 86_400
const TYPES = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort']
const POLICIES = ['Cluster', 'Local']
const FOR_BALANCERS = "may only be used when `type` is 'LoadBalancer'"
const HINTS = 'service.kubernetes.io/topology-aware-hints'
const MODE = 'service.kubernetes.io/topology-mode'
const SOURCE_RANGES = 'service.beta.kubernetes.io/load-balancer-source-ranges'

type Check = (service: Service, errors: FieldError[], old?: Service) => void

const isBalancer = ({ spec }: Service): boolean => spec.type === 'LoadBalancer'
const needsHealthCheck = (service: Service): boolean => isBalancer(service) && service.spec.externalTrafficPolicy === 'Local'

const checkTopology: Check = ({ metadata: { annotations = {} } }, errors) => {
  const mode = annotations[MODE]
  const hints = annotations[HINTS]
  if (mode !== undefined && hints !== undefined && mode !== hints) {
    errors.push(invalid(`metadata.annotations[${MODE}]`, mode, `must match annotations[${HINTS}] when both are specified`))
  }
}

const checkType: Check = ({ spec }, errors) => {
  if (!spec.ports?.length && !isHeadless(spec) && spec.type !== 'ExternalName') errors.push(required('spec.ports'))
  if (spec.type === 'ExternalName') checkName(spec, errors)
  else if (isHeadless(spec) && (spec.type === 'LoadBalancer' || spec.type === 'NodePort')) {
    errors.push(invalid('spec.clusterIPs[0]', 'None', `may not be set to 'None' for ${spec.type} services`))
  }
}

/** A Service that is another name has no addresses of its own. */
function checkName(spec: Service['spec'], errors: FieldError[]): void {
  for (const field of ['clusterIPs', 'ipFamilies'] as const) {
    if (spec[field]?.length) errors.push(forbiddenField(`spec.${field}`, 'may not be set for ExternalName services'))
  }
  if (spec.ipFamilyPolicy != null) errors.push(forbiddenField('spec.ipFamilyPolicy', 'may not be set for ExternalName services'))
  const name = (spec.externalName ?? '').replace(/\.$/, '')
  if (name) report(errors, 'spec.externalName', name, dnsSubdomain(name))
  else errors.push(required('spec.externalName'))
}

function checkPort(port: ServicePort, needsName: boolean, names: Set<string>, path: string, errors: FieldError[]): void {
  if (port.name) {
    report(errors, `${path}.name`, port.name, dnsLabel(port.name))
    if (names.has(port.name)) errors.push(duplicate(`${path}.name`, port.name))
    names.add(port.name)
  } else if (needsName) errors.push(required(`${path}.name`))
  report(errors, `${path}.port`, port.port, portNumber(port.port))
  checkChoice(port.protocol, PROTOCOLS, `${path}.protocol`, errors)
  checkPortReference(port.targetPort, `${path}.targetPort`, errors)
  if (port.appProtocol != null) report(errors, `${path}.appProtocol`, port.appProtocol, qualifiedName(port.appProtocol))
}

const checkPorts: Check = ({ spec: { ports = [] } }, errors) => {
  const names = new Set<string>()
  ports.forEach((port, i) => {
    checkPort(port, ports.length > 1, names, `spec.ports[${i}]`, errors)
  })
}

/** No node port for a Service inside the cluster; no port and no node port twice. */
const checkPortsTogether: Check = ({ spec: { ports = [], type } }, errors) => {
  const samePort = repeats(ports, ({ protocol, port }) => JSON.stringify([protocol, port]))
  const sameNodePort = repeats(ports, ({ protocol, nodePort }) => JSON.stringify([protocol, nodePort]))
  ports.forEach(({ nodePort }, i) => {
    if (nodePort && type === 'ClusterIP') errors.push(forbiddenField(`spec.ports[${i}].nodePort`, "may not be used when `type` is 'ClusterIP'"))
  })
  ports.forEach(({ nodePort }, i) => {
    if (nodePort && sameNodePort.has(i)) errors.push(duplicate(`spec.ports[${i}].nodePort`, nodePort))
  })
  ports.forEach(({ protocol, port }, i) => {
    if (samePort.has(i)) errors.push(duplicate(`spec.ports[${i}]`, { port, protocol }))
  })
}

const checkAffinity: Check = ({ spec }, errors) => {
  checkChoice(spec.sessionAffinity, ['ClientIP', 'None'], 'spec.sessionAffinity', errors)
  const path = 'spec.sessionAffinityConfig'
  if (spec.sessionAffinity === 'ClientIP') {
    const seconds = spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? 0
    if (seconds <= 0 || seconds > MAX_STICKY_SECONDS) {
      errors.push(invalid(`${path}.clientIP.timeoutSeconds`, seconds, `must be greater than 0 and less than ${MAX_STICKY_SECONDS}`))
    }
  } else if (spec.sessionAffinity === 'None' && spec.sessionAffinityConfig) {
    errors.push(forbiddenField(path, 'must not be set when session affinity is None'))
  }
}

const checkExternalIPs: Check = ({ spec }, errors, old) => {
  spec.externalIPs?.forEach((ip, i) => {
    const path = `spec.externalIPs[${i}]`
    if (checkIP(ip, path, errors, old?.spec.externalIPs)) checkReachable(ip, path, errors)
  })
}

/** Ranges may stand in an annotation, from before there was a field. */
const checkSourceRanges: Check = (service, errors, old) => {
  const { spec, metadata } = service
  const { loadBalancerSourceRanges: ranges = [] } = spec
  if (ranges.length > 0) {
    const path = 'spec.LoadBalancerSourceRanges'
    if (!isBalancer(service)) errors.push(forbiddenField(path, FOR_BALANCERS))
    const before = old?.spec.loadBalancerSourceRanges?.map(range => range.trim())
    ranges.forEach((range, i) => {
      checkCIDR(range.trim(), `${path}[${i}]`, errors, before)
    })
    return
  }
  const text = metadata.annotations?.[SOURCE_RANGES]
  if (text === undefined) return
  const path = `metadata.annotations[${SOURCE_RANGES}]`
  if (!isBalancer(service)) errors.push(forbiddenField(path, FOR_BALANCERS))
  if (text.trim() === '' || old?.metadata.annotations?.[SOURCE_RANGES] === text) return
  for (const range of text.split(',')) checkCIDR(range.trim(), path, errors)
}

const checkBalancer: Check = (service, errors) => {
  const { allocateLoadBalancerNodePorts, loadBalancerClass } = service.spec
  if (!isBalancer(service) && allocateLoadBalancerNodePorts != null) errors.push(forbiddenField('spec.allocateLoadBalancerNodePorts', FOR_BALANCERS))
  if (loadBalancerClass == null) return
  if (isBalancer(service)) report(errors, 'spec.loadBalancerClass', loadBalancerClass, qualifiedName(loadBalancerClass))
  else errors.push(forbiddenField('spec.loadBalancerClass', FOR_BALANCERS))
}

const checkExternalTraffic: Check = (service, errors) => {
  const { spec } = service
  const policy = spec.externalTrafficPolicy
  if (isReachable(spec)) checkChoice(policy, POLICIES, 'spec.externalTrafficPolicy', errors)
  else if (policy) errors.push(invalid('spec.externalTrafficPolicy', policy, 'may only be set for externally-accessible services'))
  const port = spec.healthCheckNodePort ?? 0
  const path = 'spec.healthCheckNodePort'
  // The server gives one where none is said.
  if (port !== 0 && needsHealthCheck(service)) report(errors, path, port, portNumber(port))
  else if (port !== 0) errors.push(invalid(path, port, "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"))
}

const checkTraffic: Check = ({ spec }, errors) => {
  checkOptionalChoice(spec.internalTrafficPolicy, POLICIES, 'spec.internalTrafficPolicy', errors)
  checkOptionalChoice(spec.trafficDistribution, ['PreferClose', 'PreferSameZone', 'PreferSameNode'], 'spec.trafficDistribution', errors)
}

const CHECKS: readonly Check[] = [
  checkTopology,
  checkType,
  checkPorts,
  ({ spec }, errors) => checkLabels(spec.selector, 'spec.selector', errors),
  checkAffinity,
  ({ spec }, errors, old) => checkClusterAddresses(spec, old?.spec, errors),
  checkExternalIPs,
  ({ spec }, errors) => checkChoice(spec.type, TYPES, 'spec.type', errors),
  checkPortsTogether,
  checkSourceRanges,
  checkBalancer,
  checkExternalTraffic,
  checkTraffic,
]

export function validateService(service: Service, { old }: Pick<ValidationContext, 'old'> = {}): readonly FieldError[] {
  const errors: FieldError[] = []
  for (const check of CHECKS) check(service, errors, old as Service | undefined)
  return errors
}

export function validateServiceUpdate(service: Service, old: Service): readonly FieldError[] {
  const errors: FieldError[] = []
  checkClusterAddressesUpdate(service.spec, old.spec, errors)
  if (isBalancer(service) && isBalancer(old) && (service.spec.loadBalancerClass ?? null) !== (old.spec.loadBalancerClass ?? null)) {
    errors.push(invalid('spec.loadBalancerClass', service.spec.loadBalancerClass ?? null, 'may not change once set'))
  }
  const before = old.spec.healthCheckNodePort ?? 0
  const now = service.spec.healthCheckNodePort ?? 0
  if (needsHealthCheck(service) && needsHealthCheck(old) && now !== 0 && now !== before) {
    errors.push(forbiddenField('spec.healthCheckNodePort', 'field is immutable'))
  }
  return errors
}
