import { type Signature, signature } from '../signature.ts'
import { CelFailure, type Instant, type ListValue, type MapValue, type Span, sizeOf, TypeValue, typeNameOf, Uint, type Value } from '../values.ts'
import { int, walking } from './operators.ts'
import { readDuration, readTimestamp, shownDuration, shownTimestamp } from './time-texts.ts'

const points = (text: string): bigint => {
  let count = 0n
  for (const _ of text) count++
  return count
}

const size: readonly Signature[] = [
  ['string', (value: Value) => points(value as string)],
  ['bytes', (value: Value) => BigInt(sizeOf(value))],
  ['list<A>', (value: Value) => BigInt((value as ListValue).items.length)],
  ['map<A, B>', (value: Value) => BigInt(sizeOf(value as MapValue))],
].flatMap(([type, of]) => {
  const call = of as (value: Value) => Value
  return [signature<[Value]>(`size(${type}): int`, call), signature<[Value]>(`${type}::size(): int`, call)]
})

function readInt(text: string): bigint {
  if (!/^[+-]?\d+$/.test(text)) throw new CelFailure("type conversion error from 'string' to 'int'")
  return int(BigInt(text.replace(/^\+/, '')))
}
function wholeOf(value: number, least: number, most: number, of: string): bigint {
  if (!(value > least && value < most)) throw new CelFailure(of)
  return BigInt(Math.trunc(value))
}
function uintOf(value: bigint): Uint {
  if (value < 0n || value >= 2n ** 64n) throw new CelFailure('unsigned integer overflow')
  return new Uint(value)
}
function readUint(text: string): Uint {
  if (!/^\d+$/.test(text)) throw new CelFailure("type conversion error from 'string' to 'uint'")
  return uintOf(BigInt(text))
}
function readDouble(text: string): number {
  if (/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text)) return Number(text)
  const special = /^([+-]?)(inf|infinity|nan)$/i.exec(text)
  if (!special) throw new CelFailure("type conversion error from 'string' to 'double'")
  return special[2]!.toLowerCase() === 'nan' ? Number.NaN : special[1] === '-' ? -Infinity : Infinity
}
const TRUE = ['1', 't', 'T', 'TRUE', 'true', 'True']
const FALSE = ['0', 'f', 'F', 'FALSE', 'false', 'False']
function readBool(text: string): boolean {
  if (TRUE.includes(text)) return true
  if (FALSE.includes(text)) return false
  throw new CelFailure("type conversion error from 'string' to 'bool'")
}
/** As Go writes it: `1e+21`, `0.1`, `+Inf`. */
export function shownDouble(value: number): string {
  if (value === Infinity) return '+Inf'
  return String(value)
    .replace(/e([+-])(\d)$/, 'e$10$2')
    .replace('Infinity', 'Inf')
}
function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw new CelFailure('invalid UTF-8 in bytes, cannot convert to string')
  }
}
const NAMES: Readonly<Record<string, string>> = { null: 'null_type', timestamp: 'google.protobuf.Timestamp', duration: 'google.protobuf.Duration' }

export const conversions: readonly Signature[] = [
  ...size,
  signature<[Value]>('type(A): type<A>', value => new TypeValue(typeNameOf(value))),
  signature<[Value]>('dyn(A): dyn', value => value),
  signature<[bigint]>('int(int): int', value => value),
  signature<[Uint]>('int(uint): int', ({ value }) => int(value)),
  signature<[number]>('int(double): int', value => wholeOf(value, -(2 ** 63), 2 ** 63, 'integer overflow')),
  signature<[string]>('int(string): int', text => readInt(text)),
  signature<[Instant]>('int(timestamp): int', ({ nanos }) => nanos / 1_000_000_000n - (nanos % 1_000_000_000n < 0n ? 1n : 0n)),
  signature<[Uint]>('uint(uint): uint', value => value),
  signature<[bigint]>('uint(int): uint', value => uintOf(value)),
  signature<[number]>('uint(double): uint', value => uintOf(wholeOf(value, -1, 2 ** 64, 'unsigned integer overflow'))),
  signature<[string]>('uint(string): uint', text => readUint(text)),
  signature<[number]>('double(double): double', value => value),
  signature<[bigint]>('double(int): double', value => Number(value)),
  signature<[Uint]>('double(uint): double', ({ value }) => Number(value)),
  signature<[string]>('double(string): double', text => readDouble(text)),
  signature<[string]>('string(string): string', text => text),
  signature<[boolean]>('string(bool): string', value => String(value)),
  signature<[bigint]>('string(int): string', value => String(value)),
  signature<[Uint]>('string(uint): string', ({ value }) => String(value)),
  signature<[number]>('string(double): string', value => shownDouble(value)),
  signature<[Uint8Array]>('string(bytes): string', bytes => textOf(bytes), walking),
  signature<[Instant]>('string(timestamp): string', ({ nanos }) => shownTimestamp(nanos)),
  signature<[Span]>('string(duration): string', ({ nanos }) => shownDuration(nanos)),
  signature<[TypeValue]>('string(type<A>): string', ({ name }) => NAMES[name] ?? name),
  signature<[boolean]>('bool(bool): bool', value => value),
  signature<[string]>('bool(string): bool', text => readBool(text)),
  signature<[Uint8Array]>('bytes(bytes): bytes', value => value),
  signature<[string]>('bytes(string): bytes', text => new TextEncoder().encode(text), walking),
  signature<[Span]>('duration(duration): duration', value => value),
  signature<[string]>('duration(string): duration', text => readDuration(text)),
  signature<[Instant]>('timestamp(timestamp): timestamp', value => value),
  signature<[bigint]>('timestamp(int): timestamp', seconds => readTimestamp(seconds)),
  signature<[string]>('timestamp(string): timestamp', text => readTimestamp(text)),
]
