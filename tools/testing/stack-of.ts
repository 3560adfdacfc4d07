import type { ChildProcess } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'

/** Milliseconds for a process to say where it is; one that waits runs nothing and never says. */
const PATIENCE = 3_000

interface CallFrame {
  readonly functionName: string
  readonly location: { readonly scriptId: string; readonly lineNumber: number; readonly columnNumber: number }
}

interface Frame extends CallFrame {
  readonly url: string
}
type Said =
  | { readonly method: 'Debugger.scriptParsed'; readonly params: { readonly scriptId: string; readonly url: string } }
  | { readonly method: 'Debugger.paused'; readonly params: { readonly callFrames: readonly CallFrame[] } }
  | { readonly method?: undefined }

/**
 * Where a Node process that was started with `--inspect-port=0` runs, innermost frame first, also while it loops and answers nobody;
 * empty when it runs nothing, or nothing but Node itself, which may have something to do while all else waits. Asks its debugger,
 * whose address the process prints on `lines` (its stderr, line by line).
 */
export async function stackOf(child: ChildProcess, lines: AsyncIterable<string>): Promise<readonly string[]> {
  child.kill('SIGUSR1')
  const found = await Promise.race([debuggerOf(lines), sleep(PATIENCE)])
  if (!found) return []
  const socket = new WebSocket(found)
  /** Addresses by id. */
  const scripts = new Map<string, string>()
  try {
    const paused = new Promise<readonly string[]>(done => {
      socket.addEventListener('open', () => {
        socket.send(JSON.stringify({ id: 1, method: 'Debugger.enable' }))
        socket.send(JSON.stringify({ id: 2, method: 'Debugger.pause' }))
      })
      socket.addEventListener('message', ({ data }) => {
        const said = JSON.parse(String(data)) as Said
        if (said.method === 'Debugger.scriptParsed') scripts.set(said.params.scriptId, said.params.url)
        if (said.method !== 'Debugger.paused') return
        const frames = said.params.callFrames.map(frame => ({ ...frame, url: scripts.get(frame.location.scriptId) ?? '' }))
        done(frames.some(isOurs) ? frames.map(say) : [])
      })
      socket.addEventListener('error', () => done([]))
    })
    return await Promise.race([paused, sleep(PATIENCE, [])])
  } finally {
    socket.close()
  }
}

async function debuggerOf(lines: AsyncIterable<string>): Promise<string | undefined> {
  for await (const line of lines) {
    const address = /^Debugger listening on (ws:\S+)/.exec(line)?.[1]
    if (address) return address
  }
  return undefined
}

const isOurs = ({ url }: Frame): boolean => url !== '' && !url.startsWith('node:')

const say = ({ functionName, url, location }: Frame): string =>
  `at ${functionName || '(anonymous)'} (${url}:${location.lineNumber + 1}:${location.columnNumber + 1})`
