import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseAddresses, withAddress } from './server-addresses.ts'

test('addresses are read one a line, once each, and what is none is left out', () => {
  assert.deepEqual(parseAddresses('https://10.0.0.1:6443/\n\nhttp://10.0.0.2:6443\nnonsense\nhttps://[fd00::1]:6443\nhttps://10.0.0.1:6443'), [
    'https://10.0.0.1:6443',
    'https://[fd00::1]:6443',
  ])
})

test('a new address comes first, and no more than eight are kept', () => {
  const many = Array.from({ length: 9 }, (_, i) => `https://10.0.0.${i}:6443`).reduce<readonly string[]>(withAddress, [])
  assert.deepEqual([many.length, many[0], many.at(-1)], [8, 'https://10.0.0.8:6443', 'https://10.0.0.1:6443'])
  assert.deepEqual(withAddress(['https://a:1', 'https://b:1'], 'https://b:1'), ['https://b:1', 'https://a:1'])
})
