import assert from 'node:assert/strict'
import { test } from 'node:test'
import { applyPatch } from '../../patch/apply/apply.ts'
import { customObject } from '../../types/custom-object.ts'
import { decode } from '../decode.ts'
import { fill } from '../fill.ts'
import { compilePatterns } from './patterns.ts'
import type { JsonSchemaProps } from './props.ts'
import { checkStructural } from './structural.ts'
import { validateBySchema } from './validate.ts'

const schema: JsonSchemaProps = {
  type: 'object',
  required: ['spec'],
  properties: {
    spec: {
      type: 'object',
      required: ['size'],
      properties: {
        size: { type: 'integer', minimum: 1, maximum: 5 },
        mode: { type: 'string', enum: ['fast', 'safe'], default: 'safe' },
        name: { type: 'string', pattern: '^[a-z]+$', maxLength: 5 },
        port: { 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }, { type: 'string' }] },
        labels: { type: 'object', additionalProperties: { type: 'string' } },
        free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
        maybe: { type: 'string', nullable: true },
        nested: { type: 'object', default: {}, properties: { on: { type: 'boolean', default: true } } },
        parts: {
          type: 'array',
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['id'],
          items: { type: 'object', required: ['id'], properties: { id: { type: 'string' }, weight: { type: 'number', default: 1 } } },
        },
      },
    },
  },
}
const Widget = customObject('example.com.v1.Widget', schema)
const as = { kind: 'Widget', version: 'v1' }
const read = (json: unknown) => {
  const { value, problems } = decode<object>(Widget, json, { unknown: 'warn', as })
  fill<object>(Widget, value)
  return { value: value as Record<string, unknown>, problems }
}

test('a custom object keeps what its schema knows, and gets its defaults', () => {
  assert.deepEqual(
    read({
      apiVersion: 'example.com/v1',
      kind: 'Widget',
      metadata: { name: 'w', creationTimestamp: null, foo: 1 },
      spec: { size: 1, extra: 1, name: null, labels: { a: 'b', c: null }, free: { x: { y: 1 } }, maybe: null, mode: null, parts: [{ id: 'a', more: 1 }] },
      status: { x: 1 },
    }),
    {
      value: {
        apiVersion: 'example.com/v1',
        kind: 'Widget',
        metadata: { name: 'w' },
        spec: { size: 1, labels: { a: 'b' }, free: { x: { y: 1 } }, maybe: null, mode: 'safe', nested: { on: true }, parts: [{ id: 'a', weight: 1 }] },
      },
      problems: ['unknown field "spec.extra"', 'unknown field "spec.parts[0].more"', 'unknown field "status"', 'unknown field "metadata.foo"'],
    },
  )
})

test('metadata of a custom object is typed like any', () => {
  assert.throws(
    () => read({ metadata: { labels: { a: 1 } }, spec: { size: 1 } }),
    /cannot unmarshal number into Go struct field ObjectMeta\.metadata\.labels\.a of type string/,
  )
  assert.throws(() => read({ metadata: [] }), /of type v1\.ObjectMeta/)
  assert.deepEqual(read({ spec: { size: 1 } }).value['metadata'], {})
})

test('values that do not fit are named with the rule', async () => {
  const { matches } = await compilePatterns(schema)
  const faults = (spec: unknown) => validateBySchema(schema, { spec }, matches).map(e => `${e.field}: ${e.message}`)
  const cases: [unknown, string[]][] = [
    [{ size: 1, name: 'abc', port: 'http', maybe: null, labels: { a: 'b' } }, []],
    [{}, ['spec.size: Required value']],
    [{ size: 'x' }, ['spec.size: Invalid value: "string": spec.size in body must be of type integer: "string"']],
    [{ size: 9 }, ['spec.size: Invalid value: 9: spec.size in body should be less than or equal to 5']],
    [{ size: 1, mode: 'slow' }, ['spec.mode: Unsupported value: "slow": supported values: "fast", "safe"']],
    [{ size: 1, name: 'A1' }, [`spec.name: Invalid value: "A1": spec.name in body should match '^[a-z]+$'`]],
    [{ size: 1, name: 'abcdef' }, ['spec.name: Too long: may not be more than 5 bytes']],
    [{ size: 1, port: true }, ['spec.port: Invalid value: "boolean": spec.port in body must be of type integer,string: "boolean"']],
    [{ size: 1, labels: { a: 1 } }, ['spec.labels.a: Invalid value: "integer": spec.labels.a in body must be of type string: "integer"']],
    [{ size: 1, parts: [{ id: 'a' }, { id: 'a' }] }, ['spec.parts[1]: Duplicate value: {"id":"a"}']],
    [null, ['spec: Invalid value: "null": spec in body must be of type object: "null"']],
  ]
  for (const [spec, expected] of cases) assert.deepEqual(faults(spec), expected)
})

