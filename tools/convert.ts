/**
 * Run when the program has been installed: loads every file of it and every library, so that Node's compile cache holds what
 * they become and no start converts. Processes of other flags have a cache of their own, and agents have others.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { globSync } from 'node:fs'
import { LEAN_FLAGS } from '../src/main/lean-process.ts'
import { LAZY } from '../src/main/version-verb.ts'

const SRC = new URL('../src/', import.meta.url)

const isLean = process.execArgv.includes(LEAN_FLAGS[0]!)
const lean = isLean ? undefined : spawn(process.execPath, [...process.execArgv, ...LEAN_FLAGS, import.meta.filename], { stdio: 'ignore' })
const files = globSync('**/*.ts', { cwd: SRC, exclude: ['**/*.test.ts'] })
// Files that refuse to run here, and such as only tests need, are converted as far as a start needs them.
await Promise.allSettled([...files.map(file => import(new URL(file, SRC).href)), ...Object.values(LAZY).map(load => load())])
if (lean && lean.exitCode === null) await once(lean, 'exit')
