import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { KubeObject } from '../../api/meta/object.ts'
import { Encoder } from './encode.ts'
import { Interner } from './intern.ts'

const said = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8')
test('What is encoded is what JSON.stringify says, whatever parts are shared', () => {
  const interner = new Interner()
  const encoder = new Encoder()
  const small = fc.oneof(fc.jsonValue({ maxDepth: 3, stringUnit: 'grapheme' }), fc.constantFrom({ shared: 'x'.repeat(200) }, ['y'.repeat(9000)], undefined))
  const members = fc.dictionary(fc.string(), small, { maxKeys: 4 })
  const objects = fc.record({ apiVersion: fc.string(), kind: fc.string(), metadata: members, spec: members, status: members })
  fc.assert(
    fc.property(fc.array(objects, { minLength: 1, maxLength: 4 }), several => {
      const bytes = several.map(object => {
        const shared = interner.parts(structuredClone(object), undefined) as unknown as KubeObject
        return [encoder.encode(shared), JSON.stringify(object)] as const
      })
      for (const [encoded, text] of bytes) assert.equal(said(encoded), text)
    }),
  )
})
