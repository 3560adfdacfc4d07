import type { Duplex } from 'node:stream'

const NEWLINE = 0x0a

/**
 * The first line of a stream without its newline; what follows stays in the stream, unread. Rejects when the stream ends or
 * the signal aborts before that, and when the line is longer than `limit` bytes.
 */
export function readLine(stream: Duplex, limit: number, signal?: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    const settle = () => {
      stream.off('readable', read)
      stream.off('end', ended)
      stream.off('close', ended)
      stream.off('error', failed)
      signal?.removeEventListener('abort', aborted)
    }
    const failed = (error: unknown) => {
      settle()
      reject(error)
    }
    const ended = () => failed(new Error('the stream ended before its first line was complete'))
    const aborted = () => failed(signal?.reason)
    const read = () => {
      for (;;) {
        const chunk = stream.read() as Buffer | null
        if (chunk === null) return
        const at = chunk.indexOf(NEWLINE)
        chunks.push(at < 0 ? chunk : chunk.subarray(0, at))
        size += at < 0 ? chunk.length : at
        if (size > limit) return failed(new Error(`the first line is longer than ${limit} bytes`))
        if (at < 0) continue
        settle()
        if (at + 1 < chunk.length) stream.unshift(chunk.subarray(at + 1))
        return resolve(Buffer.concat(chunks).toString('utf8'))
      }
    }
    if (signal?.aborted) return reject(signal.reason)
    stream.on('readable', read)
    stream.once('end', ended)
    stream.once('close', ended)
    stream.once('error', failed)
    signal?.addEventListener('abort', aborted, { once: true })
    read()
  })
}
