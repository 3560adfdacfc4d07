/**
 * Compares every message of every kind served with the facts of upstream, where the folder with them lies beside the
 * repository: nothing missing, nothing more, no type, required field, merge mark or protobuf number different.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { KINDS, LATER_KINDS } from '../src/api/kinds/all.ts'
import type { JsonSchema, Message, ProtobufNumber } from '../src/api/schema/build.ts'

const reference = resolve(import.meta.dirname, '../../shared/reference')
if (!existsSync(join(reference, 'api-fields.json'))) {
  console.log('kinds: not compared, the reference folder is not there')
  process.exit(0)
}

interface FieldFacts {
  readonly type: string
  readonly listType?: string
  readonly listMapKeys?: readonly string[]
  readonly patchMergeKey?: string
  readonly patchStrategy?: string
  readonly mapType?: string
}
interface MessageFacts {
  readonly fields?: Readonly<Record<string, string | FieldFacts>>
  readonly required?: readonly string[]
  readonly mapType?: string
}
type ProtobufFacts = Readonly<Record<string, Readonly<Record<string, readonly [number, string]>>>>

const read = <T>(file: string): T => JSON.parse(readFileSync(join(reference, file), 'utf8')) as T
const facts = read<Readonly<Record<string, MessageFacts>>>('api-fields.json')
const wire = read<ProtobufFacts>('api-protobuf.json')

/** Versions that upstream no longer serves: their facts are not in the folder. */
const GONE = /^(?:extensions\.v1beta1|apps\.v1beta[12])\./

const problems: string[] = []
const seen = new Set<Message>()

function visit(message: Message): void {
  if (seen.has(message)) return
  seen.add(message)
  for (const schema of Object.values(message.properties)) {
    const inner = schema.ref ?? schema.items?.ref ?? schema.additionalProperties?.ref
    if (inner) visit(inner)
  }
  if (GONE.test(message.name)) return
  const fact = facts[message.name]
  if (!fact?.fields) {
    problems.push(`${message.name}: upstream has no such message`)
    return
  }
  compare(`${message.name} required`, [...message.required].sort(), [...(fact.required ?? [])].sort())
  compare(`${message.name} map type`, message['x-kubernetes-map-type'], fact.mapType)
  for (const key of Object.keys(fact.fields)) {
    if (message.kind && (key === 'apiVersion' || key === 'kind')) continue
    const schema = message.properties[key]
    if (!schema) problems.push(`${message.name}.${key}: missing`)
    else {
      const field = fact.fields[key]!
      compareField(`${message.name}.${key}`, schema, typeof field === 'string' ? { type: field } : field)
      const numbers = wire[message.name]
      if (numbers) compare(`${message.name}.${key} protobuf number`, schema.protobuf, numberOf(numbers, key, schema.protobuf))
    }
  }
  for (const key of Object.keys(message.properties)) if (!(key in fact.fields)) problems.push(`${message.name}.${key}: upstream has no such field`)
}

function compareField(at: string, schema: JsonSchema, fact: FieldFacts): void {
  compare(`${at} type`, typeText(schema), fact.type)
  compare(`${at} list type`, schema['x-kubernetes-list-type'], fact.listType)
  compare(`${at} list map keys`, schema['x-kubernetes-list-map-keys'], fact.listMapKeys)
  compare(`${at} merge key`, schema['x-kubernetes-patch-merge-key'], fact.patchMergeKey)
  compare(`${at} patch strategy`, schema['x-kubernetes-patch-strategy'], fact.patchStrategy)
  compare(`${at} map type`, schema['x-kubernetes-map-type'], fact.mapType)
}

/** The number upstream gives a field: its own, or that of the message it is embedded in and its own there; 0 if none. */
function numberOf(numbers: ProtobufFacts[string], key: string, ours: ProtobufNumber): ProtobufNumber {
  // A few names differ in case: `Port`, `aPIGroup`.
  const own = numbers[key] ?? Object.entries(numbers).find(([name]) => name.toLowerCase() === key.toLowerCase())?.[1]
  if (own) return own[0]
  for (const [outer, type] of Object.values(numbers)) {
    if (typeof ours === 'object' && ours[0] !== outer) continue
    const inner = wire[type]?.[key]
    if (inner && typeof ours === 'object') return [outer, inner[0]]
  }
  return 0
}

function typeText(schema: JsonSchema): string {
  if (schema.ref) return `@${schema.ref.name}`
  if (schema.items) return `[${typeText(schema.items)}]`
  if (schema.additionalProperties) return `{${typeText(schema.additionalProperties)}}`
  switch (schema.format) {
    case 'date-time':
      return '@apis.meta.v1.Time'
    case 'micro-time':
      return '@apis.meta.v1.MicroTime'
    case 'quantity':
      return '@api.resource.Quantity'
    case 'int-or-string':
      return '@util.intstr.IntOrString'
  }
  if (schema['x-kubernetes-preserve-unknown-fields']) return 'any'
  return schema.format ? `${schema.type}:${schema.format}` : `${schema.type}`
}

const ANY = [
  '@runtime.RawExtension',
  '@apis.meta.v1.FieldsV1',
  '@apiextensions.v1.JSON',
  '@apiextensions.v1.JSONSchemaProps',
  '@apiextensions.v1.CustomResourceSubresourceStatus',
  'any',
  'object',
]

function compare(what: string, ours: unknown, theirs: unknown): void {
  if (JSON.stringify(ours) === JSON.stringify(theirs)) return
  if (typeof ours === 'string' && typeof theirs === 'string' && ours.includes('any') && ANY.some(type => ours.replace('any', type) === theirs)) return
  problems.push(`${what}: ${JSON.stringify(ours) ?? 'none'}, upstream ${JSON.stringify(theirs) ?? 'none'}`)
}

const kinds = [...KINDS, ...LATER_KINDS]
for (const kind of kinds) {
  visit(kind.schema)
  for (const other of kind.alsoServed ?? []) visit(other.schema)
}
for (const problem of problems) console.error(`kinds: ${problem}`)
console.log(`kinds: ${kinds.length} kinds, ${seen.size} messages, ${problems.length} problems`)
process.exit(problems.length > 0 ? 1 : 0)
