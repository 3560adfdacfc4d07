import type { Service } from '../../api/types/core/service.ts'

/** Where the API can be reached from a pod. */
export interface ApiAddress {
  readonly host: string
  readonly port: number
}

/** The variables that name the API and, with `enableServiceLinks`, the services of the pod's namespace. */
export function serviceVariables(api: ApiAddress, services: Iterable<Service>): Record<string, string> {
  const variables: Record<string, string> = {}
  for (const { metadata, spec } of services) {
    if (!spec.clusterIP || spec.clusterIP === 'None' || (metadata.namespace === 'default' && metadata.name === 'kubernetes')) continue
    const ports = (spec.ports ?? []).map(p => ({ name: p.name ?? '', port: p.port, protocol: p.protocol ?? 'TCP' }))
    describe(variables, metadata.name, spec.clusterIP, ports)
  }
  describe(variables, 'kubernetes', api.host, [{ name: 'https', port: api.port, protocol: 'TCP' }])
  return variables
}

interface Port {
  readonly name: string
  readonly port: number
  readonly protocol: string
}

function describe(variables: Record<string, string>, service: string, host: string, ports: readonly Port[]): void {
  const prefix = upper(service)
  const [first] = ports
  if (!first) return
  const address = host.includes(':') ? `[${host}]` : host
  variables[`${prefix}_SERVICE_HOST`] = host
  variables[`${prefix}_SERVICE_PORT`] = String(first.port)
  for (const { name, port } of ports) if (name) variables[`${prefix}_SERVICE_PORT_${upper(name)}`] = String(port)
  variables[`${prefix}_PORT`] = `${first.protocol.toLowerCase()}://${address}:${first.port}`
  for (const { port, protocol } of ports) {
    const key = `${prefix}_PORT_${port}_${protocol}`
    variables[key] = `${protocol.toLowerCase()}://${address}:${port}`
    variables[`${key}_PROTO`] = protocol.toLowerCase()
    variables[`${key}_PORT`] = String(port)
    variables[`${key}_ADDR`] = host
  }
}

const upper = (name: string): string => name.toUpperCase().replaceAll('-', '_')
