import type { Client } from '@grpc/grpc-js'

/** A connection to a gRPC server on a unix socket that carries raw bytes; what they mean is the caller's. */
export interface Channel {
  unary(method: string, request: Uint8Array, options: { readonly signal?: AbortSignal | undefined; readonly timeoutMs?: number }): Promise<Uint8Array>
  /** Ends when the server ends it or the signal aborts. */
  stream(method: string, request: Uint8Array, signal: AbortSignal): AsyncIterable<Uint8Array>
  close(): void
}

/** What a gRPC server refused, with its status code. */
export class ChannelError extends Error {
  readonly code: number
  constructor(code: number, message: string) {
    super(message)
    this.name = 'ChannelError'
    this.code = code
  }
}

export const CODE = { deadlineExceeded: 4, notFound: 5, unavailable: 14, unimplemented: 12, unknown: 2 } as const

/** Names of gRPC's status codes, by number. */
const NAMES = (
  'OK Canceled Unknown InvalidArgument DeadlineExceeded NotFound AlreadyExists PermissionDenied ResourceExhausted ' +
  'FailedPrecondition Aborted OutOfRange Unimplemented Internal Unavailable DataLoss Unauthenticated'
).split(' ')

/** A refusal as Go's gRPC writes it, which is how the kubelet passes it on. */
export const rpcError = ({ code, message }: ChannelError): string => `rpc error: code = ${NAMES[code] ?? `Code(${code})`} desc = ${message}`

const asIs = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
const MOST_BYTES = 16 * 1024 * 1024
const DEFAULT_TIMEOUT_MS = 120_000

export async function openChannel(socket: string, metadata: Readonly<Record<string, string>> = {}): Promise<Channel> {
  const grpc = await import('@grpc/grpc-js')
  const client: Client = new grpc.Client(`unix://${socket}`, grpc.credentials.createInsecure(), {
    'grpc.default_authority': 'localhost',
    'grpc.max_receive_message_length': MOST_BYTES,
    'grpc.initial_reconnect_backoff_ms': 100,
    'grpc.max_reconnect_backoff_ms': 1000,
  })
  const headers = new grpc.Metadata()
  for (const [key, value] of Object.entries(metadata)) headers.set(key, value)
  return {
    unary(method, request, { signal, timeoutMs = DEFAULT_TIMEOUT_MS }) {
      return new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason)
        const stop = () => call.cancel()
        const call = client.makeUnaryRequest(method, asIs, asIs, Buffer.from(request), headers, { deadline: Date.now() + timeoutMs }, (error, response) => {
          signal?.removeEventListener('abort', stop)
          if (!error) resolve(response ?? new Uint8Array())
          else reject(signal?.aborted ? signal.reason : new ChannelError(error.code, error.details || error.message))
        })
        signal?.addEventListener('abort', stop, { once: true })
      })
    },
    async *stream(method, request, signal) {
      const call = client.makeServerStreamRequest(method, asIs, asIs, Buffer.from(request), headers)
      const stop = () => call.cancel()
      signal.addEventListener('abort', stop, { once: true })
      try {
        for await (const message of call) yield message as Uint8Array
      } catch (error) {
        const { code = CODE.unknown, message } = error as { code?: number; message: string }
        if (!signal.aborted) throw new ChannelError(code, message)
      } finally {
        signal.removeEventListener('abort', stop)
        call.cancel()
      }
    },
    close: () => client.close(),
  }
}
