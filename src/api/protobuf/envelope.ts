import { badRequest } from '../meta/status.ts'
import { refusal } from './codec.ts'
import { BYTES, Reader, Writer } from './wire.ts'

/** What every Kubernetes protobuf body begins with: `k8s\0`. */
const MAGIC = [0x6b, 0x38, 0x73, 0x00]

export interface Envelope {
  /** Empty where the client said none. */
  readonly apiVersion: string
  readonly kind: string
  readonly raw: Uint8Array
}

/** Opens the envelope of a Kubernetes protobuf body (runtime.Unknown behind four bytes of magic). */
export function readEnvelope(bytes: Uint8Array): Envelope {
  if (MAGIC.some((byte, i) => bytes[i] !== byte)) throw badRequest('the body does not begin as Kubernetes protobuf does (k8s and a zero byte)')
  let apiVersion = ''
  let kind = ''
  let encoding = ''
  let raw = new Uint8Array()
  try {
    const reader = new Reader(bytes.subarray(4))
    while (!reader.done) {
      const tag = reader.tag()
      if (tag === 1 * 8 + BYTES) {
        const type = reader.message()
        while (!type.done) {
          const inner = type.tag()
          if (inner === 1 * 8 + BYTES) apiVersion = type.string()
          else if (inner === 2 * 8 + BYTES) kind = type.string()
          else type.skip(inner & 7)
        }
      } else if (tag === 2 * 8 + BYTES) raw = reader.bytes() as Uint8Array<ArrayBuffer>
      else if (tag === 3 * 8 + BYTES) encoding = reader.string()
      else reader.skip(tag & 7)
    }
  } catch (error) {
    throw refusal(error, 'a Kubernetes object')
  }
  if (encoding !== '') throw badRequest(`the protobuf body has the content encoding ${JSON.stringify(encoding)}, which is not supported`)
  return { apiVersion, kind, raw }
}

export function writeEnvelope({ apiVersion, kind, raw }: Envelope): Uint8Array {
  const inner = new Writer()
    .message(1, type => type.string(1, apiVersion).string(2, kind))
    .bytes(2, raw)
    .string(3, '')
    .string(4, '')
    .finish()
  const bytes = new Uint8Array(MAGIC.length + inner.length)
  bytes.set(MAGIC)
  bytes.set(inner, MAGIC.length)
  return bytes
}
