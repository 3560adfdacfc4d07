import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FieldError } from '../../../meta/field-error.ts'
import { compileSchema } from '../compiled.ts'
import type { JsonSchemaProps, ValidationRule } from '../props.ts'
import { compileRules } from './compile-rules.ts'

const schema = (rules: readonly ValidationRule[], properties: Record<string, JsonSchemaProps> = {}): JsonSchemaProps => ({
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      properties: { min: { type: 'integer' }, max: { type: 'integer' }, name: { type: 'string' }, ...properties },
      'x-kubernetes-validations': rules,
    },
  },
})

async function faults(given: JsonSchemaProps, spec: unknown, old?: unknown): Promise<readonly string[]> {
  const compiled = await compileSchema(given)
  const found = compiled.validate({ metadata: { name: 'w' }, spec }, old === undefined ? undefined : { metadata: { name: 'w' }, spec: old })
  return found.map(({ field, message }) => `${field}: ${message}`)
}

test('an object that breaks a rule is told so in the words of the rule', async () => {
  const cases: [ValidationRule, string][] = [
    [{ rule: 'self.min <= self.max' }, 'spec: Invalid value: failed rule: self.min <= self.max'],
    [{ rule: 'self.min <= self.max', message: ' min is more than max ' }, 'spec: Invalid value: min is more than max'],
    [
      { rule: 'self.min <= self.max', messageExpression: '"%d is more than %d".format([self.min, self.max])', message: 'm' },
      'spec: Invalid value: 3 is more than 2',
    ],
    [{ rule: 'self.min <= self.max', messageExpression: '"x" + self.name', message: 'm' }, 'spec: Invalid value: m'],
    [{ rule: 'self.min <= self.max', message: 'no', reason: 'FieldValueForbidden', fieldPath: '.max' }, 'spec.max: Forbidden: no'],
    [{ rule: 'self.min <= self.max', message: 'no', reason: 'FieldValueRequired', fieldPath: '.name' }, 'spec.name: Required value: no'],
    [{ rule: 'self.name == ""' }, 'spec: Invalid value: "object": no such key: name evaluating rule: self.name == ""'],
  ]
  for (const [rule, fault] of cases) assert.deepEqual(await faults(schema([rule]), { min: 3, max: 2 }), [fault], rule.rule)
  assert.deepEqual(await faults(schema(cases.slice(0, 6).map(([rule]) => rule)), { min: 1, max: 2, name: '' }), [])
})

test('rules judge lists, maps, scalars, and names that need escaping', async () => {
  const given = schema([{ rule: 'self.dash__dash__ed == "a" && self.__namespace__ == "b" && self.namespace == "b"' }], {
    'dash-ed': { type: 'string' },
    namespace: { type: 'string' },
    list: { type: 'array', items: { type: 'integer', 'x-kubernetes-validations': [{ rule: 'self > 0' }] } },
    map: { type: 'object', additionalProperties: { type: 'string', 'x-kubernetes-validations': [{ rule: 'self != ""', message: 'empty' }] } },
    port: { 'x-kubernetes-int-or-string': true, 'x-kubernetes-validations': [{ rule: 'type(self) == int ? self > 0 : self.endsWith("%")' }] },
    since: { type: 'string', format: 'date-time', 'x-kubernetes-validations': [{ rule: 'self.getFullYear() > 2000' }] },
    every: { type: 'string', format: 'duration', 'x-kubernetes-validations': [{ rule: 'self > duration("1s")' }] },
    weight: { type: 'number', 'x-kubernetes-validations': [{ rule: 'self < 1.0' }] },
  })
  const named = { 'dash-ed': 'a', namespace: 'b' }
  assert.deepEqual(await faults(given, { ...named, list: [1], map: { k: 'v' }, port: '5%', since: '2024-01-01T00:00:00Z', every: '2s', weight: 0.5 }), [])
  assert.deepEqual(await faults(given, { ...named, list: [1, 0], map: { k: '' }, port: 0, since: '1999-01-01T00:00:00Z', every: '1ms', weight: 1 }), [
    'spec.list[1]: Invalid value: 0: failed rule: self > 0',
    'spec.map[k]: Invalid value: "": empty',
    'spec.port: Invalid value: 0: failed rule: type(self) == int ? self > 0 : self.endsWith("%")',
    'spec.since: Invalid value: "1999-01-01T00:00:00Z": failed rule: self.getFullYear() > 2000',
    'spec.every: Invalid value: "1ms": failed rule: self > duration("1s")',
    'spec.weight: Invalid value: 1: failed rule: self < 1.0',
  ])
})

test('rules about a change are judged when there was a value before', async () => {
  const fixed = schema([], { name: { type: 'string', 'x-kubernetes-validations': [{ rule: 'self == oldSelf', message: 'is immutable' }] } })
  assert.deepEqual(await faults(fixed, { name: 'a' }), [])
  assert.deepEqual(await faults(fixed, { name: 'a' }, {}), [])
  assert.deepEqual(await faults(fixed, { name: 'b' }, { name: 'a' }), ['spec.name: Invalid value: "b": is immutable'])
  const optional = schema([{ rule: 'oldSelf.hasValue() || self.min == 0', optionalOldSelf: true }])
  assert.deepEqual(await faults(optional, { min: 1 }), ['spec: Invalid value: failed rule: oldSelf.hasValue() || self.min == 0'])
  assert.deepEqual(await faults(optional, { min: 2 }, { min: 1 }), [])
})