test('junctions are judged, and the nearest alternative explains', () => {
  const one: JsonSchemaProps = {
    type: 'object',
    properties: { a: { type: 'string' }, b: { type: 'string' } },
    oneOf: [{ required: ['a'] }, { required: ['b'] }],
  }
  const faults = (value: unknown) => validateBySchema(one, value, () => true, 'spec').map(e => e.message)
  assert.deepEqual(faults({ a: 'x' }), [])
  assert.match(faults({})[0] ?? '', /spec in body must validate one and only one schema \(oneOf\)\. Found none valid/)
  assert.match(faults({ a: 'x', b: 'y' })[0] ?? '', /Found 2 valid alternatives/)
  assert.match(validateBySchema({ not: { required: ['a'] } }, { a: 1 }, () => true, 'spec')[0]?.message ?? '', /must not validate the schema \(not\)/)
})

test('a pattern that would stop another engine is harmless', async () => {
  const { matches } = await compilePatterns({ type: 'string', pattern: '^(a+)+$' })
  assert.equal(matches('^(a+)+$', `${'a'.repeat(50_000)}!`), false)
})

test('schemas that are not structural are refused by path', async () => {
  const refusals = async (wrong: JsonSchemaProps) => checkStructural(wrong, 'schema', await compilePatterns(wrong)).map(e => `${e.field}: ${e.message}`)
  assert.deepEqual(await refusals(schema), [])
  const root = (properties: Record<string, JsonSchemaProps>): JsonSchemaProps => ({ type: 'object', properties })
  const cases: [JsonSchemaProps, string][] = [
    [{ type: 'string' }, 'schema.type: Invalid value: "string": must be object at the root'],
    [root({ a: {} }), 'schema.properties[a].type: Required value: must not be empty for specified object fields'],
    [root({ a: { type: 'array' } }), 'schema.properties[a].items: Required value: must be specified'],
    [root({ a: { type: 'array', items: {} } }), 'schema.properties[a].items.type: Required value: must not be empty for specified array items'],
    [
      root({ a: { type: 'string', pattern: '(' } }),
      'schema.properties[a].pattern: Invalid value: "(": must be a valid regular expression, but isn\'t: error parsing regexp: missing closing ): `(`',
    ],
    [
      root({ a: { type: 'string', default: 1 } }),
      'schema.properties[a].default: Invalid value: "integer": schema.properties[a].default in body must be of type string: "integer"',
    ],
    [
      root({ a: { type: 'object', anyOf: [{ properties: { b: { minLength: 1 } } }] } as JsonSchemaProps }),
      'schema.properties[a].properties[b]: Required value: because it is defined in schema.properties[a].anyOf[0].properties[b]',
    ],
    [root({ a: { type: 'string', allOf: [{ type: 'string' }] } }), 'schema.properties[a].allOf[0].type: Forbidden: must be empty to be structural'],
    [
      root({ metadata: { type: 'object', properties: { labels: { type: 'object' } } } }),
      'schema.properties[metadata]: Forbidden: must not specify anything other than name and generateName, but metadata is implicitly specified',
    ],
  ]
  for (const [wrong, text] of cases) assert.deepEqual(await refusals(wrong), [text])
})

test('server-side apply goes by the list and map types of the definition', () => {
  const apply = (live: Record<string, unknown> | undefined, spec: unknown, manager: string) =>
    applyPatch({
      message: Widget,
      live,
      config: { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 'w' }, spec },
      manager,
      force: false,
      apiVersion: 'example.com/v1',
      now: '2026-01-01T00:00:00Z',
      as,
    })
  const one = apply(undefined, { size: 1, parts: [{ id: 'a', weight: 2 }], free: { x: 1 } }, 'me')
  assert.deepEqual(one.managedFields?.[0]?.fieldsV1, {
    'f:spec': { 'f:free': { 'f:x': {} }, 'f:parts': { 'k:{"id":"a"}': { '.': {}, 'f:id': {}, 'f:weight': {} } }, 'f:size': {} },
  })
  const live = { ...one.object, metadata: { name: 'w', managedFields: one.managedFields } }
  assert.deepEqual(apply(live, { parts: [{ id: 'b' }] }, 'you').object['spec'], { size: 1, parts: [{ id: 'a', weight: 2 }, { id: 'b' }], free: { x: 1 } })
  assert.throws(() => apply(live, { size: 2 }, 'you'), /Apply failed with 1 conflict: conflict with "me": \.spec\.size/)
})
