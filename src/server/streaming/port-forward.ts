import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import { badRequest, StatusError } from '../../api/meta/status.ts'
import { SpdyConnection, type SpdyStream } from '../../base/node/spdy.ts'

/** Opens one connection to a port of the pod. */
export type OpenPort = (port: number, signal: AbortSignal) => Promise<Duplex>

export const PORT_FORWARD_SPDY = 'portforward.k8s.io'
/** WebSocket protocols: SPDY within messages, and channels numbered by port. */
export const PORT_FORWARD_TUNNEL = `SPDY/3.1+${PORT_FORWARD_SPDY}`
export const PORT_FORWARD_CHANNELS = 'v4.channel.k8s.io'

export function portOf(text: string | undefined): number {
  const port = Number(text)
  if (!text || !/^\d{1,5}$/.test(text) || port < 1 || port > 65535) throw badRequest(`${JSON.stringify(text ?? '')} is no port: it must be between 1 and 65535`)
  return port
}

const reasonOf = (error: unknown): string => (error instanceof StatusError ? error.message : `error forwarding port: ${(error as Error).message}`)

/**
 * Forwards over SPDY: for each connection the client opens a stream for data and one for an error, with a request id in
 * common. Ends when the client does.
 */
export async function forwardOverSpdy(socket: Duplex, open: OpenPort): Promise<void> {
  const gone = new AbortController()
  const waiting = new Map<string, { error?: SpdyStream; data?: SpdyStream }>()
  const connection = new SpdyConnection(socket, {
    onStream(stream) {
      const { streamtype, requestid = '' } = stream.headers
      if (streamtype !== 'error' && streamtype !== 'data') return void stream.destroy()
      const pair = { ...waiting.get(requestid), [streamtype]: stream }
      waiting.set(requestid, pair)
      stream.once('close', () => waiting.delete(requestid))
      if (!pair.error || !pair.data) return
      waiting.delete(requestid)
      void forwardPair(pair.data, pair.error, open, gone.signal)
    },
  })
  await connection.closed
  gone.abort()
}

async function forwardPair(data: SpdyStream, error: SpdyStream, open: OpenPort, signal: AbortSignal): Promise<void> {
  error.resume()
  try {
    const port = await open(portOf(data.headers['port']), signal)
    await splice(data, port)
    error.end()
  } catch (failure) {
    error.end(reasonOf(failure))
    data.end()
    data.resume()
  }
}

/** Copies both ways until both directions have ended or one side breaks. */
function splice(client: Duplex, port: Duplex): Promise<void> {
  return new Promise(resolve => {
    let open = 2
    const closed = () => {
      if (--open === 0) resolve()
    }
    const cut = () => {
      client.destroy()
      port.destroy()
    }
    for (const one of [client, port]) {
      one.once('close', closed)
      one.once('error', cut)
    }
    port.once('close', () => client.writableEnded || client.end())
    client.once('close', () => port.destroy())
    client.pipe(port)
    port.pipe(client)
  })
}

/** Forwards over numbered channels: for the i-th port 2i carries data and 2i+1 an error; both begin with the port. */
export async function forwardOverChannels(socket: WebSocket, ports: readonly number[], open: OpenPort): Promise<void> {
  const gone = new AbortController()
  const closed = new Promise<void>(resolve => socket.once('close', () => resolve()))
  const send = (channel: number, payload: Buffer): Promise<void> =>
    new Promise(resolve => {
      if (socket.readyState !== socket.OPEN) return resolve()
      socket.send(Buffer.concat([Buffer.from([channel]), payload]), () => resolve())
    })
  const connections: (Promise<Duplex> | undefined)[] = []
  for (const [i, port] of ports.entries()) {
    const number = Buffer.alloc(2)
    number.writeUInt16LE(port)
    await send(2 * i, number)
    await send(2 * i + 1, number)
    const connecting = open(port, gone.signal)
    connections.push(connecting)
    connecting
      .then(async stream => {
        for await (const chunk of stream as AsyncIterable<Buffer>) await send(2 * i, chunk)
      })
      .catch(error => send(2 * i + 1, Buffer.from(reasonOf(error))))
      .finally(() => {
        connections[i] = undefined
        if (connections.every(one => one === undefined)) socket.close(1000)
      })
  }
  socket.on('message', data => {
    const bytes = Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data as Buffer)
    const connecting = bytes.length > 1 && bytes[0]! % 2 === 0 ? connections[bytes[0]! / 2] : undefined
    if (!connecting) return
    socket.pause()
    connecting
      .then(stream => new Promise<void>(resolve => stream.write(bytes.subarray(1), () => resolve())))
      .catch(() => {})
      .finally(() => socket.resume())
  })
  socket.resume()
  await closed
  gone.abort()
  for (const connecting of connections) connecting?.then(stream => stream.destroy()).catch(() => {})
}
