import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Lines } from './lines.ts'

const cut = (limit: number, ...chunks: string[]) => {
  const lines = new Lines(limit)
  return chunks.map(chunk => lines.take(Buffer.from(chunk))?.map(String))
}

test('chunks are cut into lines wherever they begin and end', () => {
  assert.deepEqual(cut(100, 'one\ntwo\nth', 're', 'e\n\nfour', '\n'), [['one', 'two'], [], ['three', ''], ['four']])
})

test('a line that is too long is told, whether or not its end has come', () => {
  assert.deepEqual(cut(4, 'four\nfi', 'ves'), [['four'], undefined])
  assert.deepEqual(cut(4, 'fives\n'), [undefined])
})
