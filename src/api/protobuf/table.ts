import { BYTES, FIXED64, MalformedProtobuf, Reader, VARINT, Writer } from './wire.ts'

/**
 * Protobuf (proto3) messages by table, for wires that are not Kubernetes objects (CRI):
 *
 *   const PortMapping = table({ protocol: [1, 'int32'], containerPort: [2, 'int32'] })
 *   const Config = table({ hostname: [2, 'string'], ports: [5, { repeated: PortMapping }], labels: [6, { map: 'string' }] })
 *   decodeTable(Config, bytes)                   // absent scalars '' 0 false, lists [], maps {}, messages undefined
 *   encodeTable(Config, { hostname: 'a' })       // every field may be absent; zero scalars are not written
 *
 * `int64` and `uint64` are numbers (the nearest double beyond 2^53), `bigint` is an exact int64; enums are `int32`.
 */
export const table = <const T extends Table>(fields: T): T => fields

interface Scalars {
  readonly string: string
  readonly bytes: Uint8Array
  readonly bool: boolean
  readonly int32: number
  readonly uint32: number
  readonly int64: number
  readonly uint64: number
  readonly bigint: bigint
  readonly double: number
}
type Scalar = keyof Scalars
type Single = Scalar | Table
type FieldType = Single | { readonly repeated: Single } | { readonly map: Single }
export interface Table {
  readonly [field: string]: readonly [number: number, type: FieldType]
}

type Value<T> = T extends Scalar ? Scalars[T] : T extends Table ? Decoded<T> : never
/** What decoding yields. */
export type Decoded<T extends Table> = {
  readonly [K in keyof T]: T[K][1] extends { readonly repeated: infer E }
    ? readonly Value<E>[]
    : T[K][1] extends { readonly map: infer E }
      ? Readonly<Record<string, Value<E>>>
      : T[K][1] extends Scalar
        ? Value<T[K][1]>
        : Value<T[K][1]> | undefined
}
type Input<T> = T extends 'int64' | 'uint64' ? number | bigint : T extends Scalar ? Scalars[T] : T extends Table ? Encodable<T> : never
/** What may be encoded. */
export type Encodable<T extends Table> = {
  readonly [K in keyof T]?:
    | (T[K][1] extends { readonly repeated: infer E }
        ? readonly Input<E>[]
        : T[K][1] extends { readonly map: infer E }
          ? Readonly<Record<string, Input<E>>>
          : Input<T[K][1]>)
    | undefined
}

/** Reads a message; throws MalformedProtobuf. Unknown fields are skipped. */
export const decodeTable = <T extends Table>(fields: T, bytes: Uint8Array): Decoded<T> => readMessage(fields, new Reader(bytes)) as Decoded<T>

export function encodeTable<T extends Table>(fields: T, value: Encodable<T>): Uint8Array {
  const writer = new Writer()
  writeMessage(writer, fields, value as Fields)
  return writer.finish()
}

type Fields = Record<string, unknown>
interface Plan {
  readonly key: string
  readonly number: number
  readonly type: Single
  readonly shape: 'single' | 'repeated' | 'map'
}
const plans = new WeakMap<Table, ReadonlyMap<number, Plan>>()

function planOf(fields: Table): ReadonlyMap<number, Plan> {
  const known = plans.get(fields)
  if (known) return known
  const plan = new Map<number, Plan>()
  for (const [key, [number, type]] of Object.entries(fields)) {
    if (typeof type === 'object' && 'repeated' in type && !Array.isArray(type.repeated)) {
      plan.set(number, { key, number, type: type.repeated as Single, shape: 'repeated' })
    } else if (typeof type === 'object' && 'map' in type && !Array.isArray(type.map)) {
      plan.set(number, { key, number, type: type.map as Single, shape: 'map' })
    } else plan.set(number, { key, number, type: type as Single, shape: 'single' })
  }
  plans.set(fields, plan)
  return plan
}

const zero = (type: Single): unknown =>
  typeof type === 'object'
    ? undefined
    : { string: '', bytes: new Uint8Array(), bool: false, int32: 0, uint32: 0, int64: 0, uint64: 0, bigint: 0n, double: 0 }[type]
const wireTypeOf = (type: Single): number => (typeof type === 'object' || type === 'string' || type === 'bytes' ? BYTES : type === 'double' ? FIXED64 : VARINT)

function readMessage(fields: Table, reader: Reader): Fields {
  const plan = planOf(fields)
  const out: Fields = {}
  for (const { key, type, shape } of plan.values()) out[key] = shape === 'repeated' ? [] : shape === 'map' ? {} : zero(type)
  while (!reader.done) {
    const tag = reader.tag()
    const field = plan.get(tag >>> 3)
    const wireType = tag & 7
    if (!field) reader.skip(wireType)
    else if (field.shape === 'map') {
      expect(wireType, BYTES, field)
      readEntry(field, reader.message(), out[field.key] as Fields)
    } else if (field.shape === 'repeated') readRepeated(field, reader, wireType, out[field.key] as unknown[])
    else {
      expect(wireType, wireTypeOf(field.type), field)
      out[field.key] = read(field.type, reader)
    }
  }
  return out
}

function expect(found: number, wanted: number, { key }: Plan): void {
  if (found !== wanted) throw new MalformedProtobuf(`field ${key} has wire type ${found} instead of ${wanted}`)
}

function readRepeated(field: Plan, reader: Reader, wireType: number, into: unknown[]): void {
  const single = wireTypeOf(field.type)
  if (wireType === BYTES && single !== BYTES) {
    const packed = reader.message()
    while (!packed.done) into.push(read(field.type, packed))
    return
  }
  expect(wireType, single, field)
  into.push(read(field.type, reader))
}

function readEntry(field: Plan, reader: Reader, into: Fields): void {
  let key = ''
  let value = typeof field.type === 'object' ? readMessage(field.type, new Reader(new Uint8Array())) : zero(field.type)
  while (!reader.done) {
    const tag = reader.tag()
    if (tag === 1 * 8 + BYTES) key = reader.string()
    else if (tag === 2 * 8 + wireTypeOf(field.type)) value = read(field.type, reader)
    else reader.skip(tag & 7)
  }
  if (key === '__proto__') Object.defineProperty(into, key, { value, writable: true, enumerable: true, configurable: true })
  else into[key] = value
}

const read = (type: Single, reader: Reader): unknown =>
  typeof type === 'object' ? readMessage(type, reader.message()) : type === 'bytes' ? reader.bytes().slice() : reader[type]()

function writeMessage(writer: Writer, fields: Table, value: Fields): void {
  for (const { key, number, type, shape } of planOf(fields).values()) {
    const member = value[key]
    if (member === undefined || member === null) continue
    if (shape === 'single') {
      if (
        typeof type === 'object' ||
        (member !== 0 && member !== 0n && member !== '' && member !== false && !(type === 'bytes' && (member as Uint8Array).length === 0))
      ) {
        write(writer, number, type, member)
      }
    } else if (shape === 'repeated') for (const item of member as unknown[]) write(writer, number, type, item)
    else for (const [name, item] of Object.entries(member)) writer.message(number, entry => write(entry.string(1, name), 2, type, item))
  }
}

function write(writer: Writer, number: number, type: Single, value: unknown): void {
  if (typeof type === 'object') writer.message(number, inner => writeMessage(inner, type, value as Fields))
  else if (type === 'string') writer.string(number, value as string)
  else if (type === 'bytes') writer.bytes(number, value as Uint8Array)
  else if (type === 'bool') writer.bool(number, value as boolean)
  else if (type === 'double') writer.double(number, value as number)
  else writer.int(number, value as number | bigint)
}
