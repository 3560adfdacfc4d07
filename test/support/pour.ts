import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import type { TLSSocket } from 'node:tls'

/** So many pieces, some together in one write. */
export function* times(count: number, piece: (i: number) => Buffer, together = 500): Iterable<Buffer> {
  for (let i = 0; i < count; i += together) yield Buffer.concat(Array.from({ length: Math.min(together, count - i) }, (_, j) => piece(i + j)))
}

/** Writes pieces until all are taken, the other side has ended, or it has not read on for a second. */
export async function pour(socket: TLSSocket, pieces: Iterable<Buffer>): Promise<'taken' | 'ended' | 'held back'> {
  const closed = new AbortController()
  socket.once('close', () => closed.abort())
  for (const piece of pieces) {
    if (socket.destroyed) return 'ended'
    if (socket.write(piece)) continue
    await Promise.race([once(socket, 'drain', { signal: closed.signal }).catch(() => {}), sleep(1_000)])
    if (socket.writableNeedDrain && !socket.destroyed) return 'held back'
  }
  return socket.destroyed ? 'ended' : 'taken'
}
