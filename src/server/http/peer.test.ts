import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import { issueAuthority, issueKeyPair } from '../tls/issue.ts'
import { plainSubject } from './peer.ts'

for (const [text, commonName, organizations] of [
  ['O=system:nodes\nCN=system:node:n-1.example', 'system:node:n-1.example', ['system:nodes']],
  ['CN=bob@example.com', 'bob@example.com', []],
  ['O=b\nO=a\nCN=x', 'x', ['b', 'a']],
] as const) {
  test(`a subject of plain names is read as it stands: ${JSON.stringify(text)}`, () => assert.deepEqual(plainSubject(text), { commonName, organizations }))
}

for (const text of [
  '',
  'O=system:masters',
  'CN=a\nCN=b',
  'CN=a b',
  'CN=',
  'CN=a\\0AO=system:masters',
  'CN=a + O=system:masters',
  'CN=a,O=system:masters',
  'CN=a\\+b',
  'CN=ü',
  'CN=a\nOU=x',
  'CN=a\n',
]) {
  test(`any other is left to Node: ${JSON.stringify(text)}`, () => assert.equal(plainSubject(text), undefined))
}

test('whatever stands in a certificate is read as Node reads it, or left to Node', async () => {
  const now = Date.now()
  const authority = await issueAuthority('x', now, 1)
  const plain: boolean[] = []
  for (const [commonName, organizations] of [
    ['system:node:a', ['system:nodes']],
    ['a\nO=system:masters', []],
    ['a', ['b\nCN=kubernetes-admin', 'c']],
    ['a+O=system:masters', ['x']],
    ['a,O=system:masters', []],
    ['a\\,b', []],
    ['"a"', ['x;y']],
    [' a ', []],
    ['ü\u0000b', ['日本']],
  ] as const) {
    const { certificate } = await issueKeyPair(authority, { commonName, organizations: [...organizations], usage: 'client', days: 1 }, now)
    const read = new X509Certificate(certificate)
    const { CN, O } = read.toLegacyObject().subject as { readonly CN?: string; readonly O?: string | readonly string[] }
    const subject = plainSubject(read.subject)
    plain.push(subject !== undefined)
    if (subject) assert.deepEqual(subject, { commonName: CN, organizations: O === undefined ? [] : [O].flat() })
  }
  assert.deepEqual(plain, [true, ...Array(8).fill(false)])
})
