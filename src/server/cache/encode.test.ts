import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Encoder } from './encode.ts'
import { Interner } from './intern.ts'

const deepFrozen = (value: unknown): boolean =>
  typeof value !== 'object' || value === null || (Object.isFrozen(value) && Object.values(value).every(deepFrozen))
const said = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8')
test('What is encoded is what JSON.stringify says, whatever parts are shared with others or with the version before', () => {
  const interner = new Interner()
  const encoder = new Encoder()
  const small = fc.oneof(fc.jsonValue({ maxDepth: 3, stringUnit: 'grapheme' }), fc.constantFrom({ shared: 'x'.repeat(200) }, ['y'.repeat(9000)], undefined))
  const members = fc.dictionary(fc.string(), small, { maxKeys: 4 })
  const objects = fc.record({ apiVersion: fc.string(), kind: fc.string(), metadata: members, spec: members, status: members })
  fc.assert(
    fc.property(fc.array(objects, { minLength: 1, maxLength: 4 }), fc.boolean(), (several, versions) => {
      let before: object | undefined
      const bytes = several.map(object => {
        const { parts, text } = interner.pack(structuredClone(object), before)
        assert.deepEqual(JSON.parse(JSON.stringify(parts)), JSON.parse(JSON.stringify(object)))
        for (const part of Object.values(parts)) assert.equal(deepFrozen(part), true)
        if (versions) before = parts
        return [encoder.encode(text), JSON.stringify(parts)] as const
      })
      for (const [encoded, text] of bytes) assert.equal(said(encoded), text)
    }),
  )
})
