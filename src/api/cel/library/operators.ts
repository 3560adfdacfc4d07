import { type Signature, signature } from '../signature.ts'
import { CelFailure, compareValues, equalValues, Instant, joinLists, keyOf, type ListValue, type MapValue, Span, sizeOf, Uint, type Value } from '../values.ts'

const fail = (why: string): never => {
  throw new CelFailure(why)
}
export const int = (value: bigint): bigint => (BigInt.asIntN(64, value) === value ? value : fail('integer overflow'))
const uint = (value: bigint): Uint => (value >= 0n && BigInt.asUintN(64, value) === value ? new Uint(value) : fail('unsigned integer overflow'))
/** The beginning of the year 1, in nanoseconds since 1970. */
export const FIRST_INSTANT = -62135596800n * 1_000_000_000n
const LAST_INSTANT = 253402300799n * 1_000_000_000n + 999_999_999n
export const instant = (nanos: bigint): Instant => (nanos < FIRST_INSTANT || nanos > LAST_INSTANT ? fail('timestamp overflow') : new Instant(nanos))
export const span = (nanos: bigint): Span => (BigInt.asIntN(64, nanos) === nanos ? new Span(nanos) : fail('duration overflow'))

/** Walking a text or a list costs a tenth for each part. */
export const walking = (...values: readonly Value[]): number => values.reduce<number>((sum, value) => sum + sizeOf(value), 0) / 10

const NUMBERS = ['int', 'uint', 'double']
const ORDERED: readonly (readonly [string, string])[] = [
  ...NUMBERS.flatMap(a => NUMBERS.map(b => [a, b] as const)),
  ...['string', 'bytes', 'bool', 'timestamp', 'duration'].map(type => [type, type] as const),
]
const ORDERS: Readonly<Record<string, (order: number) => boolean>> = {
  '_<_': order => order < 0,
  '_<=_': order => order <= 0,
  '_>_': order => order > 0,
  '_>=_': order => order >= 0,
}
const shorter = (a: Value, b: Value): number => Math.min(sizeOf(a), sizeOf(b)) / 10
const comparisons: readonly Signature[] = Object.entries(ORDERS).flatMap(([name, holds]) =>
  ORDERED.map(([a, b]) => signature<[Value, Value]>(`${name}(${a}, ${b}): bool`, (x, y) => holds(compareValues(x, y)), shorter)),
)

const dividend = <T>(by: T, zero: T, why: string): T => (by === zero ? fail(why) : by)

export const operators: readonly Signature[] = [
  signature<[Value, Value]>('_==_(A, A): bool', (a, b) => equalValues(a, b), shorter),
  signature<[Value, Value]>('_!=_(A, A): bool', (a, b) => !equalValues(a, b), shorter),
  ...comparisons,
  signature<[bigint, bigint]>('_+_(int, int): int', (a, b) => int(a + b)),
  signature<[Uint, Uint]>('_+_(uint, uint): uint', (a, b) => uint(a.value + b.value)),
  signature<[number, number]>('_+_(double, double): double', (a, b) => a + b),
  signature<[string, string]>('_+_(string, string): string', (a, b) => a + b, walking),
  signature<[Uint8Array, Uint8Array]>('_+_(bytes, bytes): bytes', (a, b) => Uint8Array.from([...a, ...b]), walking),
  signature<[ListValue, ListValue]>('_+_(list<A>, list<A>): list<A>', (a, b) => joinLists(a, b), walking),
  signature<[Instant, Span]>('_+_(timestamp, duration): timestamp', (a, b) => instant(a.nanos + b.nanos)),
  signature<[Span, Instant]>('_+_(duration, timestamp): timestamp', (a, b) => instant(a.nanos + b.nanos)),
  signature<[Span, Span]>('_+_(duration, duration): duration', (a, b) => span(a.nanos + b.nanos)),
  signature<[bigint, bigint]>('_-_(int, int): int', (a, b) => int(a - b)),
  signature<[Uint, Uint]>('_-_(uint, uint): uint', (a, b) => uint(a.value - b.value)),
  signature<[number, number]>('_-_(double, double): double', (a, b) => a - b),
  signature<[Instant, Instant]>('_-_(timestamp, timestamp): duration', (a, b) => span(a.nanos - b.nanos)),
  signature<[Instant, Span]>('_-_(timestamp, duration): timestamp', (a, b) => instant(a.nanos - b.nanos)),
  signature<[Span, Span]>('_-_(duration, duration): duration', (a, b) => span(a.nanos - b.nanos)),
  signature<[bigint, bigint]>('_*_(int, int): int', (a, b) => int(a * b)),
  signature<[Uint, Uint]>('_*_(uint, uint): uint', (a, b) => uint(a.value * b.value)),
  signature<[number, number]>('_*_(double, double): double', (a, b) => a * b),
  signature<[bigint, bigint]>('_/_(int, int): int', (a, b) => int(a / dividend(b, 0n, 'division by zero'))),
  signature<[Uint, Uint]>('_/_(uint, uint): uint', (a, b) => uint(a.value / dividend(b.value, 0n, 'division by zero'))),
  signature<[number, number]>('_/_(double, double): double', (a, b) => a / b),
  signature<[bigint, bigint]>('_%_(int, int): int', (a, b) => int(a % dividend(b, 0n, 'modulus by zero'))),
  signature<[Uint, Uint]>('_%_(uint, uint): uint', (a, b) => uint(a.value % dividend(b.value, 0n, 'modulus by zero'))),
  signature<[bigint]>('-_(int): int', a => int(-a)),
  signature<[number]>('-_(double): double', a => -a),
  signature<[boolean]>('!_(bool): bool', a => !a),
  signature<[Value, ListValue]>(
    '@in(A, list<A>): bool',
    (a, list) => list.items.some(item => equalValues(item, a)),
    (_, list) => list.items.length,
  ),
  signature<[Value, MapValue]>('@in(A, map<A, B>): bool', (a, map) => {
    const key = keyOf(a)
    return key !== undefined && map.entries.has(key)
  }),
]
