import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import { CLOSED, frame, RESIZE, readFrames, STATUS, STDERR, STDIN, STDOUT } from '../../base/node/channel-frames.ts'
import type { SpdyConnection, SpdyStream } from '../../base/node/spdy.ts'

export interface CommandStreams {
  readonly stdin: boolean
  readonly stdout: boolean
  readonly stderr: boolean
  readonly tty: boolean
}

const LOST = JSON.stringify({ metadata: {}, status: 'Failure', reason: 'InternalError', message: 'the engine did not say how the command ended', code: 500 })

/** Carries a command between the server (frames on `stream`) and the engine (SPDY); ends with the one Status. */
export async function bridgeToEngine(stream: Duplex, engine: SpdyConnection, wanted: CommandStreams): Promise<void> {
  const gone = new AbortController()
  stream.once('close', () => gone.abort())
  const open = (streamtype: string): Promise<SpdyStream> => engine.open({ streamtype })
  const error = await open('error')
  const stdin = wanted.stdin ? await open('stdin') : undefined
  const stdout = wanted.stdout ? await open('stdout') : undefined
  const stderr = wanted.stderr && !wanted.tty ? await open('stderr') : undefined
  const resize = wanted.tty ? await open('resize') : undefined
  stream.once('close', () => engine.close())
  const send = async (bytes: Buffer): Promise<void> => {
    if (stream.destroyed || stream.write(bytes)) return
    await once(stream, 'drain', { signal: gone.signal }).catch(() => {})
  }
  const output = async (from: SpdyStream | undefined, channel: number): Promise<void> => {
    if (from) await readAll(from, chunk => send(frame(channel, chunk)))
  }
  void hearClient(stream, stdin, resize).catch(() => stream.destroy())
  for (const silent of [stdin, resize]) silent?.resume()
  const said: Buffer[] = []
  const status = readAll(error, async chunk => {
    said.push(chunk)
  })
  await Promise.all([output(stdout, STDOUT), output(stderr, STDERR), status])
  await send(frame(STATUS, said.length > 0 ? Buffer.concat(said) : LOST))
  stream.end()
  engine.end()
}

/**
 * Engines end a stream in order or by resetting it; either way it has said all. It is not destroyed here: that would send a
 * reset, and an engine that is gone already would answer with one that cuts off what other streams still have to say.
 */
async function readAll(from: SpdyStream, take: (chunk: Buffer) => Promise<void>): Promise<void> {
  try {
    for await (const chunk of from.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) await take(chunk)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error
  }
}

/** What the client types, its end, and the size of its terminal. */
async function hearClient(stream: Duplex, stdin: SpdyStream | undefined, resize: SpdyStream | undefined): Promise<void> {
  for await (const { channel, payload } of readFrames(stream)) {
    if (channel === STDIN) {
      if (stdin && !stdin.destroyed && !stdin.write(payload)) await Promise.race([once(stdin, 'drain'), once(stdin, 'close')])
    } else if (channel === RESIZE) resize?.write(payload)
    else if (channel === CLOSED && payload[0] === STDIN) stdin?.end()
  }
  stdin?.end()
}
