/** Protobuf bodies: objects that were encoded, and what a hostile hand makes of their bytes. */
import type { Kind } from '../../src/api/kinds/kind.ts'
import { encodeProtobuf } from '../../src/api/protobuf/codec.ts'
import { writeEnvelope } from '../../src/api/protobuf/envelope.ts'
import type { Message } from '../../src/api/schema/build.ts'
import { TokenRequest } from '../../src/api/types/authentication.ts'
import { Scale } from '../../src/api/types/autoscaling.ts'
import { Binding } from '../../src/api/types/core/binding.ts'
import { Eviction } from '../../src/api/types/policy.ts'
import type { Random } from '../sim/random.ts'
import { mutateBytes, objectOf } from './values.ts'

/** What subresources take that are no kinds of their own. */
const OTHER_BODIES: Readonly<Record<string, { readonly apiVersion: string; readonly kind: string; readonly message: Message }>> = {
  scale: { apiVersion: 'autoscaling/v1', kind: 'Scale', message: Scale },
  eviction: { apiVersion: 'policy/v1', kind: 'Eviction', message: Eviction },
  binding: { apiVersion: 'v1', kind: 'Binding', message: Binding },
  token: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', message: TokenRequest },
}

/** The body of a request on `path`: mostly the object, in the form of the kind or of what the subresource takes. */
export function protobuf(kind: Kind, path: string, object: Record<string, unknown>, random: Random): Buffer {
  const last = path.split('/').at(-1) ?? ''
  const other = Object.hasOwn(OTHER_BODIES, last) ? OTHER_BODIES[last] : undefined
  const { apiVersion, kind: named, ...rest } = other ? { ...objectOf(other.message, random), apiVersion: other.apiVersion, kind: other.kind } : object
  let raw: Uint8Array = Buffer.alloc(0)
  try {
    raw = encodeProtobuf(other?.message ?? kind.schema, rest)
  } catch {
    // An object that is not of its schema has no protobuf form; an empty message has.
  }
  const bent = random.chance(0.15) ? nested(random) : random.chance(0.5) ? mutateBytes(Buffer.from(raw), random) : raw
  const bytes = Buffer.from(writeEnvelope({ apiVersion: String(apiVersion), kind: String(named), raw: bent }))
  return random.chance(0.3) ? mutateBytes(bytes, random) : bytes
}

/** Messages within messages, some deeper than any may be, some cut off in the middle, some longer than they say. */
function nested(random: Random): Buffer {
  let bytes = Buffer.from([random.below(256), random.below(256)])
  for (let depth = random.pick([5, 60, 500, 5000]); depth > 0; depth--) {
    const length: number[] = []
    for (let left = bytes.length; ; left >>>= 7) {
      if (left < 0x80) {
        length.push(left)
        break
      }
      length.push((left & 0x7f) | 0x80)
    }
    bytes = Buffer.concat([Buffer.from([(random.pick([1, 1, 2, 2, 3, 15]) << 3) | 2, ...length]), bytes])
  }
  return random.chance(0.4) ? bytes.subarray(0, random.below(bytes.length)) : bytes
}
