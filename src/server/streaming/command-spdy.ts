import { unavailable } from '../../api/meta/status.ts'
import type { Status } from '../../api/types/meta.ts'
import type { Clock } from '../../base/clock.ts'
import { CLOSED, frame, RESIZE, STDERR, STDIN } from '../../base/node/channel-frames.ts'
import { SpdyConnection, type SpdyStream } from '../../base/node/spdy.ts'
import type { Upgrade } from '../http/listener.ts'
import { acceptUpgrade } from '../http/upgrade.ts'
import type { CommandClient, CommandOptions } from './command.ts'

/** The SPDY protocols of exec and attach, best first. A client that names none means the last. */
export const SPDY_COMMAND_PROTOCOLS = ['v4.channel.k8s.io', 'v3.channel.k8s.io', 'v2.channel.k8s.io', 'channel.k8s.io']
const STREAMS_MS = 30_000
const GOODBYE_MS = 5_000

/** Accepts a SPDY upgrade; resolves with the client when all streams it needs have been opened. */
export async function spdyClient(upgrade: Upgrade, protocol: string, options: CommandOptions, clock: Clock): Promise<CommandClient> {
  const resizes = options.tty && /^v[34]\./.test(protocol)
  const wanted = ['error', ...(['stdin', 'stdout', 'stderr'] as const).filter(name => options[name]), ...(resizes ? ['resize'] : [])]
  const streams = new Map<string, SpdyStream>()
  const complete = Promise.withResolvers<void>()
  const { socket, head } = upgrade
  acceptUpgrade(upgrade, 'SPDY/3.1', { 'X-Stream-Protocol-Version': protocol })
  if (head.length > 0) socket.unshift(head)
  const connection = new SpdyConnection(socket, {
    onStream(stream) {
      const type = stream.headers['streamtype'] ?? ''
      if (!wanted.includes(type) || streams.has(type)) return void stream.destroy()
      streams.set(type, stream)
      if (streams.size === wanted.length) complete.resolve()
    },
  })
  const late = clock.after(STREAMS_MS, () => complete.reject(unavailable('the client did not open its streams in time')))
  void connection.closed.then(() => complete.reject(unavailable('the client went away')))
  try {
    await complete.promise
  } catch (error) {
    connection.close()
    throw error
  } finally {
    late()
  }
  // What the client says on streams that go its way only is read for its end.
  for (const name of ['error', 'stdout', 'stderr']) streams.get(name)?.resume()
  return {
    closed: connection.closed,
    start(write) {
      const hand = async (name: string, channel: number, atEnd?: Buffer) => {
        const stream = streams.get(name)
        if (!stream) return
        try {
          for await (const chunk of stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) await write(frame(channel, chunk))
          if (atEnd) await write(atEnd)
        } catch {
          // The stream was reset; that of the connection says the rest.
        }
      }
      void hand('stdin', STDIN, frame(CLOSED, Buffer.from([STDIN])))
      void hand('resize', RESIZE)
    },
    async output(channel, payload) {
      const stream = streams.get(channel === STDERR ? 'stderr' : 'stdout')
      if (!stream || stream.destroyed) return
      await new Promise<void>(resolve => stream.write(payload, () => resolve()))
    },
    async finish(status: Status) {
      streams.get('stdout')?.end()
      streams.get('stderr')?.end()
      const failure = status.status === 'Success' ? '' : (status.message ?? '')
      streams.get('error')?.end(protocol.startsWith('v4.') ? JSON.stringify(status) : failure)
      streams.get('stdin')?.end()
      // The client reads what is left and closes; one that does not is closed.
      const cancel = clock.after(GOODBYE_MS, () => connection.close())
      await connection.closed
      cancel()
    },
  }
}
