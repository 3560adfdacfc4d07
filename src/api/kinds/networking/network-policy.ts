import { formatLabelSelector } from '../../meta/label-selector.ts'
import { NetworkPolicy } from '../../types/networking/network-policy.ts'
import { AGE, NAME, text } from '../columns.ts'
import type { Kind } from '../kind.ts'
import { defaultNetworkPolicy, validateNetworkPolicy } from './network-policy-rules.ts'

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
  columns: [NAME, text('Pod-Selector', 'Pods it is about.', policy => formatLabelSelector(policy.spec.podSelector)), AGE],
}
