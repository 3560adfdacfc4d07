import { formatLabelSelector } from '../../meta/label-selector.ts'
import { NetworkPolicy, type NetworkPolicyPeer } from '../../types/networking/network-policy.ts'
import { cidrWarnings } from '../address-warnings.ts'
import { AGE, NAME, text } from '../columns.ts'
import type { Kind } from '../kind.ts'
import { defaultNetworkPolicy, validateNetworkPolicy } from './network-policy-rules.ts'

function blockWarnings({ spec }: NetworkPolicy): readonly string[] {
  const of = (peers: readonly NetworkPolicyPeer[] | undefined, path: string) =>
    (peers ?? []).flatMap(({ ipBlock }, i) => {
      const at = `${path}[${i}].ipBlock`
      const except = ipBlock?.except ?? []
      return ipBlock ? [...cidrWarnings(`${at}.cidr`, ipBlock.cidr), ...except.flatMap((range, j) => cidrWarnings(`${at}.except[${j}]`, range))] : []
    })
  return [
    ...(spec.ingress ?? []).flatMap(({ from }, i) => of(from, `spec.ingress[${i}].from`)),
    ...(spec.egress ?? []).flatMap(({ to }, i) => of(to, `spec.egress[${i}].to`)),
  ]
}

export const NetworkPolicies: Kind<NetworkPolicy> = {
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'NetworkPolicy',
  resource: 'networkpolicies',
  singular: 'networkpolicy',
  shortNames: ['netpol'],
  namespaced: true,
  schema: NetworkPolicy,
  notEnforced: true,
  defaults: defaultNetworkPolicy,
  validate: validateNetworkPolicy,
  warnings: blockWarnings,
  columns: [NAME, text('Pod-Selector', 'Pods it is about.', policy => formatLabelSelector(policy.spec.podSelector)), AGE],
}
