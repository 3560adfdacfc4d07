import type { IncomingHttpHeaders } from 'node:http'
import type { Readable } from 'node:stream'
import { badRequest, StatusError } from '../../api/meta/status.ts'

/** Reads a body whole, up to a limit, for so many milliseconds. */
export function collect(input: Readable, headers: IncomingHttpHeaders, limit: number, ms: number): Promise<Buffer> {
  const tooLarge = () => new StatusError('RequestEntityTooLarge', `Request entity too large: limit is ${limit}`)
  const length = Number(headers['content-length'] ?? Number.NaN)
  if (length > limit) return Promise.reject(tooLarge())
  if (length === 0 || input.readableEnded) return Promise.resolve(Buffer.alloc(0))
  if (input.destroyed) return Promise.reject(incomplete())
  // Most bodies are short and have come with their headers.
  if (input.readableLength === length) {
    const body = input.read(length) as Buffer
    // Its end is still to come.
    input.resume()
    return Promise.resolve(body)
  }
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    const refuse = (error: StatusError) => {
      clearTimeout(slow)
      input.removeAllListeners('data')
      input.pause()
      reject(error)
    }
    const slow = setTimeout(() => refuse(new StatusError('Timeout', `the body of the request did not come within ${ms} ms`, undefined, 408)), ms)
    input.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size > limit) return refuse(tooLarge())
      chunks.push(chunk)
    })
    const cut = () => refuse(incomplete())
    input.once('end', () => {
      clearTimeout(slow)
      input.off('close', cut)
      resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, size))
    })
    input.once('error', cut)
    input.once('aborted', cut)
    input.once('close', cut)
  })
}

const incomplete = (): StatusError => badRequest('the request ended before its body was complete')
