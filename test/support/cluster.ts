/** A real `everynode up` as a child process, and real kubectl pointed at it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { leaksOf } from '../../tools/leaks.ts'
import { isRoot } from '../../tools/testing/programs.ts'

export const ROOT = resolve(import.meta.dirname, '../..')
export const SHARED = resolve(ROOT, '../shared')

export interface Output {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface Cluster {
  readonly url: string
  readonly dataDir: string
  readonly kubeconfig: string
  readonly process: ChildProcess
  /** What it has printed so far, both streams. */
  readonly output: () => string
  /** Runs kubectl; rejects when it exits with anything but 0. Resolves with stdout. */
  kubectl(...args: readonly string[]): Promise<string>
  /** Runs kubectl and gives back whatever came of it. */
  tryKubectl(args: readonly string[], options?: RunOptions): Promise<Output>
  /** SIGINT, as Ctrl-C; resolves with the exit code. The data directory stays when asked. */
  stop(options?: { readonly keepData?: boolean }): Promise<number>
  /** SIGKILL. */
  kill(): Promise<void>
}

export interface RunOptions {
  readonly input?: string
  readonly env?: Readonly<Record<string, string>>
  readonly timeout?: number
  /** Another kubectl than the one on the PATH. */
  readonly program?: string
}

/** Runs a program to its end. */
export function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<Output> {
  return new Promise((done, fail) => {
    const child = spawn(program, args, { cwd: ROOT, env: { ...process.env, ...options.env }, stdio: ['pipe', 'pipe', 'pipe'] })
    const out = { stdout: '', stderr: '' }
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out.stdout += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (out.stderr += text))
    const timer = setTimeout(() => child.kill('SIGKILL'), options.timeout ?? 60_000)
    child.on('error', fail)
    child.on('close', (code, signal) => {
      clearTimeout(timer)
      done({ code: code ?? 128, stdout: out.stdout, stderr: signal ? `${out.stderr}\n(ended by ${signal})` : out.stderr })
    })
    child.stdin.on('error', () => {})
    child.stdin.end(options.input ?? '')
  })
}

/** As `run`, but rejects when the program fails, with all that it said. */
export async function mustRun(program: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await run(program, args, options)
  if (code !== 0) throw new Error(`${program} ${args.join(' ')}: exit ${code}\n${stdout}${stderr}`)
  return stdout
}

/** Starts `everynode up` on a free port with a data directory of its own; resolves when it says that it is ready. */
export async function startCluster(
  args: readonly string[] = ['--nodes', '0', '--simulated', '3'],
  options: { readonly dataDir?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<Cluster> {
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'everynode-test-'))
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', join(ROOT, 'src/main/cli.ts'), 'up', '--listen', '127.0.0.1:0', '--data-dir', dataDir, ...args],
    {
      cwd: ROOT,
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  const lines: string[] = []
  const exited = new Promise<number>(resolve => child.on('close', code => resolve(code ?? 128)))
  const url = await new Promise<string>((ready, fail) => {
    const onLine = (line: string) => {
      lines.push(line)
      if (lines.length > 5000) lines.shift()
      const found = /is ready on (https:\S+)/.exec(line)?.[1]
      if (found) ready(found)
    }
    createInterface({ input: child.stdout }).on('line', onLine)
    createInterface({ input: child.stderr }).on('line', onLine)
    void exited.then(code => fail(new Error(`everynode up ended with ${code} before it was ready:\n${lines.join('\n')}`)))
  })
  const kubeconfig = join(dataDir, 'kubeconfig')
  // A kubectl lives for a moment: collecting its garbage would be a fifth of its time.
  const env = { KUBECONFIG: kubeconfig, HOME: dataDir, NO_COLOR: '1', GOGC: 'off' }
  const tryKubectl = (words: readonly string[], o: RunOptions = {}) => run(o.program ?? 'kubectl', words, { ...o, env: { ...env, ...o.env } })
  return {
    url,
    dataDir,
    kubeconfig,
    process: child,
    output: () => lines.join('\n'),
    tryKubectl,
    kubectl: (...words) => mustRun('kubectl', words, { env }),
    async stop({ keepData = false } = {}) {
      child.kill('SIGINT')
      const code = await exited
      const left = isRoot ? await leaksOf(dataDir) : []
      if (left.length > 0) throw new Error(`everynode up left behind:\n${left.join('\n')}`)
      if (!keepData) rmSync(dataDir, { recursive: true, force: true })
      return code
    },
    async kill() {
      child.kill('SIGKILL')
      await exited
    },
  }
}

/** Asks again every 50 ms until the answer is what is wanted; fails with the last one after `timeout`. */
export async function eventually<T>(ask: () => Promise<T> | T, wanted: (answer: T) => boolean, timeout = 20_000): Promise<T> {
  const until = Date.now() + timeout
  for (;;) {
    const answer = await ask()
    if (wanted(answer)) return answer
    if (Date.now() > until) throw new Error(`not reached in ${timeout} ms; the last answer was ${JSON.stringify(answer)}`)
    await new Promise(resolve => setTimeout(resolve, 50))
  }
}
