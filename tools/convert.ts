/**
 * Run when the program has been installed: loads every file of it and every library, so that Node's compile cache holds what
 * they become and no start converts. Processes of other flags have a cache of their own, and agents have others.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, globSync, readdirSync } from 'node:fs'
import module from 'node:module'
import { join } from 'node:path'
import { LEAN_FLAGS } from '../src/main/lean-process.ts'
import { LAZY } from '../src/main/version-verb.ts'

const SRC = new URL('../src/', import.meta.url)

const isLean = process.execArgv.includes(LEAN_FLAGS[0]!)
const lean = isLean ? undefined : spawn(process.execPath, [...process.execArgv, ...LEAN_FLAGS, import.meta.filename], { stdio: 'ignore' })
const files = globSync('**/*.ts', { cwd: SRC, exclude: ['**/*.test.ts'] })
// Files that refuse to run here, and such as only tests need, are converted as far as a start needs them.
await Promise.allSettled([...files.map(file => import(new URL(file, SRC).href)), ...Object.values(LAZY).map(load => load())])
module.flushCompileCache()
const cache = module.getCompileCacheDir()
// Node keeps the cache for its owner; what root installs, others run.
if (cache !== undefined) for (const entry of readdirSync(cache)) chmodSync(join(cache, entry), 0o644)
if (lean && lean.exitCode === null) await once(lean, 'exit')
