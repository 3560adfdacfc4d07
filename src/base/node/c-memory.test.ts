import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { promisify } from 'node:util'

const { header } = process.report.getReport() as { readonly header: { readonly glibcVersionRuntime?: string } }
const skip = header.glibcVersionRuntime === undefined || process.getBuiltinModule('node:ffi') === undefined

/** In a process of its own, which prints numbers. */
async function run(lines: string): Promise<readonly number[]> {
  const program = `
import { keepLargeApart, trimMemory } from '${new URL('./c-memory.ts', import.meta.url)}'
const rss = () => process.memoryUsage.rss()
${lines}`
  const { stdout } = await promisify(execFile)(process.execPath, ['--disable-warning=ExperimentalWarning', '--expose-gc', '--input-type=module', '-e', program])
  return JSON.parse(stdout) as readonly number[]
}

/** 100 MB of buffers of a size, of which one in ten is kept. */
const HOLES = (size: number) => `
let all = Array.from({ length: ${100e6 / size} }, () => Buffer.allocUnsafeSlow(${size}).fill(1))
all = all.filter((_, i) => i % 10 === 0)
while (process.memoryUsage().arrayBuffers > 20e6) {
  gc()
  await new Promise(setImmediate)
}
`

test('what is free between what is held goes back to the system', { skip }, async () => {
  const [before, after] = await run(`${HOLES(2000)}
const before = rss()
trimMemory()
console.log(JSON.stringify([before, rss(), all.length]))`)
  assert.ok(before! - after! > 20e6, `${before} and then ${after} bytes`)
})

test('what is large goes back to the system with its end', { skip }, async () => {
  const work = `${HOLES(64 * 1024)}
console.log(JSON.stringify([rss(), all.length]))`
  const [together] = await run(work)
  const [apart] = await run(`keepLargeApart()${work}`)
  assert.ok(together! - apart! > 20e6, `${together} together, ${apart} apart`)
})

test('what is large goes back although something small came after it', { skip }, async () => {
  const [filled, after] = await run(`keepLargeApart()
const pairs = Array.from({ length: 1000 }, () => [Buffer.allocUnsafeSlow(64 * 1024).fill(1), Buffer.allocUnsafeSlow(20 * 1024).fill(1)])
const filled = rss()
for (const pair of pairs) pair.shift()
while (process.memoryUsage().arrayBuffers > 25e6) {
  gc()
  await new Promise(setImmediate)
}
console.log(JSON.stringify([filled, rss(), pairs.length]))`)
  assert.ok(filled! - after! > 58e6, `${filled} and then ${after} bytes`)
})
