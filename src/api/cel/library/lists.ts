import { type Signature, signature } from '../signature.ts'
import { CelFailure, compareValues, equalValues, ListValue, Optional, Span, Uint, type Value } from '../values.ts'
import { int, span } from './operators.ts'

const each = (list: ListValue): number => list.items.length

function position(list: ListValue, wanted: Value, last: boolean): bigint {
  const found = last ? list.items.findLastIndex(item => equalValues(item, wanted)) : list.items.findIndex(item => equalValues(item, wanted))
  return BigInt(found)
}

function extreme(list: ListValue, sign: 1 | -1): Value {
  if (list.items.length === 0) throw new CelFailure(`${sign > 0 ? 'max' : 'min'} called on empty list`)
  return list.items.reduce((best, item) => (compareValues(item, best) * sign > 0 ? item : best))
}

function isSorted({ items }: ListValue): boolean {
  return items.every((item, i) => i === 0 || compareValues(items[i - 1]!, item) <= 0)
}

/** Elements whose type is known only now are of the type that the first one has. */
function sum({ items }: ListValue, none: Value): Value {
  const [first] = items
  if (first === undefined) return none
  if (typeof first === 'number') return items.reduce<number>((total, item) => total + (item as number), 0)
  if (first instanceof Uint) return new Uint(items.reduce<bigint>((total, item) => total + (item as Uint).value, 0n))
  if (first instanceof Span) return span(items.reduce<bigint>((total, item) => total + (item as Span).nanos, 0n))
  return items.reduce<bigint>((total, item) => int(total + (item as bigint)), 0n)
}
const NOTHING: Readonly<Record<string, Value>> = { int: 0n, uint: new Uint(0n), double: 0, duration: new Span(0n) }

function flatten(items: readonly Value[], depth: bigint): readonly Value[] {
  return items.flatMap(item => (item instanceof ListValue && depth > 0n ? flatten(item.items, depth - 1n) : [item]))
}

function distinct({ items }: ListValue): ListValue {
  const kept: Value[] = []
  for (const item of items) if (!kept.some(one => equalValues(one, item))) kept.push(item)
  return new ListValue(kept)
}

function slice({ items }: ListValue, from: bigint, to: bigint): ListValue {
  if (from < 0n || to < 0n) throw new CelFailure(`cannot slice(${from}, ${to}), negative indexes not supported`)
  if (from > to) throw new CelFailure(`cannot slice(${from}, ${to}), start index must be less than or equal to end index`)
  if (to > items.length) throw new CelFailure(`cannot slice(${from}, ${to}), list is length ${items.length}`)
  return new ListValue(items.slice(Number(from), Number(to)))
}

const MAX_RANGE = 1_000_000n
function range(count: bigint): ListValue {
  if (count > MAX_RANGE) throw new CelFailure('range too large')
  return new ListValue(Array.from({ length: Math.max(0, Number(count)) }, (_, i) => BigInt(i)))
}

const contains = (list: ListValue, item: Value): boolean => list.items.some(one => equalValues(one, item))
const pairs = (a: ListValue, b: ListValue): number => a.items.length * b.items.length

const COMPARABLE = ['int', 'uint', 'double', 'bool', 'duration', 'timestamp', 'string', 'bytes']

export const lists: readonly Signature[] = [
  ...COMPARABLE.flatMap(type => [
    signature<[ListValue]>(`list<${type}>::isSorted(): bool`, isSorted, each),
    signature<[ListValue]>(`list<${type}>::max(): ${type}`, list => extreme(list, 1), each),
    signature<[ListValue]>(`list<${type}>::min(): ${type}`, list => extreme(list, -1), each),
    signature<[ListValue]>(`list<${type}>::sort(): list<${type}>`, ({ items }) => new ListValue([...items].sort(compareValues)), each),
  ]),
  ...Object.entries(NOTHING).map(([type, none]) => signature<[ListValue]>(`list<${type}>::sum(): ${type}`, list => sum(list, none), each)),
  signature<[ListValue, Value]>('list<A>::indexOf(A): int', (list, item) => position(list, item, false), each),
  signature<[ListValue, Value]>('list<A>::lastIndexOf(A): int', (list, item) => position(list, item, true), each),
  signature<[ListValue, bigint, bigint]>('list<A>::slice(int, int): list<A>', slice, each),
  signature<[ListValue]>('list<list<A>>::flatten(): list<A>', ({ items }) => new ListValue(flatten(items, 1n)), each),
  signature<[ListValue, bigint]>('list<A>::flatten(int): list<dyn>', ({ items }, depth) => new ListValue(flatten(items, depth)), each),
  signature<[ListValue]>('list<A>::distinct(): list<A>', distinct, list => pairs(list, list)),
  signature<[ListValue]>('list<A>::reverse(): list<A>', ({ items }) => new ListValue([...items].reverse()), each),
  signature<[ListValue]>('list<A>::first(): optional<A>', ({ items }) => new Optional(items[0])),
  signature<[ListValue]>('list<A>::last(): optional<A>', ({ items }) => new Optional(items.at(-1))),
  signature<[bigint]>('lists.range(int): list<int>', range, count => Number(count)),
  signature<[ListValue, ListValue]>('sets.contains(list<A>, list<A>): bool', (a, b) => b.items.every(item => contains(a, item)), pairs),
  signature<[ListValue, ListValue]>(
    'sets.equivalent(list<A>, list<A>): bool',
    (a, b) => a.items.every(item => contains(b, item)) && b.items.every(item => contains(a, item)),
    pairs,
  ),
  signature<[ListValue, ListValue]>('sets.intersects(list<A>, list<A>): bool', (a, b) => a.items.some(item => contains(b, item)), pairs),
]
