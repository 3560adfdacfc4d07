/** Objects of every kind, made by its schema, and what a hostile hand makes of their text. */
import type { JsonSchema, Message } from '../../src/api/schema/build.ts'
import type { Random } from '../sim/random.ts'

const NAMES = ['a', 'b', 'c', 'main', 'sim-1', 'default', 'app', 'kube-system']
const ODD_TEXTS = [
  '',
  ' ',
  'A'.repeat(300),
  'a'.repeat(5000),
  '../../etc/passwd',
  '..',
  '__proto__',
  'constructor',
  'hasOwnProperty',
  '\u0000',
  '\ud800',
  'ü€𝄞',
  '%s%n',
  '-1',
  '1e9999',
  '(a+)+$',
  '$(A)$$(B)',
  'true',
  'null',
  '9'.repeat(400),
  '2020-01-01T00:00:00Z',
  '2020-13-99T99:99:99Z',
  '1.5Gi',
  '1e100',
  '100%',
  '-5%',
]
const ODD_NUMBERS = [0, -1, 1, 65536, 2 ** 31, -(2 ** 31) - 1, 2 ** 53, 1e308, -1e308, 0.5, 1e-300]
const ODD_TOKENS = [
  'null',
  'true',
  '[]',
  '{}',
  '""',
  '[null]',
  '{"":null}',
  '1e999',
  '-0',
  '99999999999999999999999999',
  '"\\ud800"',
  '{"__proto__":{"polluted":"yes"}}',
  '{"constructor":{"prototype":{"polluted":"yes"}}}',
  '{"$patch":"delete"}',
  '{"$patch":"replace"}',
  '[{"$patch":"replace"}]',
  '{"$retainKeys":["a"]}',
  '{"$setElementOrder/containers":[{"name":"a"}]}',
  '{"$deleteFromPrimitiveList/finalizers":["a"]}',
]

export const oddText = (random: Random): string => random.pick(ODD_TEXTS)
export const nameOf = (random: Random): string => (random.chance(0.97) ? random.pick(NAMES) : oddText(random))

/** A value that a schema allows, or nearly; `budget` bounds how large it grows. */
function madeBy(schema: JsonSchema, random: Random, budget: { left: number }, depth: number): unknown {
  budget.left--
  if (random.chance(0.01)) return random.pick<unknown>([null, [], {}, '', 0, true, oddText(random), random.pick(ODD_NUMBERS)])
  if (schema.ref) return objectOf(schema.ref, random, budget, depth + 1)
  switch (schema.format) {
    case 'int-or-string':
      return random.pick<unknown>([1, '10%', '100%', 0, -1, 'http', '1'])
    case 'quantity':
      return random.pick<unknown>(['1', '100m', '1Gi', 1, '0', '-1', '1e3', '9E', '99999999999999999999Ei', 'x'])
    case 'date-time':
    case 'micro-time':
      return random.pick<unknown>(['2020-01-01T00:00:00Z', '2020-01-01T00:00:00.123456Z', null, '9999-12-31T23:59:60Z', 'now'])
    case 'byte':
      return random.pick(['', 'YQ==', 'YQ', '!!!', '____', 'e30='])
  }
  switch (schema.type) {
    case 'array': {
      const many = depth > 8 || budget.left <= 0 ? 0 : random.below(3)
      return Array.from({ length: many }, () => madeBy(schema.items ?? {}, random, budget, depth + 1))
    }
    case 'object': {
      if (!schema.additionalProperties) return {}
      const many = depth > 8 || budget.left <= 0 ? 0 : random.below(3)
      return Object.fromEntries(
        Array.from({ length: many }, () => [
          random.pick(['app', 'a', 'b.c/d', 'memory', 'cpu', '__proto__', 'kubernetes.io/os', 'k']),
          madeBy(schema.additionalProperties!, random, budget, depth + 1),
        ]),
      )
    }
    case 'integer':
      return random.chance(0.85) ? random.below(100) : random.pick(ODD_NUMBERS)
    case 'number':
      return random.pick(ODD_NUMBERS)
    case 'boolean':
      return random.chance(0.5)
    default:
      return random.chance(0.85)
        ? random.pick([...NAMES, 'In', 'Exists', 'NoSchedule', 'TCP', 'Always', '10.0.0.1', '/tmp', 'a=b', 'example.org/a:1'])
        : oddText(random)
  }
}

