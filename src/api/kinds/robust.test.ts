/** Nothing that a client can write makes a kind's functions throw: objects drawn at random from each schema. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deepFreeze } from '../../base/freeze.ts'
import type { Draft, KubeObject } from '../meta/object.ts'
import { StatusError } from '../meta/status.ts'
import type { JsonSchema, Message, MessageOf } from '../schema/build.ts'
import { decode } from '../schema/decode.ts'
import { fill } from '../schema/fill.ts'
import { KINDS, LATER_KINDS } from './all.ts'
import type { Kind, ServedVersion } from './kind.ts'
import { validateCreate, validateStatusUpdate, validateUpdate } from './validate.ts'

const ROUNDS = 60

/** A small generator of numbers in [0, n), the same for the same seed. */
function randomFrom(seed: number): (n: number) => number {
  let state = seed
  return n => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * n)
  }
}

const WORDS = [
  '',
  'a',
  'A b',
  'a/b/c',
  'Always',
  'Never',
  'In',
  'Exists',
  'Gt',
  'RollingUpdate',
  'OnDelete',
  'TCP',
  '10.0.0.1',
  '::1',
  '10.0.0.0/8',
  'None',
  'http',
  '5%',
  '-1%',
  '*/5 * * * *',
  "metadata.labels['a']",
  'metadata.name',
  'x'.repeat(300),
  'constructor',
  '__proto__',
  'ü',
]
const NUMBERS = [0, 1, -1, 80, 65536, 2147483647, -2147483648]
const QUANTITIES = ['0', '1', '100m', '-1', '1Gi', '1e3', '5n']

type Random = (n: number) => number
const pick = <T>(random: Random, from: readonly T[]): T => from[random(from.length)] as T

function draw(schema: JsonSchema, random: Random, depth: number): unknown {
  if (schema.ref) return drawMessage(schema.ref, random, depth)
  switch (schema.type) {
    case 'string':
      if (schema.format === 'quantity') return pick(random, QUANTITIES)
      if (schema.format === 'int-or-string') return random(2) === 0 ? pick(random, NUMBERS) : pick(random, WORDS)
      if (schema.format === 'byte') return pick(random, ['', 'AA==', 'e30='])
      if (schema.format === 'date-time' || schema.format === 'micro-time') return '2026-01-01T00:00:00Z'
      return pick(random, WORDS)
    case 'integer':
      return pick(random, NUMBERS)
    case 'number':
      return pick(random, NUMBERS) / 2
    case 'boolean':
      return random(2) === 0
    case 'array':
      return Array.from({ length: random(3) }, () => draw(schema.items ?? {}, random, depth + 1))
    case 'object':
      if (!schema.additionalProperties) return { any: pick(random, WORDS) }
      return Object.fromEntries(Array.from({ length: random(3) }, () => [pick(random, WORDS), draw(schema.additionalProperties ?? {}, random, depth + 1)]))
    default:
      return pick(random, WORDS)
  }
}

/** Deep inside, fewer fields are said, so that it comes to an end. */
function drawMessage(message: Message, random: Random, depth: number): Record<string, unknown> {
  const said: Record<string, unknown> = {}
  for (const [key, schema] of Object.entries(message.properties)) {
    if (random(depth + 3) < 2 && depth < 12) said[key] = draw(schema, random, depth + 1)
  }
  return said
}

function read(kind: Kind, at: Kind | ServedVersion<KubeObject>, json: object): Draft<KubeObject> {
  const { value } = decode(at.schema as MessageOf<KubeObject>, json, { unknown: 'warn' })
  fill(at.schema as MessageOf<KubeObject>, value)
  at.defaults?.(value)
  if (at === kind) return value
  const stored = (at as ServedVersion<KubeObject>).toStored(value)
  fill(kind.schema as MessageOf<KubeObject>, stored)
  kind.defaults?.(stored)
  return stored
}

function named(draft: Draft<KubeObject>): Draft<KubeObject> {
  draft.metadata.name ||= 'x'
  return draft
}

function exercise(kind: Kind, at: Kind | ServedVersion<KubeObject>, random: Random): void {
  const draft = read(kind, at, drawMessage(at.schema, random, 0))
  kind.prepareForCreate?.(draft)
  // A name is generated, and the rest of what the server sets is there, when rules and columns look.
  draft.metadata.name ||= 'x'
  draft.metadata.uid ||= 'u'
  const old = deepFreeze(draft) as KubeObject
  validateCreate(kind, old, { now: 0 })
  const next = read(kind, at, drawMessage(at.schema, random, 0))
  kind.prepareForUpdate?.(next, old)
  const object = deepFreeze(next) as KubeObject
  validateUpdate(kind, object, old, { now: 0 })
  const observed = deepFreeze(named(read(kind, at, drawMessage(at.schema, random, 0)))) as KubeObject
  validateStatusUpdate(kind, observed, old, { now: 0 })
  kind.warnings?.(object, old)
  for (const shown of [old, observed]) {
    for (const column of kind.columns) assert.ok(['string', 'number', 'boolean'].includes(typeof column.cell(shown, 0)), column.name)
    kind.rowConditions?.(shown)
    for (const field of Object.values(kind.selectableFields ?? {})) assert.equal(typeof field(shown), 'string')
    for (const version of kind.alsoServed ?? []) version.fromStored(shown)
    const { scale } = kind.subresources ?? {}
    if (scale) assert.equal(typeof scale.selector(shown), 'string')
  }
}

for (const kind of [...KINDS, ...LATER_KINDS]) {
  for (const at of [kind, ...(kind.alsoServed ?? [])]) {
    test(`whatever is written as ${at.group || 'core'}/${at.version} ${at.kind}, nothing throws`, () => {
      for (let seed = 0; seed < ROUNDS; seed++) {
        try {
          exercise(kind, at, randomFrom(seed))
        } catch (error) {
          if (!(error instanceof StatusError)) throw new Error(`seed ${seed}`, { cause: error })
        }
      }
    })
  }
}
