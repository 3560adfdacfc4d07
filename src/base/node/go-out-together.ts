import type { Writable } from 'node:stream'

let corked: Writable[] = []

/** What is written to the stream from now on goes out at the end of this turn of the event loop, together. To be called before each write. */
export function goOutTogether(stream: Writable): void {
  if (stream.writableCorked > 0) return
  stream.cork()
  corked.push(stream)
  if (corked.length === 1) setImmediate(letGo)
}

function letGo(): void {
  const streams = corked
  corked = []
  for (const stream of streams) stream.uncork()
}
