import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { HeldBytes } from './held-bytes.ts'

test('what is cut from a stream in whatever pieces is what was sent, also when it is looked at later', () => {
  const pieces = fc.array(fc.uint8Array({ minLength: 1, maxLength: 9 }), { maxLength: 40 })
  fc.assert(
    fc.property(pieces, fc.integer({ min: 1, max: 20 }), (sent, size) => {
      const held = new HeldBytes()
      const frames: Buffer[] = []
      for (const piece of sent) {
        const bytes = held.with(Buffer.from(piece))
        let at = 0
        for (; bytes.length - at >= size; at += size) frames.push(bytes.subarray(at, at + size))
        held.keep(bytes, bytes.length - at)
      }
      const all = Buffer.concat(sent)
      const whole = all.length - (all.length % size)
      assert.deepEqual(Buffer.concat(frames), all.subarray(0, whole))
      assert.equal(held.length, all.length - whole)
    }),
  )
})
