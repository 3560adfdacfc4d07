import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { addQuantities, canonicalQuantity, compareQuantities, milliValue, nanoValue, quantityFrom, quantityValue, subtractQuantities } from './quantity.ts'

for (const [given, canonical] of [
  ['0', '0'],
  ['0Ki', '0'],
  ['-0', '0'],
  ['1000m', '1'],
  ['0.5', '500m'],
  ['.5', '500m'],
  ['5.', '5'],
  ['+1.5', '1500m'],
  ['1500', '1500'],
  ['1000', '1k'],
  ['1000000k', '1G'],
  ['100Mi', '100Mi'],
  ['1024', '1024'],
  ['1024Ki', '1Mi'],
  ['0.5Gi', '512Mi'],
  ['1.5Gi', '1536Mi'],
  ['1Ki', '1Ki'],
  ['0.5Ki', '512'],
  ['0.1Ki', '102400m'],
  ['1000Ki', '1000Ki'],
  ['12e6', '12e6'],
  ['12E6', '12e6'],
  ['1e1', '10'],
  ['1.2345e2', '123450e-3'],
  ['1e-3', '1e-3'],
  ['100n', '100n'],
  ['0.1n', '1n'],
  ['-0.1n', '-1n'],
  ['1u', '1u'],
  ['9223372036854775807', '9223372036854775807'],
  ['9223372036854775808', '9223372036854775807'],
  ['100E', '9223372036854775807'],
  ['1e999999999', '9223372036854775807'],
  ['1e-999999999', '1e-9'],
] as const) {
  test(`${given} is written ${canonical}`, () => assert.equal(canonicalQuantity(given), canonical))
}

for (const wrong of ['', ' 1', '1 ', 'Ki', '1KB', '1ki', '1e', '.', '--1', '1,5', '0x10', '1Kii', '1'.repeat(100), 'NaN', 'Infinity']) {
  test(`${JSON.stringify(wrong)} is no quantity`, () => assert.equal(canonicalQuantity(wrong), undefined))
}

test('values round up', () => {
  assert.deepEqual([quantityValue('1m'), quantityValue('1500m'), quantityValue('1Ki'), quantityValue('-1500m')], [1, 2, 1024, -1])
  assert.deepEqual([milliValue('1u'), milliValue('250m'), milliValue('2')], [1, 250, 2000])
})

test('sums keep the family of the first that is not zero', () => {
  assert.equal(addQuantities('1Gi', '512Mi'), '1536Mi')
  assert.equal(addQuantities('0', '512Mi'), '512Mi')
  assert.equal(addQuantities('100m', '1'), '1100m')
  assert.equal(subtractQuantities('1', '100m'), '900m')
  assert.equal(quantityFrom(2048, 'binary'), '2Ki')
})

const quantity = fc
  .tuple(fc.integer({ min: -1_000_000, max: 1_000_000 }), fc.constantFrom('', 'm', 'u', 'n', 'k', 'M', 'G', 'Ki', 'Mi', 'Gi', 'e3', 'e-3'))
  .map(([n, unit]) => `${n}${unit}`)

test('the canonical form means the same, is its own canonical form, and compares as numbers do', () => {
  fc.assert(
    fc.property(quantity, quantity, (a, b) => {
      const canonical = canonicalQuantity(a) as string
      assert.equal(nanoValue(canonical), nanoValue(a))
      assert.equal(canonicalQuantity(canonical), canonical)
      assert.equal(compareQuantities(a, b), -compareQuantities(b, a) + 0)
      assert.equal(nanoValue(addQuantities(a, b)), nanoValue(a) + nanoValue(b))
    }),
  )
})