test('elements of a list with keys are compared with those of the same key', async () => {
  const item: JsonSchemaProps = {
    type: 'object',
    required: ['id'],
    properties: { id: { type: 'string' }, size: { type: 'integer', 'x-kubernetes-validations': [{ rule: 'self >= oldSelf' }] } },
  }
  const given = schema([], { parts: { type: 'array', 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['id'], items: item } })
  const before = {
    parts: [
      { id: 'a', size: 2 },
      { id: 'b', size: 5 },
    ],
  }
  assert.deepEqual(
    await faults(
      given,
      {
        parts: [
          { id: 'b', size: 5 },
          { id: 'a', size: 1 },
          { id: 'c', size: 0 },
        ],
      },
      before,
    ),
    ['spec.parts[1].size: Invalid value: 1: failed rule: self >= oldSelf'],
  )
})

test('what was wrong before and did not change is let pass', async () => {
  const given = schema([], { name: { type: 'string', 'x-kubernetes-validations': [{ rule: 'self != "x"' }] }, kept: { type: 'string', maxLength: 1 } })
  assert.deepEqual(await faults(given, { name: 'x', kept: 'long', min: 1 }, { name: 'x', kept: 'long' }), [])
  assert.equal((await faults(given, { name: 'x', kept: 'long' })).length, 2)
})

test('a rule about the whole object sees its name', async () => {
  const named: JsonSchemaProps = { type: 'object', 'x-kubernetes-validations': [{ rule: 'self.metadata.name.startsWith("x")', message: 'must begin with x' }] }
  assert.deepEqual(await faults(named, {}), ['<nil>: Invalid value: must begin with x'])
})

test('rules are not judged on an object that its schema refuses', async () => {
  assert.deepEqual(await faults(schema([{ rule: 'self.min > 0' }]), { min: 'x' }), [
    'spec.min: Invalid value: "string": spec.min in body must be of type integer: "string"',
    '<nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
  ])
})

test('a rule that costs too much ends the judgement', async () => {
  const given = schema([{ rule: 'self.list.all(a, self.list.all(b, self.list.all(c, a + b + c >= 0)))', message: 'sums' }, { rule: 'self.min > 5' }], {
    list: { type: 'array', items: { type: 'integer' } },
  })
  assert.deepEqual(await faults(given, { min: 1, list: Array.from({ length: 200 }, (_, i) => i) }), [
    `spec: Invalid value: "object": 'operation cancelled: actual cost limit exceeded': no further validation rules will be run due to call cost exceeds limit for rule: sums`,
  ])
})

test('rules that are none are refused by path, rule and reason', async () => {
  const refusals = async (rule: ValidationRule): Promise<readonly string[]> => {
    const errors: FieldError[] = []
    await compileRules(schema([rule]), 'schema', errors)
    return errors.map(({ field, message }) => `${field.replace('schema.properties[spec].x-kubernetes-validations[0].', '')}: ${message}`)
  }
  const shown = (rule: ValidationRule): string => JSON.stringify(rule)
  const unknown = { rule: 'self.mni > 0' }
  const number = { rule: 'self.min' }
  const wrongMessage = { rule: 'self.min > 0', messageExpression: 'self.min' }
  assert.deepEqual(await refusals(unknown), [
    `rule: Invalid value: ${shown(unknown)}: compilation failed: ERROR: <input>:1:5: undefined field 'mni'\n | self.mni > 0\n | ....^`,
  ])
  assert.deepEqual(await refusals(number), [`rule: Invalid value: ${shown(number)}: cel expression must evaluate to a bool`])
  assert.deepEqual(await refusals(wrongMessage), [`messageExpression: Invalid value: ${shown(wrongMessage)}: messageExpression must evaluate to a string`])
  const cases: [ValidationRule, string][] = [
    [{ rule: ' ' }, 'rule: Required value: rule is not specified'],
    [{ rule: 'true', message: ' ' }, 'message: Invalid value: " ": must be non-empty if specified'],
    [{ rule: 'true', message: 'a\nb' }, 'message: Invalid value: "a\\nb": must not contain line breaks'],
    [{ rule: 'true\n&& true' }, 'message: Required value: message must be specified if rule contains line breaks'],
    [
      { rule: 'true', reason: 'Because' },
      'reason: Unsupported value: "Because": supported values: "FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired"',
    ],
    [{ rule: 'true', fieldPath: '.mni' }, 'fieldPath: Invalid value: ".mni": must be a valid path'],
    [{ rule: 'true', optionalOldSelf: true }, 'optionalOldSelf: Invalid value: true: may not be set if oldSelf is not used in rule'],
  ]
  for (const [rule, text] of cases) assert.deepEqual(await refusals(rule), [text])
  const errors: FieldError[] = []
  const list = schema([], { list: { type: 'array', items: { type: 'integer', 'x-kubernetes-validations': [{ rule: 'self > oldSelf' }] } } })
  await compileRules(list, 'schema', errors)
  assert.deepEqual(
    errors.map(({ message }) => message),
    [`Invalid value: "self > oldSelf": oldSelf cannot be used on the uncorrelatable portion of the schema within schema.properties[spec].properties[list]`],
  )
})
