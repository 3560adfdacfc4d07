import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  configMapKey,
  dns1035Label,
  dnsLabel,
  dnsSubdomain,
  envVarName,
  FINE,
  generatedName,
  labelValue,
  pathSegment,
  percent,
  portName,
  qualifiedName,
} from './names.ts'

const table: readonly (readonly [check: (text: string) => readonly string[], right: readonly string[], wrong: readonly string[]])[] = [
  [dnsLabel, ['a', '1', 'a-1', 'x'.repeat(63)], ['', '-a', 'a-', 'A', 'a.b', 'a_b', 'x'.repeat(64), 'ä']],
  [dnsSubdomain, ['a', '10.0.10.5', 'a.b-c.d', 'x'.repeat(253)], ['', '.', 'a..b', 'a.', '.a', 'a.-b', 'A', 'x'.repeat(254)]],
  [dns1035Label, ['a', 'a-1'], ['1a', '', 'a-']],
  [qualifiedName, ['a', 'A_b.c-d', 'example.com/a', '9'], ['', '/a', 'a/', 'a/b/c', 'A.com/a', '_a', 'x'.repeat(64)]],
  [labelValue, ['', 'a', 'A.b_c-d', '1.10'], ['-a', 'a-', 'a b', 'x'.repeat(64), 'a/b']],
  [configMapKey, ['a', 'A.b_c-d', '.hidden', '-'], ['', '.', '..', '..a', 'a b', 'a/b', 'x'.repeat(254)]],
  [envVarName, ['A', 'a.b', 'a-b c', '1'], ['', 'a=b', 'ä', 'a\n']],
  [portName, ['http', 'a-1', 'x'.repeat(15)], ['', '80', 'a--b', '-a', 'a-', 'HTTP', 'x'.repeat(16)]],
  [percent, ['0%', '150%'], ['%', '1', '-1%', '1%%', '1.5%', '']],
  [pathSegment, ['system:node', 'a b'], ['.', '..', 'a/b', 'a%b']],
]
for (const [check, right, wrong] of table) {
  test(`${check.name} takes ${right.length} and refuses ${wrong.length} examples`, () => {
    for (const text of right) assert.equal(check(text), FINE, JSON.stringify(text))
    for (const text of wrong) assert.notEqual(check(text).length, 0, JSON.stringify(text))
  })
}

test('the words are upstream’s', () => {
  assert.deepEqual(dnsLabel('A'), [
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
  ])
  assert.deepEqual(dnsSubdomain('A'), [
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
  ])
  assert.deepEqual(qualifiedName('/'), [
    'prefix part must be non-empty',
    'name part must be non-empty',
    "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
  ])
})

test('the checks agree with the regular expressions that they tell', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'Z', '0', '-', '.', '_', '/'), maxLength: 12 })
  const label = '[a-z0-9]([-a-z0-9]*[a-z0-9])?'
  const pairs: readonly (readonly [(text: string) => readonly string[], RegExp])[] = [
    [dnsLabel, new RegExp(`^${label}$`)],
    [dnsSubdomain, new RegExp(`^${label}(\\.${label})*$`)],
    [labelValue, /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/],
    [qualifiedName, new RegExp(`^(${label}(\\.${label})*/)?([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$`)],
  ]
  fc.assert(
    fc.property(text, given => {
      for (const [check, regex] of pairs) assert.equal(check(given).length === 0, regex.test(given), `${check.name} ${given}`)
    }),
  )
})

test('a generated name is the prefix, cut to leave room, and five characters that make no words', () => {
  assert.equal(
    generatedName('fluentd-', () => 0),
    'fluentd-bbbbb',
  )
  assert.equal(generatedName('x'.repeat(80), n => n - 1).length, 63)
  assert.match(
    generatedName('a-', n => n - 1),
    /^a-[bcdfghjklmnpqrstvwxz2456789]{5}$/,
  )
})
