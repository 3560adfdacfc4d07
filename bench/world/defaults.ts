/** A figure counts only for what users run: the bench does not start with anything switched off. */
import { statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'

const TMPFS = 0x01021994
const SHIM = 'DISK_SHIM_DELAY_US'

/** Throws when the environment would make the server, or its disk, other than it is by default. */
export function refuseSwitchedOff(env: NodeJS.ProcessEnv = process.env): void {
  const set = Object.keys(env).filter(name => /^(EVERYNODE_|NODE_OPTIONS$|NODE_DISABLE_|UV_THREADPOOL_SIZE$)/.test(name) && env[name] !== '')
  if (set.length > 0) throw new Error(`${set.join(', ')} is set: the bench measures the default configuration only`)
  if (env['LD_PRELOAD'] && !env[SHIM]) throw new Error('LD_PRELOAD is set: it might take the syncs away that a durable write waits for')
  if (statfsSync(tmpdir()).type === TMPFS) throw new Error(`${tmpdir()} is in memory: set TMPDIR to a directory on a disk`)
}
