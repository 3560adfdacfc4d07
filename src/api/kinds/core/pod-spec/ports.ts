import { duplicate, type FieldError, invalid, required } from '../../../meta/field-error.ts'
import { portName, portNumber } from '../../../meta/names.ts'
import { report } from '../../../meta/object-meta.ts'
import type { Container, ContainerPort } from '../../../types/core/container.ts'
import { checkChoice } from '../../choice.ts'

export const PROTOCOLS = ['SCTP', 'TCP', 'UDP']

/** The ports of one container: names unique, numbers in range. */
export function checkContainerPorts(ports: readonly ContainerPort[] | undefined, path: string, errors: FieldError[]): void {
  if (!ports || ports.length === 0) return
  let names: Set<string> | undefined
  for (let i = 0; i < ports.length; i++) {
    const port = ports[i] as ContainerPort
    const at = `${path}.ports[${i}]`
    if (port.name) {
      const problems = portName(port.name)
      if (problems.length > 0) report(errors, `${at}.name`, port.name, problems)
      else if (names?.has(port.name)) errors.push(duplicate(`${at}.name`, port.name))
      else {
        names ??= new Set()
        names.add(port.name)
      }
    }
    if (!port.containerPort) errors.push(required(`${at}.containerPort`))
    else report(errors, `${at}.containerPort`, port.containerPort, portNumber(port.containerPort))
    if (port.hostPort) report(errors, `${at}.hostPort`, port.hostPort, portNumber(port.hostPort))
    checkChoice(port.protocol, PROTOCOLS, `${at}.protocol`, errors)
  }
}

/** No port of the host is taken twice by these containers. */
export function checkHostPortConflicts(containers: readonly Container[], path: string, errors: FieldError[]): void {
  let taken: Set<string> | undefined
  for (let i = 0; i < containers.length; i++) {
    const { ports } = containers[i] as Container
    if (!ports) continue
    for (let j = 0; j < ports.length; j++) {
      const { hostPort, hostIP, protocol } = ports[j] as ContainerPort
      if (!hostPort) continue
      const key = `${protocol}/${hostIP ?? ''}/${hostPort}`
      taken ??= new Set()
      if (taken.has(key)) errors.push(duplicate(`${path}[${i}].ports[${j}].hostPort`, key))
      else taken.add(key)
    }
  }
}

/** On the host's network a port of the container is a port of the host; a template may leave it unsaid. */
export function checkHostNetworkPorts(containers: readonly Container[], path: string, isPod: boolean, errors: FieldError[]): void {
  for (let i = 0; i < containers.length; i++) {
    const { ports } = containers[i] as Container
    if (!ports) continue
    for (let j = 0; j < ports.length; j++) {
      const { hostPort = 0, containerPort } = ports[j] as ContainerPort
      if ((isPod || hostPort !== 0) && hostPort !== containerPort) {
        errors.push(invalid(`${path}[${i}].ports[${j}].hostPort`, hostPort, 'must match `containerPort` when `hostNetwork` is true'))
      }
    }
  }
}

/** A port by number or by the name of a container's port. */
export function checkPortReference(port: number | string | undefined, path: string, errors: FieldError[]): void {
  if (typeof port === 'string') report(errors, path, port, portName(port))
  else report(errors, path, port ?? 0, portNumber(port ?? 0))
}
