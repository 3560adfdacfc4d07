/** Builds the shim that makes a disk slow or failing, and says how to run a process on it. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Disk {
  /** Added to each sync. */
  readonly delayMicros?: number
  /** Syncs fail while this file exists. */
  readonly failWhile?: string
}

/** The environment of a process on such a disk; the library is put into `directory`. Needs a C compiler. */
export function diskEnvironment(directory: string, { delayMicros, failWhile }: Disk): Record<string, string> {
  const library = join(directory, 'disk-shim.so')
  const { status, stderr, error } = spawnSync('cc', ['-shared', '-fPIC', '-O1', '-o', library, join(import.meta.dirname, 'disk-shim.c'), '-ldl'], {
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`cannot build the shim: ${error?.message ?? stderr}`)
  return {
    LD_PRELOAD: library,
    ...(delayMicros !== undefined && { DISK_SHIM_DELAY_US: String(delayMicros) }),
    ...(failWhile !== undefined && { DISK_SHIM_FAIL: failWhile }),
  }
}

/** Runs a program of ours once more on a slow disk; returns its exit code. */
export function onSlowDisk(delayMicros: number, words: readonly string[]): number {
  const directory = mkdtempSync(join(tmpdir(), 'everynode-disk-'))
  try {
    const env = { ...process.env, ...diskEnvironment(directory, { delayMicros }) }
    return spawnSync(process.execPath, words, { stdio: 'inherit', env }).status ?? 1
  } finally {
    rmSync(directory, { recursive: true })
  }
}
