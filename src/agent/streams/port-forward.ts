import type { Duplex } from 'node:stream'
import { finished, pipeline } from 'node:stream/promises'
import type { SpdyConnection } from '../../base/node/spdy.ts'

/** Carries one connection to a port of a pod; ends when both directions have, or either breaks. */
export async function forwardToEngine(stream: Duplex, engine: SpdyConnection, port: number, onRefused: (why: string) => void): Promise<void> {
  const error = await engine.open({ streamtype: 'error', port: String(port), requestid: '0' })
  const data = await engine.open({ streamtype: 'data', port: String(port), requestid: '0' })
  error.end()
  error.on('data', (chunk: Buffer) => {
    onRefused(chunk.toString())
    stream.destroy()
  })
  stream.once('close', () => engine.close())
  await Promise.allSettled([pipeline(stream, data, { end: true }), pipeline(data, stream, { end: true })])
  await finished(stream, { readable: false }).catch(() => {})
  engine.end()
}
