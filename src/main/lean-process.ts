import module from 'node:module'
import { join } from 'node:path'

/** With what the process of an agent is started, so that it holds little: decision 150. */
export const LEAN_FLAGS: readonly string[] = ['--max-semi-space-size=1', '--no-opt', '--v8-pool-size=1']
const CACHE = join(import.meta.dirname, '../..', 'node_modules', '.cache', 'everynode')
export const leanEnvironment = (): Readonly<Record<string, string>> => ({
  MALLOC_ARENA_MAX: '1',
  NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] || CACHE,
})
/** Stands in the environment of a process that begins for the second time because it had converted. */
const AGAIN = 'EVERYNODE_BEGUN_AGAIN'

/** Begins again, in this process's place, as a lean process; returns when it is one already, or the system cannot do that. */
export function becomeLean(): void {
  const missing = LEAN_FLAGS.filter(flag => !process.execArgv.includes(flag))
  if (missing.length > 0) beginAgain([...process.execArgv, ...missing], leanEnvironment())
}

/**
 * Whether Node has had to make JavaScript of TypeScript here, because the compile cache did not have it: what it needs for that
 * it keeps to the end of the process.
 */
export const hasConverted = (): boolean =>
  (process as { moduleLoadList?: readonly string[] }).moduleLoadList?.some(name => name.includes('internal/deps/amaro')) ?? false

/** Keeps what has been converted, then begins again without the converter; not twice, and not where nothing can be kept. */
export function leaveConverter(): void {
  const again = process.env[AGAIN] !== undefined
  delete process.env[AGAIN]
  if (again || !hasConverted() || module.getCompileCacheDir() === undefined) return
  module.flushCompileCache()
  beginAgain(process.execArgv, { [AGAIN]: '1' })
}

function beginAgain(flags: readonly string[], environment: Readonly<Record<string, string>>): void {
  if (process.platform === 'win32' || typeof process.execve !== 'function') return
  process.execve(process.execPath, [process.execPath, ...flags, ...process.argv.slice(1)], { ...process.env, ...environment })
}
