import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readProps } from './read-props.ts'

const read = (value: unknown): { readonly kept: unknown; readonly unknown: readonly string[] } => {
  const unknown: string[] = []
  return { kept: readProps(value, path => unknown.push(path.join('.'))), unknown }
}

test('null in a schema says nothing, and is an empty schema among properties and in lists', () => {
  const schema = {
    type: 'object',
    description: null,
    default: null,
    not: null,
    required: null,
    enum: [null, 'a'],
    properties: { a: null, b: { type: 'string', nullable: true, default: null } },
    anyOf: [null, { required: ['a'] }],
    'x-kubernetes-validations': [null, { rule: 'true', message: null }],
  }
  assert.deepEqual(read(schema), {
    kept: {
      type: 'object',
      enum: [null, 'a'],
      properties: { a: {}, b: { type: 'string', nullable: true } },
      anyOf: [{}, { required: ['a'] }],
      'x-kubernetes-validations': [{}, { rule: 'true' }],
    },
    unknown: [],
  })
})

test('what no schema has is left out and told of, wherever it stands', () => {
  const schema = {
    examples: [1],
    $ref: '#/x',
    properties: { examples: { type: 'string', const: 1 } },
    items: [{ if: {} }],
    additionalProperties: { else: {} },
    'x-kubernetes-validations': [{ rule: 'true', severity: 'low' }],
  }
  assert.deepEqual(read(schema), {
    kept: {
      $ref: '#/x',
      properties: { examples: { type: 'string' } },
      items: [{}],
      additionalProperties: {},
      'x-kubernetes-validations': [{ rule: 'true' }],
    },
    unknown: ['examples', 'properties.examples.const', 'items.0.if', 'additionalProperties.else', 'x-kubernetes-validations.0.severity'],
  })
})

test('what has the wrong type stays, for validation to speak of', () => {
  const schema = { type: 1, properties: ['a'], anyOf: {}, 'x-kubernetes-validations': [1] }
  assert.deepEqual(read(schema), { kept: schema, unknown: [] })
  assert.deepEqual(read('text'), { kept: 'text', unknown: [] })
})
