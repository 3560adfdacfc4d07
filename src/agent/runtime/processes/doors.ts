import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile, readlink } from 'node:fs/promises'
import { connect } from 'node:net'
import type { Duplex, Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { badRequest } from '../../../api/meta/status.ts'
import { CLOSED, frame, RESIZE, readFrames, STATUS, STDERR, STDIN, STDOUT } from '../../../base/node/channel-frames.ts'
import { run } from '../../host/run.ts'
import { signalTo } from '../../host/signal-to.ts'
import type { NodePaths } from '../../pod-files.ts'
import type { CommandStreams } from '../../streams/command.ts'
import type { Doors } from '../backend.ts'
import { entry } from './entry.ts'

/** Streams to processes of this host: commands beside them, and their ports, which are the host's. */
export const processDoors = (paths: NodePaths): Doors => ({
  async exec({ id }, command, wanted, stream, onOpen, signal) {
    const { program, args, env } = await entry(paths, id, command, wanted.tty)
    const [first = '', ...rest] = wanted.tty ? onTerminal([program, ...args]) : [program, ...args]
    const child = spawn(first, rest, { env: { ...env, ...(wanted.tty && { TERM: env['TERM'] ?? 'xterm' }) }, cwd: '/', detached: true })
    await Promise.race([once(child, 'spawn'), once(child, 'error').then(([error]) => Promise.reject(error))])
    onOpen()
    await bridge(child, wanted, stream, signal)
  },
  attach() {
    throw badRequest('the output of a process goes to its log and its input is closed: use kubectl logs -f, or kubectl exec')
  },
  async connect(_sandbox, port, stream, onOpen, signal) {
    const socket = connect({ host: '127.0.0.1', port, signal })
    await once(socket, 'connect')
    onOpen()
    await Promise.allSettled([pipeline(stream, socket, { end: true }), pipeline(socket, stream, { end: true })])
  },
})

/** `script` gives a command a terminal. */
const onTerminal = (words: readonly string[]): string[] => ['script', '--quiet', '--return', '--flush', '--command', words.map(quoted).join(' '), '/dev/null']
const quoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`

async function bridge(child: ChildProcess, wanted: CommandStreams, stream: Duplex, signal: AbortSignal): Promise<void> {
  const gone = new AbortController()
  const kill = () => child.pid !== undefined && signalTo(-child.pid, 'SIGKILL')
  const onClose = () => {
    gone.abort()
    if (child.exitCode === null && child.signalCode === null) kill()
  }
  stream.once('close', onClose)
  signal.addEventListener('abort', kill, { once: true })
  const output = async (from: Readable | null, channel: number) => {
    for await (const chunk of from ?? []) {
      if (channel >= 0 && !stream.destroyed && !stream.write(frame(channel, chunk as Buffer)))
        await once(stream, 'drain', { signal: gone.signal }).catch(() => {})
    }
  }
  child.stdin?.on('error', () => {})
  if (!wanted.stdin) child.stdin?.end()
  void hearClient(stream, child, wanted).catch(() => stream.destroy())
  try {
    const ended = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>
    await Promise.all([output(child.stdout, wanted.stdout ? STDOUT : -1), output(child.stderr, wanted.stderr && !wanted.tty ? STDERR : -1), ended])
    const [code, killedBy] = await ended
    if (!stream.destroyed) stream.write(frame(STATUS, statusOf(code, killedBy)))
  } finally {
    signal.removeEventListener('abort', kill)
    stream.removeListener('close', onClose)
    stream.end()
  }
}

/** The Status that ends a command, as engines word it. */
function statusOf(code: number | null, killedBy: NodeJS.Signals | null): string {
  if (code === 0) return JSON.stringify({ metadata: {}, status: 'Success' })
  const exitCode = code ?? 137
  return JSON.stringify({
    metadata: {},
    status: 'Failure',
    reason: 'NonZeroExitCode',
    message: `command terminated with ${killedBy ? `signal ${killedBy}` : `non-zero exit code: exit status ${exitCode}`}`,
    details: { causes: [{ reason: 'ExitCode', message: String(exitCode) }] },
  })
}

async function hearClient(stream: Duplex, child: ChildProcess, wanted: CommandStreams): Promise<void> {
  for await (const { channel, payload } of readFrames(stream)) {
    if (channel === STDIN) {
      const { stdin } = child
      if (wanted.stdin && stdin && !stdin.destroyed && !stdin.write(payload)) await Promise.race([once(stdin, 'drain'), once(stdin, 'close')])
    } else if (channel === CLOSED && payload[0] === STDIN) child.stdin?.end()
    else if (channel === RESIZE && wanted.tty) await resize(child.pid ?? 0, payload.toString())
  }
  child.stdin?.end()
}

/** Gives the terminal of the command its size; the kernel tells the command. */
async function resize(pid: number, text: string): Promise<void> {
  const { Width = 0, Height = 0 } = JSON.parse(text) as { Width?: number; Height?: number }
  const terminal = await terminalBelow(pid)
  if (terminal && Width > 0 && Height > 0) await run('stty', ['-F', terminal, 'cols', String(Width), 'rows', String(Height)], { quiet: true }).catch(() => {})
}

/** The terminal that the children of `script` were given. */
async function terminalBelow(pid: number): Promise<string | undefined> {
  for (const task of await readdir(`/proc/${pid}/task`).catch(() => [])) {
    const children = await readFile(`/proc/${pid}/task/${task}/children`, 'utf8').catch(() => '')
    for (const child of children.trim().split(' ').filter(Boolean)) {
      const path = await readlink(`/proc/${child}/fd/0`).catch(() => '')
      if (path.startsWith('/dev/pts/')) return path
    }
  }
  return undefined
}
