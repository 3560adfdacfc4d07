import { type FieldError, forbiddenField, invalid, required } from '../../meta/field-error.ts'
import { isCIDR } from '../../meta/ip.ts'
import { portNumber } from '../../meta/names.ts'
import { insideNetwork, readNetwork } from '../../meta/network.ts'
import type { Draft } from '../../meta/object.ts'
import { report } from '../../meta/object-meta.ts'
import type { IPBlock, NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort } from '../../types/networking/network-policy.ts'
import { checkOptionalChoice } from '../choice.ts'
import { checkPortReference, PROTOCOLS } from '../core/pod-spec/ports.ts'
import { checkLabelSelector } from '../label-selector.ts'

const NOT_A_CIDR = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'

/** A policy is about what comes in, and about what goes out if it says anything of that. */
export function defaultNetworkPolicy({ spec }: Draft<NetworkPolicy>): void {
  if (!spec.policyTypes?.length) spec.policyTypes = spec.egress?.length ? ['Ingress', 'Egress'] : ['Ingress']
}

function checkPort(port: NetworkPolicyPort, path: string, errors: FieldError[]): void {
  checkOptionalChoice(port.protocol, PROTOCOLS, `${path}.protocol`, errors)
  if (port.port === undefined) {
    if (port.endPort != null) errors.push(invalid(`${path}.endPort`, port.endPort, 'may not be specified when `port` is not specified'))
    return
  }
  checkPortReference(port.port, `${path}.port`, errors)
  if (port.endPort == null) return
  if (typeof port.port === 'string') errors.push(invalid(`${path}.endPort`, port.endPort, 'may not be specified when `port` is non-numeric'))
  else {
    if (port.endPort < port.port) errors.push(invalid(`${path}.endPort`, port.endPort, 'must be greater than or equal to `port`'))
    report(errors, `${path}.endPort`, port.endPort, portNumber(port.endPort))
  }
}

function checkBlock({ cidr, except }: IPBlock, path: string, errors: FieldError[]): void {
  if (!cidr) errors.push(required(`${path}.cidr`))
  else if (!isCIDR(cidr)) errors.push(invalid(`${path}.cidr`, cidr, NOT_A_CIDR))
  const whole = readNetwork(cidr)
  except?.forEach((text, i) => {
    const part = readNetwork(text)
    if (!part) errors.push(invalid(`${path}.except[${i}]`, text, NOT_A_CIDR))
    else if (whole && (part.prefix <= whole.prefix || !insideNetwork(whole, part))) {
      errors.push(invalid(`${path}.except[${i}]`, text, 'must be a strict subset of `cidr`'))
    }
  })
}

function checkPeer(peer: NetworkPolicyPeer, path: string, errors: FieldError[]): void {
  const { podSelector, namespaceSelector, ipBlock } = peer
  checkLabelSelector(podSelector, `${path}.podSelector`, errors)
  checkLabelSelector(namespaceSelector, `${path}.namespaceSelector`, errors)
  if (ipBlock) checkBlock(ipBlock, `${path}.ipBlock`, errors)
  if (!podSelector && !namespaceSelector && !ipBlock) errors.push(required(path, 'must specify a peer'))
  else if (ipBlock && (podSelector || namespaceSelector)) errors.push(forbiddenField(path, 'may not specify both ipBlock and another peer'))
}

function checkRule(peers: readonly NetworkPolicyPeer[] = [], ports: readonly NetworkPolicyPort[] = [], side: string, path: string, errors: FieldError[]): void {
  ports.forEach((port, i) => {
    checkPort(port, `${path}.ports[${i}]`, errors)
  })
  peers.forEach((peer, i) => {
    checkPeer(peer, `${path}.${side}[${i}]`, errors)
  })
}

export function validateNetworkPolicy({ spec }: NetworkPolicy): readonly FieldError[] {
  const errors: FieldError[] = []
  checkLabelSelector(spec.podSelector, 'spec.podSelector', errors)
  spec.ingress?.forEach((rule, i) => {
    checkRule(rule.from, rule.ports, 'from', `spec.ingress[${i}]`, errors)
  })
  spec.egress?.forEach((rule, i) => {
    checkRule(rule.to, rule.ports, 'to', `spec.egress[${i}]`, errors)
  })
  const types = spec.policyTypes ?? []
  if (types.length > 2) errors.push(invalid('spec.policyTypes', types, 'may not specify more than two policyTypes'))
  else {
    types.forEach((type, i) => {
      checkOptionalChoice(type, ['Egress', 'Ingress'], `spec.policyTypes[${i}]`, errors)
    })
  }
  return errors
}
