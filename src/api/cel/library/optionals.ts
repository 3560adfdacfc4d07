import { type Signature, signature } from '../signature.ts'
import { CelFailure, Instant, ListValue, MapValue, Optional, Span, sizeOf, Uint, type Value } from '../values.ts'
import { FIRST_INSTANT } from './operators.ts'

const NOTHING = new Optional(undefined)

function isZero(value: Value): boolean {
  if (value === null || value === false || value === '' || value === 0 || value === 0n) return true
  if (value instanceof Uint) return value.value === 0n
  if (value instanceof Span) return value.nanos === 0n
  if (value instanceof Instant) return value.nanos === FIRST_INSTANT
  return (value instanceof ListValue || value instanceof MapValue || value instanceof Uint8Array) && sizeOf(value) === 0
}

function contentOf({ value }: Optional): Value {
  if (value === undefined) throw new CelFailure('optional.none() dereference')
  return value
}

const present = ({ items }: ListValue): ListValue =>
  new ListValue(items.flatMap(item => (item instanceof Optional && item.value !== undefined ? [item.value] : [])))

export const optionals: readonly Signature[] = [
  signature<[Value]>('optional.of(A): optional<A>', value => new Optional(value)),
  signature<[]>('optional.none(): optional<A>', () => NOTHING),
  signature<[Value]>('optional.ofNonZeroValue(A): optional<A>', value => (isZero(value) ? NOTHING : new Optional(value))),
  signature<[Optional]>('optional<A>::hasValue(): bool', ({ value }) => value !== undefined),
  signature<[Optional]>('optional<A>::value(): A', contentOf),
  signature<[Optional, Optional]>('optional<A>::or(optional<A>): optional<A>', (one, other) => (one.value === undefined ? other : one)),
  signature<[Optional, Value]>('optional<A>::orValue(A): A', ({ value }, other) => value ?? (value === null ? null : other)),
  signature<[ListValue]>('optional.unwrap(list<optional<A>>): list<A>', present),
  signature<[ListValue]>('list<optional<A>>::unwrapOpt(): list<A>', present),
]
