/** Every kubectl there is on this machine. */
import { spawn } from 'node:child_process'
import { existsSync, readdirSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { findProgram } from '../../tools/testing/programs.ts'
import { DEBIAN_KUBECTL } from '../../tools/testing/unpacked.ts'
import { type Cluster, mustRun } from './cluster.ts'

export interface Kubectl {
  readonly path: string
  /** The NN of 1.NN. */
  readonly minor: number
  /** What the user runs, or the oldest or newest there is; the others only stand between. */
  readonly atTheEdge: boolean
}

/** The one on the PATH, those of single versions that lie beside it, and Debian's. */
export async function findKubectls(): Promise<Kubectl[]> {
  const own = findProgram('kubectl')
  if (!own) return []
  const folder = dirname(realpathSync(own))
  const beside = readdirSync(folder).filter(name => /^kubectl\.1\.\d+$/.test(name))
  const paths = [own, ...beside.map(name => join(folder, name)), ...(existsSync(DEBIAN_KUBECTL) ? [DEBIAN_KUBECTL] : [])]
  const found = await Promise.all(paths.map(async path => ({ path, minor: await minorOf(path) })))
  const minors = found.map(({ minor }) => minor)
  return found.map(kubectl => ({
    ...kubectl,
    atTheEdge: kubectl.path === own || kubectl.minor === Math.min(...minors) || kubectl.minor === Math.max(...minors),
  }))
}

async function minorOf(path: string): Promise<number> {
  const { clientVersion } = JSON.parse(await mustRun(path, ['version', '--client', '-o', 'json'])) as { clientVersion: { minor: string } }
  return Number.parseInt(clientVersion.minor, 10)
}

/** A kubectl that goes on running: `says` resolves with the match as soon as what it printed matches. */
export function startKubectl(cluster: Cluster, path: string, words: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const child = spawn(path, words, {
    env: { ...process.env, KUBECONFIG: cluster.kubeconfig, HOME: cluster.dataDir, NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  const waiting = new Set<() => void>()
  const heard = (text: string) => {
    output += text
    for (const look of waiting) look()
  }
  child.stdout.setEncoding('utf8').on('data', heard)
  child.stderr.setEncoding('utf8').on('data', heard)
  const ended = new Promise<void>(done => child.on('close', () => done()))
  return {
    says: (wanted: RegExp, timeout = 15_000) =>
      new Promise<RegExpExecArray>((done, fail) => {
        const settle = (finish: () => void) => {
          waiting.delete(look)
          clearTimeout(timer)
          finish()
        }
        const look = () => {
          const found = wanted.exec(output)
          if (found) settle(() => done(found))
        }
        const timer = setTimeout(() => settle(() => fail(new Error(`${words.join(' ')} never said ${wanted}, but:\n${output}`))), timeout)
        waiting.add(look)
        look()
      }),
    output: () => output,
    async end(): Promise<void> {
      child.kill('SIGKILL')
      await ended
    },
  }
}
