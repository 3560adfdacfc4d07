/**
 * How a server starts: from the start of Node to 200 on `/readyz`, and what it then weighs, with a data directory of N objects
 * (`--objects`, several with commas) and without one, with the compile cache as an installation leaves it and without one;
 * idle with three simulated nodes. `--runs` of each, medians.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { connect } from 'node:tls'
import { openSqlite } from '../src/store/sqlite.ts'
import { median } from './machine.ts'
import type { Bench, Figure } from './run.ts'

const ROOT = resolve(import.meta.dirname, '..')
const WEIGHED_AFTER_MS = 8000

interface Started {
  readonly readyMs: number
  /** CPU of the whole process, its threads too, until then. */
  readonly cpuMs: number
  /** 8 s after it was ready. */
  readonly residentMb: number
  /** Of one core, over the last 4 of these seconds. */
  readonly idleCores: number
}

export const start: Bench = async ({ runs, more }, print) => {
  const directory = mkdtempSync(join(tmpdir(), 'everynode-bench-'))
  const cache = join(directory, 'compile-cache')
  const data = join(directory, 'data')
  try {
    await measure('the very first start: no data, no compile cache', { data, cache, cold: true, fresh: true }, runs, print)
    install(cache)
    await measure('the very first start: no data, compile cache of the installation', { data, cache, fresh: true }, runs, print)
    await measure('later start, no compile cache', { data, cache, cold: true }, runs, print)
    install(cache)
    await measure('later start, compile cache warm', { data, cache }, runs, print)
    for (const objects of (more['objects'] ?? '1000,10000,30000,100000').split(',').map(Number)) {
      const filled = join(directory, `data-${objects}`)
      cpSync(data, filled, { recursive: true })
      await fill(filled, objects)
      await startOnce(filled, cache, 0)
      await measure('restart', { data: filled, cache, objects }, runs, print)
      rmSync(filled, { recursive: true })
    }
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

interface Situation {
  readonly data: string
  readonly cache: string
  readonly cold?: boolean
  readonly fresh?: boolean
  readonly objects?: number
}

async function measure(name: string, { data, cache, cold, fresh, objects }: Situation, runs: number, print: (figure: Figure) => void): Promise<void> {
  const all: Started[] = []
  for (let run = 0; run < runs; run++) {
    if (cold) rmSync(cache, { recursive: true, force: true })
    if (fresh) rmSync(data, { recursive: true, force: true })
    all.push(await startOnce(data, cache, WEIGHED_AFTER_MS))
  }
  const of = (figure: keyof Started) => median(all.map(one => one[figure]))
  print({
    bench: 'start',
    figure: name,
    ...(objects !== undefined && { objects }),
    value: Math.round(of('readyMs')),
    unit: 'ms to 200 on /readyz',
    cpuMs: Math.round(of('cpuMs')),
    residentMb: Math.round(of('residentMb')),
    idleCores: Number(of('idleCores').toFixed(4)),
    runs,
  })
}

/** As `npm ci` ends, and a start that had to install. */
function install(cache: string): void {
  rmSync(cache, { recursive: true, force: true })
  const words = ['--disable-warning=ExperimentalWarning', join(ROOT, 'tools/convert.ts')]
  if (spawnSync(process.execPath, words, { env: { ...process.env, NODE_COMPILE_CACHE: cache } }).status !== 0) throw new Error('the program was not converted')
}

/** Starts a server, waits until it is ready and then `weighAfterMs` more, and stops it. */
async function startOnce(data: string, cache: string, weighAfterMs: number): Promise<Started> {
  const port = await freePort()
  const words = ['up', '--nodes', '0', '--simulated', '3', '--listen', `127.0.0.1:${port}`, '--data-dir', data, '--log-level', 'error']
  const began = performance.now()
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', join(ROOT, 'src/main/cli.ts'), ...words], {
    env: { ...process.env, NODE_COMPILE_CACHE: cache },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const exited = new Promise<void>(done => child.once('close', () => done()))
  while (!(await isReady(port))) {
    if (child.exitCode !== null) throw new Error('the server ended before it was ready')
    await new Promise(next => setTimeout(next, 10))
  }
  const readyMs = performance.now() - began
  const cpuMs = cpuMsOf(child)
  await new Promise(next => setTimeout(next, weighAfterMs / 2))
  const half = cpuMsOf(child)
  await new Promise(next => setTimeout(next, weighAfterMs / 2))
  const residentMb = (Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]) * 1024) / 1e6
  const idleCores = weighAfterMs > 0 ? (cpuMsOf(child) - half) / (weighAfterMs / 2) : 0
  child.kill('SIGINT')
  await exited
  return { readyMs, cpuMs, residentMb, idleCores }
}

/** In hundredths of a second, as the kernel counts it. */
function cpuMsOf(child: ChildProcess): number {
  const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ')
  return (Number(fields[11]) + Number(fields[12])) * 10
}

/** One request on a connection of its own, as cheap for the server as it can be while it starts. */
function isReady(port: number): Promise<boolean> {
  return new Promise(done => {
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] })
    let text = ''
    socket.once('secureConnect', () => socket.write('GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'))
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1')
    })
    socket.once('error', () => done(false))
    socket.once('close', () => done(text.startsWith('HTTP/1.1 200')))
  })
}

function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const server = createServer()
    server.once('error', fail)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => done(typeof address === 'object' && address ? address.port : 0))
    })
  })
}

/** ConfigMaps of about 1 kB, as many as it takes for so many objects: what no controller acts on, so that only reading them is measured. */
async function fill(data: string, objects: number): Promise<void> {
  const store = await openSqlite({ file: join(data, 'everynode.db') })
  const { entries } = await store.list('/')
  const time = '2026-01-01T00:00:00Z'
  const value = (n: number) =>
    Buffer.from(
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: `c-${n}`, namespace: 'default', uid: `00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`, creationTimestamp: time },
        data: { text: 'x'.repeat(800) },
      }),
    )
  const key = (n: number) => `${configMapsOf(entries.map(entry => entry.key))}default/c-${n}`
  for (let n = 0; n < objects - entries.length; n += 1000)
    await Promise.all(Array.from({ length: Math.min(1000, objects - entries.length - n) }, (_, i) => store.write({ key: key(n + i), value: value(n + i) })))
  await store.close()
}

/** Under which prefix the server keeps ConfigMaps: that of the ones it has made itself. */
function configMapsOf(keys: readonly string[]): string {
  const found = keys.map(key => /^(.*\/configmaps\/)/.exec(key)?.[1]).find(Boolean)
  if (!found) throw new Error('the server has no ConfigMap yet')
  return found
}
