import { milliValue, quantityValue } from '../../api/meta/quantity.ts'
import type { Container } from '../../api/types/core/container.ts'

/** The node's allocatable amounts, which stand in for limits that a container does not have. */
export type Allocatable = Readonly<Record<string, string>>

/** `limits.cpu`, `requests.memory`, … of a container, in units of the divisor, rounded up; undefined for a resource that there is not. */
export function resourceValue(container: Container, resource: string, divisor: string | undefined, allocatable: Allocatable): string | undefined {
  const [kind, ...rest] = resource.split('.')
  const name = rest.join('.')
  if ((kind !== 'limits' && kind !== 'requests') || !name) return undefined
  const { limits = {}, requests = {} } = container.resources ?? {}
  const limit = limits[name] ?? (name === 'cpu' || name === 'memory' || name === 'ephemeral-storage' ? allocatable[name] : undefined)
  const quantity = (kind === 'limits' ? limit : (requests[name] ?? limits[name])) ?? '0'
  const unit = !divisor || quantityValue(divisor) === 0 ? '1' : divisor
  if (name === 'cpu') return String(Math.ceil(milliValue(quantity) / milliValue(unit)))
  return String(Math.ceil(quantityValue(quantity) / quantityValue(unit)))
}
