import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkTypes } from './check-types.ts'

test('a schema whose members are of other types than theirs is told each of them', () => {
  const wrong = (schema: unknown) => checkTypes(schema, 's').map(({ field, message }) => `${field} ${message.split(': ').at(-1)}`)
  const cases: readonly (readonly [unknown, ...string[]])[] = [
    [{ type: 'object', properties: { a: { type: 'string', pattern: '^a$', enum: ['a', 1, null] } }, required: ['a'], 'x-more': {} }],
    [{ type: 'array', items: { type: 'object', additionalProperties: true }, default: null, not: {}, allOf: [{}] }],
    ['x', 's must be a schema'],
    [null, 's must be a schema'],
    [{ type: 1 }, 's.type must be a string'],
    [{ properties: [] }, 's.properties must be an object'],
    [{ properties: { a: null } }, 's.properties[a] must be a schema'],
    [
      { properties: { a: { pattern: {}, maxLength: '1', nullable: 'x' } } },
      ...['pattern must be a string', 'maxLength must be a number', 'nullable must be a boolean'].map(m => `s.properties[a].${m}`),
    ],
    [{ items: [{}, 1] }, 's.items[1] must be a schema'],
    [{ additionalProperties: 1, oneOf: {} }, 's.additionalProperties must be a schema', 's.oneOf must be an array'],
    [{ required: 'a', 'x-kubernetes-list-map-keys': [1] }, 's.required must be an array', 's.x-kubernetes-list-map-keys[0] must be a string'],
    [{ 'x-kubernetes-validations': {} }, 's.x-kubernetes-validations must be an array'],
    [
      { 'x-kubernetes-validations': [1, {}, { rule: {} }, { rule: 'true', message: 1, optionalOldSelf: 'x' }] },
      ...[
        '[0] must be a rule',
        '[1].rule rule is not specified',
        '[2].rule must be a string',
        '[3].message must be a string',
        '[3].optionalOldSelf must be a boolean',
      ].map(m => `s.x-kubernetes-validations${m}`),
    ],
  ]
  assert.deepEqual(
    cases.map(([schema]) => wrong(schema)),
    cases.map(([, ...wanted]) => wanted),
  )
})

test('a schema of schemas without end is left to whoever refuses it for its depth', () => {
  let schema: object = { type: 1 }
  for (let depth = 0; depth < 10_000; depth++) schema = { not: schema }
  assert.deepEqual(checkTypes(schema, 's'), [])
})
