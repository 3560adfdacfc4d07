import {
  addQuantities,
  canonicalQuantity,
  compareQuantities,
  isQuantity,
  nanoValue,
  QUANTITY_SYNTAX,
  quantityFrom,
  subtractQuantities,
} from '../../meta/quantity.ts'
import { type Signature, signature } from '../signature.ts'
import { CelFailure, Opaque } from '../values.ts'

const NANO = 1_000_000_000n

/** Equal amounts are equal, however they are written: what tells them apart is the amount. */
const quantity = (text: string): Opaque => new Opaque('kubernetes.Quantity', String(nanoValue(text)), canonicalQuantity(text)!)
const textOf = (value: Opaque): string => value.data as string
const compare = (a: Opaque, b: Opaque): number => compareQuantities(textOf(a), textOf(b))

function read(text: string): Opaque {
  if (!isQuantity(text)) throw new CelFailure(QUANTITY_SYNTAX)
  return quantity(text)
}

function asInteger(value: Opaque): bigint {
  const nanos = nanoValue(textOf(value))
  if (nanos % NANO !== 0n) throw new CelFailure('cannot convert value to integer')
  return nanos / NANO
}

export const quantities: readonly Signature[] = [
  signature<[string]>('quantity(string): kubernetes.Quantity', read),
  signature<[string]>('isQuantity(string): bool', text => isQuantity(text)),
  signature<[Opaque]>('kubernetes.Quantity::sign(): int', value => BigInt(Math.sign(Number(nanoValue(textOf(value)))))),
  signature<[Opaque, Opaque]>('kubernetes.Quantity::isGreaterThan(kubernetes.Quantity): bool', (a, b) => compare(a, b) > 0),
  signature<[Opaque, Opaque]>('kubernetes.Quantity::isLessThan(kubernetes.Quantity): bool', (a, b) => compare(a, b) < 0),
  signature<[Opaque, Opaque]>('kubernetes.Quantity::compareTo(kubernetes.Quantity): int', (a, b) => BigInt(compare(a, b))),
  signature<[Opaque]>('kubernetes.Quantity::asApproximateFloat(): double', value => Number(nanoValue(textOf(value))) / 1e9),
  signature<[Opaque]>('kubernetes.Quantity::asInteger(): int', asInteger),
  signature<[Opaque]>('kubernetes.Quantity::isInteger(): bool', value => nanoValue(textOf(value)) % NANO === 0n),
  signature<[Opaque, Opaque]>('kubernetes.Quantity::add(kubernetes.Quantity): kubernetes.Quantity', (a, b) => quantity(addQuantities(textOf(a), textOf(b)))),
  signature<[Opaque, bigint]>('kubernetes.Quantity::add(int): kubernetes.Quantity', (a, b) => quantity(addQuantities(textOf(a), quantityFrom(b)))),
  signature<[Opaque, Opaque]>('kubernetes.Quantity::sub(kubernetes.Quantity): kubernetes.Quantity', (a, b) =>
    quantity(subtractQuantities(textOf(a), textOf(b))),
  ),
  signature<[Opaque, bigint]>('kubernetes.Quantity::sub(int): kubernetes.Quantity', (a, b) => quantity(subtractQuantities(textOf(a), quantityFrom(b)))),
]
