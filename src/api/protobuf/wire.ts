/** Bytes that are no protobuf message. Callers turn it into the error of their own wire. */
export class MalformedProtobuf extends Error {
  override readonly name = 'MalformedProtobuf'
}

export const VARINT = 0
export const FIXED64 = 1
export const BYTES = 2
export const FIXED32 = 5

const MAX_DEPTH = 100
const utf8 = new TextDecoder()
const encoder = new TextEncoder()

/** Reads the fields of one message, in the order of the bytes. Never reads outside its range. */
export class Reader {
  readonly #bytes: Uint8Array
  readonly #end: number
  readonly #depth: number
  #at: number
  #low = 0
  #high = 0

  constructor(bytes: Uint8Array, start = 0, end = bytes.length, depth = 0) {
    if (depth > MAX_DEPTH) throw new MalformedProtobuf(`nested deeper than ${MAX_DEPTH}`)
    this.#bytes = bytes
    this.#at = start
    this.#end = end
    this.#depth = depth
  }

  get done(): boolean {
    return this.#at >= this.#end
  }

  /** The next field's number and wire type as `number * 8 + type`. */
  tag(): number {
    this.#varint()
    const tag = this.#low >>> 0
    if (this.#high !== 0 || tag >>> 3 === 0) throw new MalformedProtobuf('a field number is out of range')
    return tag
  }

  /** Goes over a value of this wire type. */
  skip(wireType: number): void {
    if (wireType === VARINT) this.#varint()
    else if (wireType === FIXED64) this.#advance(8)
    else if (wireType === BYTES) this.#advance(this.#length())
    else if (wireType === FIXED32) this.#advance(4)
    else throw new MalformedProtobuf(`wire type ${wireType} is not supported`)
  }

  bool(): boolean {
    this.#varint()
    return this.#low !== 0 || this.#high !== 0
  }

  int32(): number {
    this.#varint()
    return this.#low | 0
  }

  uint32(): number {
    this.#varint()
    return this.#low >>> 0
  }

  /** Beyond 2^53 the nearest double. */
  int64(): number {
    this.#varint()
    return (this.#high | 0) * 0x1_0000_0000 + (this.#low >>> 0)
  }

  /** Beyond 2^53 the nearest double. */
  uint64(): number {
    this.#varint()
    return (this.#high >>> 0) * 0x1_0000_0000 + (this.#low >>> 0)
  }

  bigint(): bigint {
    this.#varint()
    return BigInt.asIntN(64, (BigInt(this.#high >>> 0) << 32n) | BigInt(this.#low >>> 0))
  }

  double(): number {
    const start = this.#advance(8)
    return new DataView(this.#bytes.buffer, this.#bytes.byteOffset + start, 8).getFloat64(0, true)
  }

  /** A view of the bytes read, not a copy. */
  bytes(): Uint8Array {
    const start = this.#advance(this.#length())
    return this.#bytes.subarray(start, this.#at)
  }

  string(): string {
    const start = this.#advance(this.#length())
    const bytes = this.#bytes
    const end = this.#at
    if (end - start <= 24) {
      let text = ''
      for (let i = start; i < end; i++) {
        const byte = bytes[i]!
        if (byte >= 0x80) return utf8.decode(bytes.subarray(start, end))
        text += String.fromCharCode(byte)
      }
      return text
    }
    return utf8.decode(bytes.subarray(start, end))
  }

  /** The message that stands here, as a reader of its own; this one goes on behind it. */
  message(): Reader {
    const start = this.#advance(this.#length())
    return new Reader(this.#bytes, start, this.#at, this.#depth + 1)
  }

  #length(): number {
    this.#varint()
    if (this.#high !== 0) throw new MalformedProtobuf('a length is out of range')
    return this.#low >>> 0
  }

  #advance(length: number): number {
    const start = this.#at
    if (length > this.#end - start) throw new MalformedProtobuf('the message ends in the middle of a value')
    this.#at = start + length
    return start
  }

  #varint(): void {
    let low = 0
    let high = 0
    for (let shift = 0; shift < 70; shift += 7) {
      if (this.#at >= this.#end) throw new MalformedProtobuf('the message ends in the middle of a number')
      const byte = this.#bytes[this.#at++]!
      const part = byte & 0x7f
      if (shift < 28) low |= part << shift
      else if (shift === 28) {
        low |= part << 28
        high = part >>> 4
      } else high |= part << (shift - 32)
      if (byte < 0x80) {
        this.#low = low
        this.#high = high
        return
      }
    }
    throw new MalformedProtobuf('a number is longer than ten bytes')
  }
}

/** Writes the fields of one message; `finish` gives the bytes. Zero values are written too: leave them out yourself. */
export class Writer {
  #bytes = new Uint8Array(256)
  #at = 0

  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#at)
  }

  string(number: number, text: string): this {
    this.#tag(number, BYTES)
    this.#room(text.length * 3 + 10)
    const start = this.#at
    const written = encoder.encodeInto(text, this.#bytes.subarray(start)).written
    this.#at = start + written
    this.#prefix(start)
    return this
  }

  bytes(number: number, bytes: Uint8Array): this {
    this.#tag(number, BYTES)
    this.#varint(bytes.length)
    this.#room(bytes.length)
    this.#bytes.set(bytes, this.#at)
    this.#at += bytes.length
    return this
  }

  bool(number: number, value: boolean): this {
    return this.int(number, value ? 1 : 0)
  }

  /** Any integer type but the zigzag ones: int32, int64, uint32, uint64, enum. */
  int(number: number, value: number | bigint): this {
    this.#tag(number, VARINT)
    this.#varint(value)
    return this
  }

  double(number: number, value: number): this {
    this.#tag(number, FIXED64)
    this.#room(8)
    new DataView(this.#bytes.buffer).setFloat64(this.#at, value, true)
    this.#at += 8
    return this
  }

  /** An embedded message, whose fields `write` writes on this same writer. */
  message(number: number, write: (writer: this) => void): this {
    this.#tag(number, BYTES)
    const start = this.#at
    write(this)
    this.#prefix(start)
    return this
  }

  /** Puts the length of what stands behind `start` before it. */
  #prefix(start: number): void {
    const length = this.#at - start
    const size = length < 0x80 ? 1 : length < 0x4000 ? 2 : length < 0x20_0000 ? 3 : length < 0x1000_0000 ? 4 : 5
    this.#room(size)
    this.#bytes.copyWithin(start + size, start, this.#at)
    this.#at = start
    this.#varint(length)
    this.#at += length
  }

  #tag(number: number, wireType: number): void {
    this.#varint(number * 8 + wireType)
  }

  #varint(value: number | bigint): void {
    this.#room(10)
    if (typeof value === 'bigint' || value < 0 || value > 0x7fff_ffff) {
      let rest = BigInt.asUintN(64, BigInt(value))
      for (; rest > 0x7fn; rest >>= 7n) this.#bytes[this.#at++] = Number(rest & 0x7fn) | 0x80
      this.#bytes[this.#at++] = Number(rest)
      return
    }
    let rest = value
    for (; rest > 0x7f; rest >>>= 7) this.#bytes[this.#at++] = (rest & 0x7f) | 0x80
    this.#bytes[this.#at++] = rest
  }

  #room(size: number): void {
    if (this.#at + size <= this.#bytes.length) return
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#at + size))
    larger.set(this.#bytes)
    this.#bytes = larger
  }
}
