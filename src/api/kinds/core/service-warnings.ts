import { addAll } from '../../../base/add-all.ts'
import type { Service } from '../../types/core/service.ts'
import { cidrWarnings, ipWarnings } from '../address-warnings.ts'

const HINTS = 'service.kubernetes.io/topology-aware-hints'

/** What whoever writes a Service should know: what is read differently, ignored, or has a new name. */
export function serviceWarnings({ metadata, spec }: Service): readonly string[] {
  const { type, clusterIP, clusterIPs, externalIPs = [], loadBalancerIP, loadBalancerSourceRanges, sessionAffinity, externalName, trafficDistribution } = spec
  const external = type === 'ExternalName'
  const headless = type === 'ClusterIP' && clusterIP === 'None'
  const found: string[] = []
  if (metadata.annotations?.[HINTS] !== undefined) {
    found.push(`annotation ${HINTS} is deprecated, please use service.kubernetes.io/topology-mode instead`)
  }
  if (clusterIP && clusterIP !== 'None') for (const [i, ip] of (clusterIPs ?? []).entries()) addAll(found, ipWarnings(`spec.clusterIPs[${i}]`, ip))
  if (headless) {
    if (loadBalancerIP) found.push('spec.loadBalancerIP is ignored for headless services')
    if (externalIPs.length > 0) found.push('spec.externalIPs is ignored for headless services')
    if (sessionAffinity !== 'None') found.push('spec.SessionAffinity is ignored for headless services')
  }
  for (const [i, ip] of externalIPs.entries()) addAll(found, ipWarnings(`spec.externalIPs[${i}]`, ip))
  if (externalIPs.length > 0 && !headless && !external) found.push('spec.externalIPs is deprecated and may no longer be implemented in some clusters')
  if (loadBalancerIP) addAll(found, ipWarnings('spec.loadBalancerIP', loadBalancerIP))
  for (const [i, range] of (loadBalancerSourceRanges ?? []).entries()) addAll(found, cidrWarnings(`spec.loadBalancerSourceRanges[${i}]`, range))
  if (external && externalIPs.length > 0) found.push('spec.externalIPs is ignored when spec.type is "ExternalName"')
  if (!external && externalName) found.push('spec.externalName is ignored when spec.type is not "ExternalName"')
  if (trafficDistribution === 'PreferClose') found.push('spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"')
  return found
}
