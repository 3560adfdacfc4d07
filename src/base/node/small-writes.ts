import type { Writable } from 'node:stream'

/** Bytes that most of what is said at one moment fits in, and with what TLS adds a page. */
const MOST = 4_000

interface Chunk {
  readonly chunk: Buffer | string
  readonly encoding: BufferEncoding
}
type Written = (error?: Error | null) => void
type Writing = (chunks: readonly Chunk[], written: Written) => void

/**
 * Has a TLS socket encrypt only so much at a time. Node encrypts all that a socket is given at once, into a buffer as long as that, which
 * it keeps for as long as the connection: with thousands of connections what stays of a burst would be hundreds of megabytes.
 */
export function writeLittleAtATime(socket: Writable): void {
  const { _write: write } = socket
  const writev = socket._writev as Writing | undefined
  if (!writev) return
  const inPieces: Writing = (chunks, written) => {
    const pieces = piecesOf(chunks)
    let at = 0
    const next: Written = error => {
      if (error || at === pieces.length) written(error)
      else writev.call(socket, pieces[at++]!, next)
    }
    next()
  }
  socket._write = (chunk: Buffer | string, encoding, written) => {
    if (chunk.length <= MOST) write.call(socket, chunk, encoding, written)
    else inPieces([{ chunk, encoding }], written)
  }
  socket._writev = (chunks: readonly Chunk[], written) => {
    if (chunks.reduce((sum, { chunk }) => sum + chunk.length, 0) <= MOST) writev.call(socket, chunks, written)
    else inPieces(chunks, written)
  }
}

function piecesOf(chunks: readonly Chunk[]): readonly (readonly Chunk[])[] {
  const pieces: Chunk[][] = [[]]
  let room = MOST
  for (const { chunk, encoding } of chunks) {
    let rest = typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk
    while (rest.length > 0) {
      if (room === 0) {
        pieces.push([])
        room = MOST
      }
      const part = rest.subarray(0, room)
      pieces.at(-1)!.push({ chunk: part, encoding: 'buffer' as BufferEncoding })
      room -= part.length
      rest = rest.subarray(part.length)
    }
  }
  return pieces
}
