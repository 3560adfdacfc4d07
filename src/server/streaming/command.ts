import type { Duplex } from 'node:stream'
import { badRequest, internalError } from '../../api/meta/status.ts'
import type { Status } from '../../api/types/meta.ts'
import { readFrames, STATUS, STDERR, STDOUT } from '../../base/node/channel-frames.ts'
import { draining } from '../../base/node/draining.ts'
import { truthy } from '../http/query.ts'

/** What of a command a client wants to have: from the query of exec and attach. */
export interface CommandOptions {
  readonly stdin: boolean
  readonly stdout: boolean
  readonly stderr: boolean
  readonly tty: boolean
}

/** A client of a command, whatever it speaks. */
export interface CommandClient {
  /** Begins to hand on what the client sends, as frames for the node; `write` gives a promise when it wants to be waited for. */
  start(write: (frame: Buffer) => Promise<void> | undefined): void
  /** Output of the command; resolves when there is room for more. */
  output(channel: number, payload: Buffer): Promise<void>
  /** The end: how the command went. */
  finish(status: Status): Promise<void>
  /** The client is gone. */
  readonly closed: Promise<void>
}

/** Takes the query of exec (a command is needed) or attach apart. */
export function commandOptions(
  query: URLSearchParams,
  exec: boolean,
): { readonly options: CommandOptions; readonly query: Readonly<Record<string, readonly string[]>> } {
  const flag = (name: string) => truthy(query.get(name))
  const options = { stdin: flag('stdin'), stdout: flag('stdout'), stderr: flag('stderr'), tty: flag('tty') }
  if (!options.stdin && !options.stdout && !options.stderr) throw badRequest('you must specify at least 1 of stdin, stdout, stderr')
  if (options.tty && options.stderr) throw badRequest('tty and stderr cannot both be true')
  const command = query.getAll('command').filter(part => part !== '')
  if (exec && command.length === 0) throw badRequest('you must specify at least 1 command for the container')
  const flags = Object.entries(options).flatMap(([name, on]) => (on ? [[name, ['true']] as const] : []))
  return { options, query: { ...Object.fromEntries(flags), ...(exec && { command: query.getAll('command') }) } }
}

/** Runs between a client and the node until either has finished. */
export async function bridgeCommand(client: CommandClient, node: Duplex): Promise<void> {
  const gone = new AbortController()
  void client.closed.then(() => {
    gone.abort()
    node.destroy()
  })
  const drained = draining(node, gone.signal)
  let status: Status | undefined
  client.start(frame => {
    if (node.destroyed || node.writableEnded) return undefined
    return node.write(frame) ? undefined : drained()
  })
  try {
    for await (const { channel, payload } of readFrames(node)) {
      if (channel === STDOUT || channel === STDERR) await client.output(channel, payload)
      else if (channel === STATUS) status = JSON.parse(payload.toString('utf8')) as Status
    }
  } catch (error) {
    if (gone.signal.aborted) return
    status ??= internalError(`the stream to the node broke: ${(error as Error).message}`).status
  }
  if (!gone.signal.aborted) await client.finish(status ?? internalError('the stream to the node ended early').status)
  node.destroy()
}
