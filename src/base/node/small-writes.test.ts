import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Writable } from 'node:stream'
import { test } from 'node:test'
import { writeLittleAtATime } from './small-writes.ts'

/** A stream as a TLS socket is one: it writes all it holds at once, and says so later. */
function socket(fails = Number.POSITIVE_INFINITY) {
  const sizes: number[] = []
  let text = ''
  const writev = (chunks: readonly { readonly chunk: Buffer }[], written: (error?: Error) => void) => {
    if (sizes.length >= fails) {
      setImmediate(written, new Error('cut'))
      return
    }
    const all = Buffer.concat(chunks.map(({ chunk }) => chunk))
    sizes.push(all.length)
    text += String(all)
    setImmediate(written)
  }
  const stream = new Writable({ writev, write: (chunk, _encoding, written) => writev([{ chunk }], written) })
  writeLittleAtATime(stream)
  return { stream, sizes, text: () => text }
}

test('what was written together goes out in pieces, in order, and is all out when the stream says so', async () => {
  const { stream, sizes, text } = socket()
  stream.cork()
  const parts = ['a'.repeat(3000), 'ü'.repeat(3000), 'c', 'd'.repeat(20_000)]
  for (const part of parts) stream.write(part)
  stream.uncork()
  await new Promise(written => stream.write('end', written))
  assert.equal(text(), `${parts.join('')}end`)
  assert.deepEqual(sizes, [4000, 4000, 4000, 4000, 4000, 4000, 4000, 1001, 3])
})

test('one large piece is cut, and small ones go as they are', async () => {
  const { stream, sizes, text } = socket()
  stream.write('')
  stream.end('x'.repeat(17_000))
  await once(stream, 'finish')
  assert.deepEqual([text().length, sizes], [17_000, [0, 4000, 4000, 4000, 4000, 1000]])
})

test('after a failure nothing more is written', async () => {
  const { stream, sizes } = socket(1)
  stream.write('x'.repeat(17_000))
  const [error] = await once(stream, 'error')
  assert.deepEqual([error.message, sizes], ['cut', [4000]])
})
