import { badRequest, type StatusError } from '../meta/status.ts'
import type { JsonSchema, Message } from '../schema/build.ts'
import { setOwn } from '../schema/plain.ts'
import { base64Of, bytesOf } from './base64.ts'
import { type Field, planOf, type Shape, WIRE_TYPES } from './plan.ts'
import { jsonFromRaw, readIntOrString, readTime, writeIntOrString, writeTime } from './special.ts'
import { BYTES, MalformedProtobuf, Reader, Writer } from './wire.ts'

/**
 * One message of Kubernetes protobuf (`generated.proto` of upstream) as the JSON that would say the same. Go writes every
 * field that is no pointer, so zeros that say nothing are left out. Types and ranges are still to be checked by `decode`.
 * Malformed bytes are a BadRequest.
 */
export function decodeProtobuf(message: Message, bytes: Uint8Array): Record<string, unknown> {
  try {
    return readMessage(message, new Reader(bytes))
  } catch (error) {
    throw refusal(error, message.name)
  }
}

/** An object of this message as Kubernetes protobuf; members that the message does not know are left out. */
export function encodeProtobuf(message: Message, object: object): Uint8Array {
  const writer = new Writer()
  writeMessage(writer, message, object as Readonly<Record<string, unknown>>)
  return writer.finish()
}

export const refusal = (error: unknown, what: string): StatusError => {
  if (error instanceof MalformedProtobuf) return badRequest(`the protobuf body cannot be read as ${what}: ${error.message}`)
  throw error
}

function readMessage(message: Message, reader: Reader, out: Record<string, unknown> = {}): Record<string, unknown> {
  readFields(planOf(message).byNumber, reader, out)
  return out
}

function readFields(fields: ReadonlyMap<number, Field>, reader: Reader, out: Record<string, unknown>): void {
  while (!reader.done) {
    const tag = reader.tag()
    const field = fields.get(tag >>> 3)
    const wireType = tag & 7
    if (!field) reader.skip(wireType)
    else if (field.embedded) {
      expect(wireType, BYTES, field)
      readFields(field.embedded, reader.message(), out)
    } else readField(field, reader, wireType, out)
  }
}

function expect(found: number, wanted: number, { key }: Field): void {
  if (found !== wanted) throw new MalformedProtobuf(`field ${key} has wire type ${found} instead of ${wanted}`)
}

function readField(field: Field, reader: Reader, wireType: number, out: Record<string, unknown>): void {
  const { key, schema, shape } = field
  if (shape === 'list') {
    if (!Array.isArray(out[key])) out[key] = []
    const list = out[key] as unknown[]
    const wanted = WIRE_TYPES[field.element!]
    if (wireType === BYTES && wanted !== BYTES) {
      const packed = reader.message()
      while (!packed.done) list.push(readValue(field.element!, schema.items!, packed))
    } else {
      expect(wireType, wanted, field)
      list.push(readValue(field.element!, schema.items!, reader))
    }
    return
  }
  expect(wireType, WIRE_TYPES[shape], field)
  if (shape === 'map') {
    if (out[key] === undefined) out[key] = {}
    readEntry(field, reader.message(), out[key] as Record<string, unknown>)
    return
  }
  if (shape === 'message') {
    out[key] = readMessage(schema.ref!, reader.message(), (out[key] as Record<string, unknown> | undefined) ?? {})
    return
  }
  const value = readValue(shape, schema, reader)
  if (value !== undefined && (field.zeroSays || (value !== '' && value !== 0 && value !== false))) out[key] = value
  else delete out[key]
}

function readEntry(field: Field, reader: Reader, into: Record<string, unknown>): void {
  let key = ''
  let value: unknown
  const wanted = WIRE_TYPES[field.element!]
  while (!reader.done) {
    const tag = reader.tag()
    if (tag === 1 * 8 + BYTES) key = reader.string()
    else if (tag === 2 * 8 + wanted) value = readValue(field.element!, field.schema.additionalProperties!, reader)
    else reader.skip(tag & 7)
  }
  setOwn(into, key, value ?? null)
}

