import { BYTES, MalformedProtobuf, type Reader, VARINT, type Writer } from './wire.ts'

/** The messages of upstream that JSON writes as scalars: Time, MicroTime, IntOrString, RawExtension and FieldsV1. */

/** The years 1 to 9999, in seconds since 1970. */
const FIRST = -62_135_596_800
const LAST = 253_402_300_799

/** Seconds and nanoseconds; a message without fields is no time at all. */
export function readTime(reader: Reader, fraction: 0 | 6): string | undefined {
  if (reader.done) return undefined
  let seconds = 0
  let nanos = 0
  while (!reader.done) {
    const tag = reader.tag()
    if (tag === 1 * 8 + VARINT) seconds = reader.int64()
    else if (tag === 2 * 8 + VARINT) nanos = reader.int32()
    else reader.skip(tag & 7)
  }
  if (seconds < FIRST || seconds > LAST || nanos < 0 || nanos > 999_999_999) throw new MalformedProtobuf('a time is out of range')
  const iso = new Date(seconds * 1000).toISOString().slice(0, 19)
  return fraction === 0 ? `${iso}Z` : `${iso}.${String(Math.floor(nanos / 1000)).padStart(6, '0')}Z`
}

export function writeTime(writer: Writer, time: string): void {
  writer.int(1, Math.floor(Date.parse(time) / 1000))
  const digits = /\.(\d{1,9})/.exec(time)?.[1]
  writer.int(2, digits ? Number(digits.padEnd(9, '0')) : 0)
}

export function readIntOrString(reader: Reader): number | string {
  let type = 0
  let number = 0
  let text = ''
  while (!reader.done) {
    const tag = reader.tag()
    if (tag === 1 * 8 + VARINT) type = reader.int32()
    else if (tag === 2 * 8 + VARINT) number = reader.int32()
    else if (tag === 3 * 8 + BYTES) text = reader.string()
    else reader.skip(tag & 7)
  }
  return type === 1 ? text : number
}

export function writeIntOrString(writer: Writer, value: number | string): void {
  writer.int(1, typeof value === 'string' ? 1 : 0)
  writer.int(2, typeof value === 'string' ? 0 : value)
  writer.string(3, typeof value === 'string' ? value : '')
}

/** JSON held as bytes in field 1; nothing there is no value. */
export function jsonFromRaw(reader: Reader): unknown {
  let text = ''
  while (!reader.done) {
    const tag = reader.tag()
    if (tag === 1 * 8 + BYTES) text = reader.string()
    else reader.skip(tag & 7)
  }
  if (text === '') return undefined
  try {
    return JSON.parse(text) as unknown
  } catch {
    throw new MalformedProtobuf('an embedded document is not JSON')
  }
}
