import { type FieldError, required } from '../../meta/field-error.ts'
import { dnsLabel, dnsSubdomain, portNumber, qualifiedName } from '../../meta/names.ts'
import { report } from '../../meta/object-meta.ts'
import type { EndpointAddress, EndpointPort, Endpoints } from '../../types/core/endpoints.ts'
import { checkIP, checkReachable } from '../addresses.ts'
import { checkChoice } from '../choice.ts'
import { PROTOCOLS } from './pod-spec/ports.ts'

function checkAddress(address: EndpointAddress, path: string, errors: FieldError[]): void {
  checkIP(address.ip, `${path}.ip`, errors)
  if (address.hostname) report(errors, `${path}.hostname`, address.hostname, dnsLabel(address.hostname))
  if (address.nodeName != null) report(errors, `${path}.nodeName`, address.nodeName, dnsSubdomain(address.nodeName))
  checkReachable(address.ip, `${path}.ip`, errors)
}

function checkPort(port: EndpointPort, needsName: boolean, path: string, errors: FieldError[]): void {
  if (port.name) report(errors, `${path}.name`, port.name, dnsLabel(port.name))
  else if (needsName) errors.push(required(`${path}.name`))
  report(errors, `${path}.port`, port.port, portNumber(port.port))
  checkChoice(port.protocol, PROTOCOLS, `${path}.protocol`, errors)
  if (port.appProtocol != null) report(errors, `${path}.appProtocol`, port.appProtocol, qualifiedName(port.appProtocol))
}

export function validateEndpoints(endpoints: Endpoints): readonly FieldError[] {
  const errors: FieldError[] = []
  endpoints.subsets?.forEach(({ addresses = [], notReadyAddresses = [], ports = [] }, i) => {
    const path = `subsets[${i}]`
    if (addresses.length + notReadyAddresses.length === 0) errors.push(required(path, 'must specify `addresses` or `notReadyAddresses`'))
    addresses.forEach((address, j) => {
      checkAddress(address, `${path}.addresses[${j}]`, errors)
    })
    notReadyAddresses.forEach((address, j) => {
      checkAddress(address, `${path}.notReadyAddresses[${j}]`, errors)
    })
    ports.forEach((port, j) => {
      checkPort(port, ports.length > 1, `${path}.ports[${j}]`, errors)
    })
  })
  return errors
}
