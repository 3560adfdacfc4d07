import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LineReader } from './line-reader.ts'

/** What is heard of a text, cut into chunks of so many bytes; `+N` is a line that N bytes follow. */
function heard(text: string, size: number, limit = 100): string {
  const parts: string[] = []
  let bytes = ''
  const reader = new LineReader(limit, {
    line(read) {
      const line = String(read)
      if (bytes !== '') parts.push(`bytes ${bytes}`)
      bytes = ''
      parts.push(`line ${line}`)
      return line.startsWith('+') ? Number(line) : 0
    },
    bytes(piece) {
      bytes += String(piece)
    },
  })
  const all = Buffer.from(text)
  for (let from = 0; from < all.length; from += size) reader.take(all.subarray(from, from + size))
  return [...parts, ...(bytes === '' ? [] : [`bytes ${bytes}`])].join(', ')
}

test('lines and what stands between them are told apart wherever chunks begin and end', () => {
  for (let size = 1; size < 40; size++)
    assert.equal(
      heard('one\n+5\na\nb\nctwö\n\n+0\n+3\nxyz+2\n\n\nthree\nunfin', size),
      'line one, line +5, bytes a\nb\nc, line twö, line , line +0, line +3, bytes xyz, line +2, bytes \n\n, line three',
    )
})

test('a line that is too long is not waited for', () => {
  assert.equal(heard('four\n+9\nnine9nine', 3, 4), 'line four, line +9, bytes nine9nine')
  assert.throws(() => heard('four\nfives', 3, 4), /longer than 4 bytes/)
  assert.throws(() => heard('fives\n', 10, 4), /longer than 4 bytes/)
})

/** The lines that each chunk completes; undefined when one is too long. */
const cut = (limit: number, ...chunks: string[]) => {
  let lines: string[] = []
  const reader = new LineReader(limit, { line: line => void lines.push(String(line)) })
  return chunks.map(chunk => {
    lines = []
    try {
      reader.take(Buffer.from(chunk))
      return lines
    } catch {
      return undefined
    }
  })
}

test('chunks are cut into lines wherever they begin and end', () => {
  assert.deepEqual(cut(100, 'one\ntwo\nth', 're', 'e\n\nfour', '\n'), [['one', 'two'], [], ['three', ''], ['four']])
})

test('a line that is too long is told, whether or not its end has come', () => {
  assert.deepEqual(cut(4, 'four\nfi', 'ves'), [['four'], undefined])
  assert.deepEqual(cut(4, 'fives\n'), [undefined])
})
