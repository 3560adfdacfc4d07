import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { compileRequirements, formatLabelSelector, formatRequirements, hasLabels, matcherOf, parseLabelSelector } from './label-selector.ts'
import { StatusError } from './status.ts'

const labels = { app: 'web', tier: 'front', size: '5' }
for (const [text, matches, written = text] of [
  ['', true],
  ['  ', true, ''],
  ['app', true],
  ['!app', false],
  ['! gone', true, '!gone'],
  ['app=web', true],
  ['app==web', true, 'app==web'],
  ['app = web , tier=front', true, 'app=web,tier=front'],
  ['app!=web', false],
  ['gone!=web', true],
  ['app in (web,db)', true, 'app in (db,web)'],
  ['app in ( web )', true, 'app in (web)'],
  ['app notin (web)', false],
  ['gone notin (web)', true],
  ['gone in (,a)', false],
  ['size>4', true],
  ['size<5', false],
  ['app>4', false],
  ['app=', false],
  ['tier,app', true, 'app,tier'],
  ['in=web', false],
  ['example.com/a-b_c.d=1.2', false],
] as const) {
  test(`"${text}" ${matches ? 'matches' : 'does not match'}`, () => {
    const requirements = parseLabelSelector(text)
    assert.equal(compileRequirements(requirements)(labels), matches)
    assert.equal(formatRequirements(requirements).replace('=web', '=web'), written === 'app==web' ? 'app=web' : written)
  })
}

for (const [text, why] of [
  ['app=web,', "found '', expected: identifier after ','"],
  [',', "found ',', expected: '!', identifier, or 'end of string'"],
  ['app in web', "found 'web', expected: '('"],
  ['app in (web', "found '', expected: ',' or ')'"],
  ['app ~ web', "found '~', expected: in, notin, =, ==, !=, gt, lt"],
  ['app=web tier', "found 'tier', expected: ',' or 'end of string'"],
  ['-app=web', 'key: Invalid value: "-app": name part must consist'],
  ['app=-web', 'values[0][app]: Invalid value: "-web": a valid label must be'],
  ['app>web', "for 'Gt', 'Lt' operators, the value must be an integer"],
] as const) {
  test(`"${text}" is refused: ${why}`, () => {
    assert.throws(
      () => parseLabelSelector(text),
      (error: unknown) =>
        error instanceof StatusError && error.code === 400 && error.message.startsWith('unable to parse requirement: ') && error.message.includes(why),
    )
  })
}

test('a selector object matches by all it says; empty everything, none nothing, a malformed one nothing', () => {
  const matching = [{}, { matchLabels: { app: 'web' } }, { matchExpressions: [{ key: 'tier', operator: 'In', values: ['front', 'back'] }] }]
  const failing = [
    undefined,
    null,
    { matchLabels: { app: 'db' } },
    { matchLabels: { app: 'web' }, matchExpressions: [{ key: 'tier', operator: 'DoesNotExist' }] },
    { matchExpressions: [{ key: 'app', operator: 'Gt', values: ['1'] }] },
    { matchExpressions: [{ key: 'app', operator: 'In', values: [] }] },
  ]
  assert.deepEqual(
    [...matching, ...failing].map(selector => matcherOf(selector)(labels)),
    [...matching.map(() => true), ...failing.map(() => false)],
  )
})

test('a selector object is written as text', () => {
  const selector = {
    matchLabels: { a: 'b' },
    matchExpressions: [
      { key: 'g', operator: 'Exists' },
      { key: 'c', operator: 'In', values: ['e', 'd'] },
      { key: 'f', operator: 'DoesNotExist' },
    ],
  }
  assert.equal(formatLabelSelector(selector), 'a=b,c in (d,e),!f,g')
  assert.equal(formatLabelSelector({}), '<none>')
  assert.equal(formatLabelSelector(undefined), '<none>')
  assert.equal(formatLabelSelector({ matchExpressions: [{ key: 'c', operator: 'Near' }] }), '<error>')
})

test('names of members that every object has are labels like others', () => {
  assert.equal(compileRequirements(parseLabelSelector('constructor'))({}), false)
  assert.equal(compileRequirements(parseLabelSelector('toString notin (a)'))({}), true)
  assert.equal(hasLabels({}, { constructor: 'x' } as unknown as Record<string, string>), false)
})

const word = fc.stringMatching(/^[a-z0-9]{1,5}$/)
const term = fc.oneof(
  word,
  word.map(w => `!${w}`),
  fc.tuple(word, fc.constantFrom('=', '!='), word).map(parts => parts.join('')),
  fc.tuple(word, fc.constantFrom('in', 'notin'), fc.uniqueArray(word, { minLength: 1 })).map(([k, op, v]) => `${k} ${op} (${v.join(',')})`),
)
test('what is written reads back the same, and never as something that throws otherwise', () => {
  fc.assert(
    fc.property(fc.array(term), terms => {
      const once = formatRequirements(parseLabelSelector(terms.join(',')))
      assert.equal(formatRequirements(parseLabelSelector(once)), once)
    }),
  )
  fc.assert(
    fc.property(fc.string(), text => {
      try {
        parseLabelSelector(text)
      } catch (error) {
        assert.ok(error instanceof StatusError)
      }
    }),
  )
})
