import type { Duplex } from 'node:stream'
import type { StreamHead } from '../../api/node-stream.ts'

const answered = new WeakSet<Duplex>()

/** Writes what the other side reads first: whether the stream is served. */
export function writeHead(stream: Duplex, head: StreamHead): void {
  answered.add(stream)
  stream.write(`${JSON.stringify(head)}\n`)
}

export const isAnswered = (stream: Duplex): boolean => answered.has(stream)
