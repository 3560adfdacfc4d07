import { Endpoints } from '../../types/core/endpoints.ts'
import { ipWarnings } from '../address-warnings.ts'
import { AGE, NAME, NONE, text } from '../columns.ts'
import type { Kind } from '../kind.ts'
import { validateEndpoints } from './endpoints-rules.ts'

const SHOWN = 3
const at = (ip: string, port: number): string => (ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`)

function endpointsCell(endpoints: Endpoints): string {
  const found: string[] = []
  let count = 0
  for (const subset of endpoints.subsets ?? []) {
    for (const port of (subset.ports ?? []).length > 0 ? (subset.ports ?? []) : [undefined]) {
      for (const { ip } of subset.addresses ?? []) {
        if (count++ < SHOWN) found.push(port ? at(ip, port.port) : ip)
      }
    }
  }
  if (count === 0) return NONE
  return count > SHOWN ? `${found.join(',')} + ${count - SHOWN} more...` : found.join(',')
}

const MANAGED_BY = 'endpoints.kubernetes.io/managed-by'

/** Addresses that are not written as they should be; the controller's own are. */
const endpointsWarnings = ({ metadata, subsets }: Endpoints): readonly string[] =>
  metadata.labels?.[MANAGED_BY] === 'endpoint-controller'
    ? []
    : (subsets ?? []).flatMap((subset, i) =>
        (['addresses', 'notReadyAddresses'] as const).flatMap(list =>
          (subset[list] ?? []).flatMap(({ ip }, j) => ipWarnings(`subsets[${i}].${list}[${j}].ip`, ip)),
        ),
      )

export const EndpointsKind: Kind<Endpoints> = {
  group: '',
  version: 'v1',
  kind: 'Endpoints',
  resource: 'endpoints',
  singular: 'endpoints',
  shortNames: ['ep'],
  namespaced: true,
  schema: Endpoints,
  createOnUpdate: true,
  deprecation: 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice',
  validate: validateEndpoints,
  warnings: endpointsWarnings,
  columns: [NAME, text('Endpoints', 'Addresses and ports that answer.', endpointsCell), AGE],
}
