import { accessSync, constants, mkdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { Failure } from './failure.ts'

/** Where a server or agent keeps what must survive, when `--data-dir` does not say. */
export function defaultDataDir(env: NodeJS.ProcessEnv = process.env): string {
  if (process.getuid?.() === 0) return '/var/lib/everynode'
  return join(env['XDG_DATA_HOME'] || join(homedir(), '.local', 'share'), 'everynode')
}

/** Makes the directory (0700) if it is not there; fails with the remedy when it cannot be used. */
export function openDataDir(dir: string): string {
  const path = resolve(dir)
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 })
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    const why =
      code === 'EACCES' || code === 'EPERM' ? 'no permission to write there' : code === 'EROFS' ? 'the file system is read-only' : (cause as Error).message
    throw new Failure(`data directory ${path}: ${why}; choose another with --data-dir`, 1, { cause })
  }
  return path
}
