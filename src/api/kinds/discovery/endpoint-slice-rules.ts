import { duplicate, type FieldError, invalid, required, tooMany } from '../../meta/field-error.ts'
import { familyOf } from '../../meta/ip.ts'
import { dnsLabel, dnsSubdomain, labelValue, type Problems, qualifiedName } from '../../meta/names.ts'
import type { Draft } from '../../meta/object.ts'
import { checkLabels, report } from '../../meta/object-meta.ts'
import { semanticEqual } from '../../meta/semantic-equal.ts'
import type { Endpoint, EndpointPort, EndpointSlice } from '../../types/discovery.ts'
import { checkIP, checkReachable } from '../addresses.ts'
import { checkChoice } from '../choice.ts'
import { PROTOCOLS } from '../core/pod-spec/ports.ts'
import { checkImmutable } from '../immutable.ts'
import type { ValidationContext } from '../kind.ts'

const MAX_ENDPOINTS = 1000
const MAX_ADDRESSES = 100
const MAX_PORTS = 20_000
const MAX_HINTS = 8

export function defaultEndpointSlice(slice: Draft<EndpointSlice>): void {
  for (const port of slice.ports ?? []) {
    port.name ??= ''
    port.protocol ??= 'TCP'
  }
}

const FAMILIES: readonly string[] = ['IPv4', 'IPv6']

function checkAddress(address: string, type: string, path: string, at: string, errors: FieldError[]): void {
  if (type === 'FQDN') report(errors, at, address, domainName(address))
  if (!FAMILIES.includes(type) || !checkIP(address, at, errors)) return
  if (familyOf(address) !== type) errors.push(invalid(path, address, `must be an ${type} address`))
  checkReachable(address, at, errors)
}

/** A host of some domain; a dot may stand at its end. */
function domainName(text: string): Problems {
  if (!text) return ['must not be empty']
  const name = text.replace(/\.$/, '')
  const problems = dnsSubdomain(name)
  return problems.length > 0 || name.includes('.') ? problems : ['should be a domain with at least two segments separated by dots']
}

function checkEndpoint(endpoint: Endpoint, type: string, path: string, errors: FieldError[]): void {
  const { addresses, hostname, nodeName, hints, deprecatedTopology } = endpoint
  if (addresses.length === 0) errors.push(required(`${path}.addresses`, 'must contain at least 1 address'))
  else if (addresses.length > MAX_ADDRESSES) errors.push(tooMany(`${path}.addresses`, addresses.length, MAX_ADDRESSES))
  addresses.forEach((address, i) => {
    checkAddress(address, type, `${path}.addresses`, `${path}.addresses[${i}]`, errors)
  })
  if (nodeName != null) report(errors, `${path}.nodeName`, nodeName, dnsSubdomain(nodeName))
  checkLabels(deprecatedTopology, `${path}.deprecatedTopology`, errors)
  if (hostname != null) report(errors, `${path}.hostname`, hostname, dnsLabel(hostname))
  checkHints(hints?.forZones ?? [], labelValue, `${path}.hints.forZones`, errors)
  checkHints(hints?.forNodes ?? [], dnsSubdomain, `${path}.hints.forNodes`, errors)
}

function checkHints(hints: readonly { readonly name: string }[], rule: (name: string) => Problems, path: string, errors: FieldError[]): void {
  if (hints.length > MAX_HINTS) {
    errors.push(tooMany(path, hints.length, MAX_HINTS))
    return
  }
  hints.forEach(({ name }, i) => {
    if (hints.findIndex(hint => hint.name === name) < i) errors.push(duplicate(`${path}[${i}].name`, name))
    report(errors, `${path}[${i}].name`, name, rule(name))
  })
}

function checkPorts(ports: readonly EndpointPort[], errors: FieldError[]): void {
  if (ports.length > MAX_PORTS) errors.push(tooMany('ports', ports.length, MAX_PORTS))
  const names = new Set<string>()
  ports.forEach(({ name = '', protocol, appProtocol }, i) => {
    const path = `ports[${i}]`
    if (name) report(errors, `${path}.name`, name, dnsLabel(name))
    if (names.has(name)) errors.push(duplicate(`${path}.name`, name))
    names.add(name)
    checkChoice(protocol, PROTOCOLS, `${path}.protocol`, errors)
    if (appProtocol != null) report(errors, `${path}.appProtocol`, appProtocol, qualifiedName(appProtocol))
  })
}

/** Endpoints that do not change are not looked at again: older rules let them in. */
export function validateEndpointSlice(slice: EndpointSlice, { old }: Pick<ValidationContext, 'old'> = {}): readonly FieldError[] {
  const errors: FieldError[] = []
  checkChoice(slice.addressType, ['FQDN', 'IPv4', 'IPv6'], 'addressType', errors)
  checkPorts(slice.ports ?? [], errors)
  const endpoints = slice.endpoints ?? []
  if (endpoints.length > MAX_ENDPOINTS) return [...errors, tooMany('endpoints', endpoints.length, MAX_ENDPOINTS)]
  const wrong: FieldError[] = []
  endpoints.forEach((endpoint, i) => {
    checkEndpoint(endpoint, slice.addressType, `endpoints[${i}]`, wrong)
  })
  const kept = wrong.length > 0 && old !== undefined && semanticEqual((old as EndpointSlice).endpoints, endpoints)
  return kept ? errors : [...errors, ...wrong]
}

export function validateEndpointSliceUpdate(slice: EndpointSlice, old: EndpointSlice): readonly FieldError[] {
  const errors: FieldError[] = []
  checkImmutable(slice.addressType, old.addressType, 'addressType', errors)
  return errors
}
