import type { RawData, WebSocket } from 'ws'
import type { Status } from '../../api/types/meta.ts'
import { CLOSED, frame, RESIZE, STATUS, STDIN } from '../../base/node/channel-frames.ts'
import type { CommandClient } from './command.ts'

/** The WebSocket protocols of exec and attach, best first. */
export const COMMAND_PROTOCOLS = [
  'v5.channel.k8s.io',
  'v4.channel.k8s.io',
  'v3.channel.k8s.io',
  'v2.channel.k8s.io',
  'channel.k8s.io',
  'v4.base64.channel.k8s.io',
  'base64.channel.k8s.io',
]

/** A client over WebSocket: the first byte of a message is its channel. */
export function webSocketClient(socket: WebSocket, protocol: string): CommandClient {
  const base64 = protocol.includes('base64')
  const structured = /^v[45]\./.test(protocol)
  const halfClose = protocol.startsWith('v5.')
  const closed = new Promise<void>(resolve => socket.once('close', () => resolve()))
  const send = (channel: number, payload: Buffer): Promise<void> =>
    new Promise(resolve => {
      if (socket.readyState !== socket.OPEN) return resolve()
      const message = base64 ? `${channel}${payload.toString('base64')}` : Buffer.concat([Buffer.from([channel]), payload])
      socket.send(message, { binary: !base64 }, () => resolve())
    })
  return {
    closed,
    start(write) {
      socket.on('message', (data: RawData) => {
        const bytes = bytesOf(data)
        if (bytes.length === 0) return
        const channel = base64 ? bytes[0]! - 0x30 : bytes[0]!
        const payload = base64 ? Buffer.from(bytes.toString('latin1', 1), 'base64') : bytes.subarray(1)
        const known = channel === STDIN || channel === RESIZE || (halfClose && channel === CLOSED)
        if (!known || (channel === STDIN && payload.length === 0)) return
        const waiting = write(frame(channel, payload))
        if (waiting === undefined) return
        socket.pause()
        void waiting.then(() => socket.resume())
      })
      socket.resume()
    },
    output: send,
    async finish(status: Status) {
      if (structured) await send(STATUS, Buffer.from(JSON.stringify(status)))
      else if (status.status !== 'Success') await send(STATUS, Buffer.from(status.message ?? ''))
      socket.close(1000)
    },
  }
}

const bytesOf = (data: RawData): Buffer => (Array.isArray(data) ? Buffer.concat(data) : Buffer.isBuffer(data) ? data : Buffer.from(data))
