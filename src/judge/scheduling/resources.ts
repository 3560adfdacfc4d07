import { milliValue, quantityValue } from '../../api/meta/quantity.ts'
import type { Container } from '../../api/types/core/container.ts'
import type { Node } from '../../api/types/core/node.ts'
import type { Pod, PodSpec } from '../../api/types/core/pod.ts'

/** Amounts by resource name; `cpu` in thousandths of a core, everything else in its own unit (bytes, pieces). */
export type Amounts = ReadonlyMap<string, number>
type Quantities = Readonly<Record<string, string>>

const NONE: Amounts = new Map()

/** An amount in the unit that this module counts a resource in, rounded up as upstream does. */
const amountOf = (resource: string, quantity: string): number => (resource === 'cpu' ? milliValue(quantity) : quantityValue(quantity))

export function amountsOf(quantities: Quantities | undefined): Map<string, number> {
  const amounts = new Map<string, number>()
  for (const name in quantities) amounts.set(name, amountOf(name, quantities[name]!))
  return amounts
}

function add(to: Map<string, number>, from: Amounts): void {
  for (const [name, amount] of from) to.set(name, (to.get(name) ?? 0) + amount)
}
function raise(to: Map<string, number>, from: Amounts): void {
  for (const [name, amount] of from) if (amount > (to.get(name) ?? 0)) to.set(name, amount)
}

const sums = new WeakMap<readonly Container[], Amounts>()
/** What the containers ask for together; kept by identity, since pods of one template share the list. */
function sumOf(containers: readonly Container[]): Amounts {
  let sum = sums.get(containers)
  if (!sum) {
    const total = new Map<string, number>()
    for (const container of containers) add(total, amountsOf(container.resources?.requests))
    sum = total
    sums.set(containers, sum)
  }
  return sum
}

const requests = new WeakMap<PodSpec, Amounts>()

/**
 * What a pod asks of its node: its containers together, or what its start needs if that is more (ordinary init containers run one
 * at a time, beside the sidecars started before them), plus its overhead. Requests of the pod itself replace those of its containers.
 */
export function requestsOf({ spec }: Pod): Amounts {
  const { initContainers, overhead, resources } = spec
  if (!initContainers?.length && !overhead && !resources?.requests) return sumOf(spec.containers)
  let total = requests.get(spec)
  if (!total) {
    const amounts = new Map(sumOf(spec.containers))
    const sidecars = new Map<string, number>()
    const start = new Map<string, number>()
    for (const container of initContainers ?? []) {
      const wanted = amountsOf(container.resources?.requests)
      if (container.restartPolicy === 'Always') {
        add(sidecars, wanted)
        raise(start, sidecars)
      } else {
        add(wanted, sidecars)
        raise(start, wanted)
      }
    }
    add(amounts, sidecars)
    raise(amounts, start)
    for (const [name, amount] of amountsOf(resources?.requests)) amounts.set(name, amount)
    add(amounts, amountsOf(overhead))
    total = amounts
    requests.set(spec, total)
  }
  return total
}

const offers = new WeakMap<Quantities, Amounts>()
/** What a node has to give; its capacity if it has not said. Kept by identity: machines that are alike share what they say of themselves. */
export function allocatableOf({ status }: Node): Amounts {
  const said = status.allocatable ?? status.capacity
  if (!said) return NONE
  let amounts = offers.get(said)
  if (!amounts) {
    amounts = amountsOf(said)
    offers.set(said, amounts)
  }
  return amounts
}
