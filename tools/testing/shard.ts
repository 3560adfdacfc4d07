/** One child process of a test run: it ends, or it is ended. */
import { type ChildProcess, spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { CHANNEL, type Line, type Result } from './reporter.ts'
import { stackOf } from './stack-of.ts'

export interface ShardOptions {
  /** Milliseconds that one test may take. */
  readonly timeout: number
  /** Milliseconds that the process may take. */
  readonly deadline: number
  readonly root: string
  readonly env?: Readonly<Record<string, string>>
  /** The process and what it starts take only the time that nobody else on the machine wants. */
  readonly idle?: boolean
  onResult(result: Result): void
}

/** Lines of a process's own output that are shown when it breaks. */
const MOST_OUTPUT = 2000
/** Milliseconds that a process which has ended may keep its output open: somebody it started may hold it for ever. */
const OUTPUT_GRACE = 2_000

/**
 * Runs the files in one process and counts its results. A process that breaks, says nothing or outlives its deadline is one more
 * failed result, which names the tests that were running.
 */
export async function runShard(files: readonly string[], options: ShardOptions): Promise<Record<Result['outcome'], number>> {
  const counts = { passed: 0, failed: 0, skipped: 0 }
  const running = new Set<string>()
  const output: string[] = []
  const take = (result: Result) => {
    counts[result.outcome]++
    options.onResult(result)
  }
  const child = start(files, options)
  let over = false
  const hear = (line: string) => {
    const said = parse(line)
    if (said.started) running.add(said.started)
    if (said.suite) running.delete(said.suite)
    if (said.over) over = true
    if (!said.result) return
    running.delete(said.result.name)
    take(said.result)
  }
  const keep = (line: string) => {
    output.push(line)
    if (output.length > MOST_OUTPUT) output.shift()
  }
  const linesOf = (stream: Readable, onLine: (line: string) => void) => createInterface({ input: stream }).on('line', onLine)
  const lines = [linesOf(child.stdout!, keep), linesOf(child.stderr!, keep), linesOf(child.stdio[CHANNEL] as Readable, hear)]
  let stack: readonly string[] = []
  const endLate = async () => {
    stack = await stackOf(child, createInterface({ input: child.stderr! }))
    endGroup(child)
  }
  const { code, signal, late } = await ended(child, options.deadline, endLate)
  for (const reading of lines) reading.close()
  const broke = (code !== 0 && counts.failed === 0) || !over || counts.passed + counts.failed + counts.skipped === 0
  if (late || broke) {
    const where = () => `running were: ${[...running].join(', ') || 'none'}\n${stack.length > 0 ? `it was at:\n${stack.join('\n')}` : 'it waited'}`
    const why = late
      ? `ended after ${options.deadline / 1000} s; ${where()}`
      : signal
        ? `ended by ${signal}`
        : `exit code ${code}${over ? '' : ', before all was told'}`
    take({ name: files.join(' '), file: files[0] ?? '', outcome: 'failed', why: `${why}\n${output.slice(-60).join('\n')}`, ms: 0 })
  }
  return counts
}

/** A process that is ended may leave half a line. */
function parse(line: string): Line {
  try {
    return JSON.parse(line) as Line
  } catch {
    return {}
  }
}

const LOWEST_PRIORITY = '19'

function start(files: readonly string[], { timeout, root, env, idle = false }: ShardOptions): ChildProcess {
  const reporter = join(import.meta.dirname, 'reporter.ts')
  const flags = ['--test-isolation=none', '--test-force-exit', `--test-timeout=${timeout}`, `--test-reporter=${reporter}`]
  const words = [process.execPath, '--disable-warning=ExperimentalWarning', '--inspect-port=0', '--test', ...flags, ...files]
  const [program = '', ...args] = idle ? ['nice', '-n', LOWEST_PRIORITY, ...words] : words
  const child = spawn(program, args, {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    // A group of its own, so that what it started ends with it when its time is over.
    detached: true,
  })
  if (idle) yieldToOtherGroups(child)
  return child
}

/** Linux may share time among process groups first, where only the group's own priority counts. */
function yieldToOtherGroups({ pid }: ChildProcess): void {
  try {
    writeFileSync(`/proc/${pid}/autogroup`, LOWEST_PRIORITY)
  } catch {
    // There are no such groups here, or it has ended.
  }
}

interface End {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly late: boolean
}

function ended(child: ChildProcess, deadline: number, endLate: () => Promise<void>): Promise<End> {
  return new Promise(done => {
    let late = false
    const timer = setTimeout(() => {
      late = true
      endLate().catch(() => endGroup(child))
    }, deadline)
    child.on('exit', (code, signal) => {
      clearTimeout(timer)
      const end = () => done({ code, signal, late })
      const grace = setTimeout(end, OUTPUT_GRACE)
      child.on('close', () => {
        clearTimeout(grace)
        end()
      })
    })
  })
}

function endGroup({ pid }: ChildProcess): void {
  try {
    process.kill(-pid!, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
