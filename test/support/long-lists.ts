/** For every list and map that a kind has, an object in which it is long. */
import { apiVersionOf, type Kind } from '../../src/api/kinds/kind.ts'
import type { KubeObject, NewObject } from '../../src/api/meta/object.ts'
import type { JsonSchema, Message } from '../../src/api/schema/build.ts'

/** How deep lists are looked for. */
const DEEPEST = 7

export interface LongList {
  /** `['spec', 'containers', 0, 'env']` */
  readonly path: Path
  readonly items: number
  readonly object: NewObject<KubeObject>
}

export type Path = readonly (string | number)[]

/** At most `most` elements, and not more than have room in so many bytes of JSON. */
export function* longLists(kind: Kind, most: number, bytes = Number.POSITIVE_INFINITY): Generator<LongList> {
  for (const { path, schema } of listsOf(kind.schema, [], new Set())) {
    const element = schema.items ?? schema.additionalProperties ?? {}
    const make = (i: number) => elementOf(element, String(path.at(-1)), i, 0)
    const items = Math.min(most, Math.floor(bytes / (JSON.stringify(make(most)).length + (schema.items ? 1 : 12))))
    const numbers = Array.from({ length: items }, (_, i) => i)
    const long = schema.items ? numbers.map(make) : Object.fromEntries(numbers.map(i => [`k${i}`, make(i)]))
    const at = [...path].reverse().reduce<unknown>((inner, key) => (typeof key === 'number' ? [inner] : { [key]: inner }), long) as NewObject<KubeObject>
    const metadata = { ...at.metadata, name: 'long' }
    yield { path, items, object: { ...at, apiVersion: apiVersionOf(kind), kind: kind.kind, metadata } as NewObject<KubeObject> }
  }
}

function* listsOf(message: Message, path: Path, above: ReadonlySet<string>): Generator<{ readonly path: Path; readonly schema: JsonSchema }> {
  if (path.length > DEEPEST) return
  for (const [key, schema] of Object.entries(message.properties)) {
    // The record of owners is made anew with every write.
    if (key === 'managedFields') continue
    const at = [...path, key]
    if (schema.items || schema.additionalProperties) yield { path: at, schema }
    const inner = schema.ref ?? schema.items?.ref
    if (inner && !above.has(inner.name)) yield* listsOf(inner, schema.ref ? at : [...at, 0], new Set([...above, inner.name]))
  }
}

/** Members that tell elements apart, or that rules look at. */
const TELLING = new Set(
  'name key path ip mountPath containerPort port operator topologyKey type hostPath uid kind apiVersion subPath hostPort protocol value devicePath'.split(' '),
)

function elementOf(schema: JsonSchema, key: string, i: number, depth: number): unknown {
  const { ref } = schema
  if (!ref) return scalarOf(schema, key, i) ?? (schema.items ? [] : {})
  const members = Object.entries(ref.properties).filter(([name]) => ref.required.includes(name) || TELLING.has(name))
  const shown = members.filter(([, { ref: inner, items }]) => depth < 2 || !(inner || items))
  return Object.fromEntries(shown.map(([name, property]) => [name, elementOf(property, name, i, depth + 1)]))
}

function scalarOf({ type, format }: JsonSchema, key: string, i: number): unknown {
  if (type === 'boolean') return true
  if (type === 'integer' || type === 'number' || format === 'int-or-string') return (i % 60_000) + 1
  if (type !== 'string') return undefined
  if (format === 'quantity') return '1'
  if (format === 'byte') return 'YQ=='
  if (format === 'date-time') return '2026-01-01T00:00:00Z'
  if (format === 'micro-time') return '2026-01-01T00:00:00.000000Z'
  if (key === 'operator') return 'In'
  if (/ip$/i.test(key)) return `10.${(i >> 16) & 255}.${(i >> 8) & 255}.${i & 255}`
  return /path$/i.test(key) ? `/p${i}` : `n${i}`
}
