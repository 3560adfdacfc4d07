import type { Writable } from 'node:stream'

/** What nearly all that is said at one moment fits in. */
const MOST = 8_000

interface Chunk {
  readonly chunk: Buffer
  readonly encoding: BufferEncoding
}
type Written = (error?: Error | null) => void
type Writing = (chunks: readonly Chunk[], written: Written) => void

/**
 * Makes a TLS socket encrypt at most one record of what it is given at a time. Node encrypts all that it is given at once, into a buffer
 * which stays as large as that for as long as the connection: with ten thousand connections the bursts of each are hundreds of megabytes.
 */
export function writeLittleAtATime(socket: Writable): void {
  const writev = socket._writev as Writing | undefined
  if (!writev) return
  const writing: Writing = (chunks, written) => {
    const pieces = piecesOf(chunks)
    const next: Written = error => {
      const piece = error ? undefined : pieces.shift()
      if (piece) writev.call(socket, piece, next)
      else written(error)
    }
    next()
  }
  socket._writev = writing
  socket._write = (chunk: Buffer, encoding, written) => writing([{ chunk, encoding }], written)
}

function piecesOf(chunks: readonly Chunk[]): Chunk[][] {
  const pieces: Chunk[][] = []
  let room = 0
  for (const { chunk: text, encoding } of chunks) {
    let chunk = typeof text === 'string' ? Buffer.from(text, encoding) : text
    while (chunk.length > 0) {
      if (room === 0 || pieces.length === 0) {
        pieces.push([])
        room = MOST
      }
      const part = chunk.subarray(0, room)
      pieces.at(-1)!.push({ chunk: part, encoding: 'buffer' as BufferEncoding })
      room -= part.length
      chunk = chunk.subarray(part.length)
    }
  }
  for (const piece of pieces) Object.assign(piece, { allBuffers: true })
  return pieces
}
