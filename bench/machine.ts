/** What a figure was measured on; a durable write means nothing without the disk's own time. */
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { cpus, loadavg, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'

export interface Machine {
  readonly cores: number
  readonly cpu: string
  readonly memoryGiB: number
  readonly node: string
  /** Median milliseconds of fdatasync after an append of 4 kB. */
  readonly fdatasyncMs: number
  /** What wanted to run in the minute before; with the cores or more, others used the machine and the figures say little. */
  readonly loadAverage?: number
}

export async function machine(): Promise<Machine> {
  const [cpu] = cpus()
  return {
    cores: cpus().length,
    cpu: cpu?.model ?? '',
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    fdatasyncMs: fdatasyncMs(),
    loadAverage: Number(loadavg()[0]!.toFixed(1)),
  }
}

function fdatasyncMs(): number {
  const directory = mkdtempSync(join(tmpdir(), 'everynode-bench-'))
  const file = openSync(join(directory, 'append'), 'w')
  try {
    const block = Buffer.alloc(4096, 1)
    const times = Array.from({ length: 200 }, () => {
      const started = performance.now()
      writeSync(file, block)
      fdatasyncSync(file)
      return performance.now() - started
    })
    return Number(median(times).toFixed(3))
  } finally {
    closeSync(file)
    rmSync(directory, { recursive: true })
  }
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}