/** An object of a message: what is required always, what is optional sometimes. */
export function objectOf(message: Message, random: Random, budget = { left: 150 }, depth = 0): Record<string, unknown> {
  const object: Record<string, unknown> = {}
  if (depth > 12) return object
  for (const [key, schema] of Object.entries(message.properties)) {
    if (key === 'managedFields' || key === 'ownerReferences' || key === 'finalizers' || key === 'deletionTimestamp') {
      if (!random.chance(0.02)) continue
    }
    const wanted = message.required.includes(key) ? 0.97 : depth < 2 ? 0.5 : Math.min(0.3, 4 / Object.keys(message.properties).length)
    if (budget.left > 0 ? random.chance(wanted) : message.required.includes(key)) object[key] = madeBy(schema, random, budget, depth)
  }
  return object
}

/** Changes a JSON text at some places: tokens exchanged, members doubled, parts cut out, bytes turned over. */
export function mutateText(text: string, random: Random): string {
  let out = text
  for (let n = 1 + random.below(3); n > 0; n--) {
    const values = [...out.matchAll(/(?<=[:[,])("(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|true|false|null|\[\]|\{\})/g)]
    const members = [...out.matchAll(/"(?:[^"\\]|\\.)*":("(?:[^"\\]|\\.)*"|-?\d+|true|false|null)/g)]
    const at = random.below(Math.max(1, out.length))
    const kind = random.below(12)
    if (kind < 6 && values.length > 0) {
      const hit = random.pick(values)
      const token = random.chance(0.7) ? random.pick(ODD_TOKENS) : random.chance(0.5) ? JSON.stringify(oddText(random)) : String(random.pick(ODD_NUMBERS))
      out = out.slice(0, hit.index) + token + out.slice(hit.index + hit[0].length)
    } else if (kind < 8 && members.length > 0) {
      const hit = random.pick(members)
      const more = random.pick([
        hit[0],
        `"__proto__":${random.pick(ODD_TOKENS)}`,
        `"unknown":1`,
        `"constructor":${random.pick(ODD_TOKENS)}`,
        '"$patch":"delete"',
      ])
      out = `${out.slice(0, hit.index)}${more},${out.slice(hit.index)}`
    } else if (kind === 8) out = out.slice(0, at) + out.slice(at + random.below(20))
    else if (kind === 9) out = out.slice(0, at)
    else if (kind === 10)
      out =
        out.slice(0, at) +
        random.pick(['\u0000', '{', '}', '[', ']', '"', ',', ':', '\\', '\ud800', '\n---\n', '&a', '*a', '!!js/function', '\t']) +
        out.slice(at)
    else {
      const deep = random.pick([10, 200, 513, 20_000])
      const nest = random.chance(0.5) ? '['.repeat(deep) + ']'.repeat(deep) : `${'{"a":'.repeat(deep)}1${'}'.repeat(deep)}`
      const hit = values.length > 0 ? random.pick(values) : undefined
      out = hit ? out.slice(0, hit.index) + nest + out.slice(hit.index + hit[0].length) : nest
    }
  }
  return out
}

/** Turns bytes over, cuts, doubles or inserts some. */
export function mutateBytes(bytes: Buffer, random: Random): Buffer {
  let out = Buffer.from(bytes)
  for (let n = 1 + random.below(4); n > 0; n--) {
    const at = random.below(out.length + 1)
    const kind = random.below(5)
    if (kind === 0) out = out.subarray(0, at)
    else if (kind === 1 && at < out.length) out[at] = random.below(256)
    else if (kind === 2) out = Buffer.concat([out.subarray(0, at), Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f].slice(0, 1 + random.below(5))), out.subarray(at)])
    else if (kind === 3) out = Buffer.concat([out.subarray(0, at), out.subarray(Math.max(0, at - random.below(40)))])
    else out = Buffer.concat([out.subarray(0, at), Buffer.from(['\xc0\x80', '\xed\xa0\x80', '\xf5', '\xff'][random.below(4)]!, 'latin1'), out.subarray(at)])
  }
  return out
}
