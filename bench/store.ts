/**
 * The SQLite store in its worker: durable writes per second by number of writers and by writes per commit, lazy writes,
 * reading everything. `--objects`, `--seconds` (of each figure), `--writers`, `--batches`.
 */
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { openSqlite, type SqliteStore } from '../src/store/sqlite.ts'
import { SqliteDatabase } from '../src/store/sqlite-database.ts'
import { benchPod, podKey } from './pods.ts'
import type { Bench, Figure } from './run.ts'

type Print = (figure: Figure) => void

export const store: Bench = async ({ more }, print) => {
  const objects = Number(more['objects'] ?? 20_000)
  const seconds = Number(more['seconds'] ?? 2)
  const directory = mkdtempSync(join(tmpdir(), 'everynode-bench-'))
  try {
    await writers(join(directory, 'writers.db'), objects, seconds, (more['writers'] ?? '1,10,100,1000').split(',').map(Number), print)
    batches(join(directory, 'batches.db'), objects, seconds, (more['batches'] ?? '1,10,30,100,200').split(',').map(Number), print)
  } finally {
    rmSync(directory, { recursive: true })
  }
}

const bytesOf = (n: number, second: number): Uint8Array => Buffer.from(JSON.stringify(benchPod(n, 'Running', second)))

async function writers(file: string, objects: number, seconds: number, counts: readonly number[], print: Print): Promise<void> {
  let sqlite = await openSqlite({ file })
  const began = performance.now()
  await Promise.all(Array.from({ length: objects }, (_, n) => sqlite.write({ key: podKey(n), value: bytesOf(n, 0) })))
  print({ bench: 'store', figure: 'create', objects, value: Math.round((objects * 1000) / (performance.now() - began)), unit: 'writes/s' })

  const updates = async (lazy: boolean) => {
    for (const count of counts) {
      const figure = await closedLoop(seconds, count, async (writer, turn) => {
        const n = (writer * 7919 + turn * 104_729) % objects
        await sqlite.write({ key: podKey(n), value: bytesOf(n, turn % 3600), lazy })
      })
      print({ bench: 'store', figure: lazy ? 'lazy update' : 'durable update', objects, writers: count, ...figure })
    }
  }
  await updates(false)
  await paced(sqlite, file, objects, seconds * 2, print)
  await updates(true)

  await sqlite.close()
  const opening = performance.now()
  sqlite = await openSqlite({ file })
  const { entries } = await sqlite.list('/')
  print({ bench: 'store', figure: 'open and read all', objects: entries.length, value: Math.round(performance.now() - opening), unit: 'ms' })
  await sqlite.close()
}

async function closedLoop(
  seconds: number,
  writers: number,
  write: (writer: number, turn: number) => Promise<void>,
): Promise<{ readonly value: number; readonly unit: string; readonly [detail: string]: number | string }> {
  const times: number[] = []
  const loop = monitorEventLoopDelay({ resolution: 1 })
  const cpu = process.cpuUsage()
  const disk = writtenBytes()
  const busy = performance.eventLoopUtilization()
  loop.enable()
  const began = performance.now()
  const until = began + seconds * 1000
  await Promise.all(
    Array.from({ length: writers }, async (_, writer) => {
      for (let turn = 0; performance.now() < until; turn++) {
        const asked = performance.now()
        await write(writer, turn)
        times.push(performance.now() - asked)
      }
    }),
  )
  const took = performance.now() - began
  loop.disable()
  const used = process.cpuUsage(cpu)
  times.sort((a, b) => a - b)
  const at = (share: number) => round(times[Math.floor(times.length * share)] ?? 0)
  return {
    value: Math.round((times.length * 1000) / took),
    unit: 'writes/s',
    ackP50Ms: at(0.5),
    ackP99Ms: at(0.99),
    ackMaxMs: round(times.at(-1) ?? 0),
    loopP99Ms: round(loop.percentile(99) / 1e6),
    mainMicrosPerWrite: round((performance.eventLoopUtilization(busy).active * 1000) / times.length),
    processMicrosPerWrite: round((used.user + used.system) / times.length),
    diskKbPerWrite: round((writtenBytes() - disk) / 1024 / times.length),
  }
}

/** What checkpoints do to those who wait, at a rate below what the disk can take. */
async function paced(sqlite: SqliteStore, file: string, objects: number, seconds: number, print: Print): Promise<void> {
  const rate = 10_000
  const times: number[] = []
  const loop = monitorEventLoopDelay({ resolution: 1 })
  let log = 0
  let turn = 0
  loop.enable()
  const began = performance.now()
  const writing: Promise<unknown>[] = []
  while (performance.now() - began < seconds * 1000) {
    while (turn < ((performance.now() - began) / 1000) * rate) {
      const n = (turn++ * 104_729) % objects
      const asked = performance.now()
      writing.push(sqlite.write({ key: podKey(n), value: bytesOf(n, turn % 3600) }).then(() => times.push(performance.now() - asked)))
    }
    log = Math.max(log, statSync(`${file}-wal`).size)
    await new Promise(setImmediate)
  }
  await Promise.all(writing)
  loop.disable()
  times.sort((a, b) => a - b)
  const at = (share: number) => round(times[Math.floor(times.length * share)] ?? 0)
  print({
    bench: 'store',
    figure: 'acknowledgement at 10,000 updates/s',
    objects,
    value: at(0.5),
    unit: 'ms p50',
    p99Ms: at(0.99),
    maxMs: round(times.at(-1) ?? 0),
    loopP99Ms: round(loop.percentile(99) / 1e6),
    logMb: round(log / 2 ** 20),
  })
}

/** How the size of a commit pays, without threads. */
function batches(file: string, objects: number, seconds: number, sizes: readonly number[], print: Print): void {
  const database = new SqliteDatabase(file)
  for (let n = 0; n < objects; n += 200) database.write(Array.from({ length: 200 }, (_, i) => ({ key: podKey(n + i), value: bytesOf(n + i, 0) })))
  for (const size of sizes) {
    const times: number[] = []
    const began = performance.now()
    let turn = 0
    let encoding = 0
    while (performance.now() - began < seconds * 1000) {
      const encoded = performance.now()
      const group = Array.from({ length: size }, () => {
        const n = (turn++ * 104_729) % objects
        return { key: podKey(n), value: bytesOf(n, turn % 3600) }
      })
      const asked = performance.now()
      encoding += asked - encoded
      database.write(group)
      times.push(performance.now() - asked)
    }
    const took = performance.now() - began - encoding
    times.sort((a, b) => a - b)
    print({
      bench: 'store',
      figure: 'durable update by commit',
      objects,
      batch: size,
      value: Math.round((turn * 1000) / took),
      unit: 'writes/s',
      commitP50Ms: round(times[times.length >> 1]!),
      commitP99Ms: round(times[Math.floor(times.length * 0.99)]!),
    })
  }
  database.close()
}

/** What the process has had written to disks. */
function writtenBytes(): number {
  try {
    return Number(/^write_bytes: (\d+)/m.exec(readFileSync('/proc/self/io', 'utf8'))?.[1] ?? 0)
  } catch {
    return 0
  }
}

const round = (value: number): number => Number(value.toFixed(2))