/** Undefined for a value that stands for "nothing said": an empty time, empty raw JSON. */
function readValue(shape: Shape, schema: JsonSchema, reader: Reader): unknown {
  switch (shape) {
    case 'string':
      return reader.string()
    case 'integer':
      return reader.int64()
    case 'boolean':
      return reader.bool()
    case 'number':
      return reader.double()
    case 'bytes':
      return base64Of(reader.bytes())
    case 'message':
      return readMessage(schema.ref!, reader.message())
    case 'quantity':
      return readInner(reader.message()) || '0'
    case 'time':
      return readTime(reader.message(), 0)
    case 'micro-time':
      return readTime(reader.message(), 6)
    case 'int-or-string':
      return readIntOrString(reader.message())
    case 'raw':
      return jsonFromRaw(reader.message())
    case 'strings': {
      const list: string[] = []
      const inner = reader.message()
      while (!inner.done) {
        const tag = inner.tag()
        if (tag === 1 * 8 + BYTES) list.push(inner.string())
        else inner.skip(tag & 7)
      }
      return list
    }
    case 'list':
    case 'map':
      throw new MalformedProtobuf('a list of lists is not supported')
    default:
      return shape satisfies never
  }
}

/** Field 1 of a message that wraps one string. */
function readInner(reader: Reader): string {
  let text = ''
  while (!reader.done) {
    const tag = reader.tag()
    if (tag === 1 * 8 + BYTES) text = reader.string()
    else reader.skip(tag & 7)
  }
  return text
}

function writeMessage(writer: Writer, message: Message, object: Readonly<Record<string, unknown>>): void {
  writeFields(writer, planOf(message).byNumber, object)
}

function writeFields(writer: Writer, fields: ReadonlyMap<number, Field>, object: Readonly<Record<string, unknown>>): void {
  for (const field of fields.values()) {
    const { key, number, schema, shape, embedded } = field
    if (embedded) {
      writer.message(number, inner => writeFields(inner, embedded, object))
      continue
    }
    const value = object[key]
    if (value === undefined || value === null) continue
    if (shape === 'list') for (const item of value as unknown[]) writeValue(writer, number, field.element!, schema.items!, item)
    else if (shape === 'map') {
      for (const [name, item] of Object.entries(value)) {
        writer.message(number, entry => writeValue(entry.string(1, name), 2, field.element!, schema.additionalProperties!, item))
      }
    } else writeValue(writer, number, shape, schema, value)
  }
}

function writeValue(writer: Writer, number: number, shape: Shape, schema: JsonSchema, value: unknown): void {
  switch (shape) {
    case 'string':
      writer.string(number, value as string)
      return
    case 'integer':
      writer.int(number, value as number)
      return
    case 'boolean':
      writer.bool(number, value as boolean)
      return
    case 'number':
      writer.double(number, value as number)
      return
    case 'bytes':
      writer.bytes(number, bytesOf(value as string))
      return
    case 'message':
      writer.message(number, inner => writeMessage(inner, schema.ref!, value as Readonly<Record<string, unknown>>))
      return
    case 'quantity':
      writer.message(number, inner => inner.string(1, String(value)))
      return
    case 'time':
    case 'micro-time':
      writer.message(number, inner => writeTime(inner, value as string))
      return
    case 'int-or-string':
      writer.message(number, inner => writeIntOrString(inner, value as number | string))
      return
    case 'raw':
      writer.message(number, inner => inner.string(1, JSON.stringify(value)))
      return
    case 'strings':
      writer.message(number, inner => {
        for (const item of value as string[]) inner.string(1, item)
      })
      return
    case 'list':
    case 'map':
      return
    default:
      shape satisfies never
  }
}
