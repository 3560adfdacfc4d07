import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { Result } from './reporter.ts'
import { runShard } from './shard.ts'

const root = mkdtempSync(join(tmpdir(), 'everynode-shard-'))
after(() => rmSync(root, { recursive: true, force: true }))

async function shard(source: string, deadline = 60_000) {
  const file = join(root, 'subject.test.mjs')
  writeFileSync(file, `import { test, describe } from 'node:test'\n${source}`)
  const results: Result[] = []
  // A test run inside a test run would report to the outer one.
  const counts = await runShard([file], { timeout: 20_000, deadline, root, env: { NODE_TEST_CONTEXT: '' }, onResult: result => results.push(result) })
  return { counts, results: results.map(({ name, outcome, why }) => ({ name: name.replace(`${root}/`, ''), outcome, why })) }
}

test('every leaf is a result, a suite is none', async () => {
  const { counts, results } = await shard(
    `describe('a', () => { test('good', () => {}); test('bad', () => { throw new Error('no') }); test('not here', { skip: 'missing program: x' }, () => {}) })`,
  )
  assert.deepEqual(counts, { passed: 1, failed: 1, skipped: 1 })
  assert.deepEqual(
    results.map(({ name, outcome, why }) => [name, outcome, why?.split('\n')[0]]),
    [
      ['a › good', 'passed', undefined],
      ['a › bad', 'failed', 'Error: no'],
      ['a › not here', 'skipped', 'missing program: x'],
    ],
  )
})

test('a process that loops is ended at its deadline and says which test ran and where it was', async () => {
  const { counts, results } = await shard(
    `test('first', () => {})\ntest('endless', async () => { await 1; setTimeout(function spin() { for (;;); }); await new Promise(() => {}) })`,
    4_000,
  )
  assert.deepEqual(counts, { passed: 1, failed: 1, skipped: 0 })
  assert.match(results.at(-1)!.why!, /^ended after 4 s; running were: endless\nit was at:\n[\s\S]*at .*spin/)
})

test('a process that waits for ever is ended at its deadline, and waited', async () => {
  const { results } = await shard(`test('waiting', async () => { setInterval(() => {}, 60_000); await new Promise(() => {}) })`, 4_000)
  assert.match(results[0]!.why!, /^ended after 4 s; running were: waiting\nit waited/)
})

test('a process that leaves something open ends with its last test', async () => {
  const { counts } = await shard(`import { createServer } from 'node:net'\ntest('open', () => { createServer().listen(0, '127.0.0.1') })`)
  assert.deepEqual(counts, { passed: 1, failed: 0, skipped: 0 })
})

test('a process whose output somebody else holds open is over when it has ended', async () => {
  const { counts } = await shard(`import { spawn } from 'node:child_process'\ntest('child', () => { spawn('sleep', ['10'], { stdio: 'inherit' }).unref() })`)
  assert.deepEqual(counts, { passed: 1, failed: 0, skipped: 0 })
})

test('a process that breaks before its first test is a failure', async () => {
  const { counts, results } = await shard(`throw new Error('broken')`)
  assert.equal(counts.failed, 1)
  assert.match(results[0]!.why!, /broken/)
})

test('a process that is read late has lost nothing', async () => {
  const told = shard(`for (let i = 0; i < 300; i++) test('number ' + i, () => {})`)
  // Nobody reads while it runs and ends.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2_000)
  assert.deepEqual((await told).counts, { passed: 300, failed: 0, skipped: 0 })
})

test('a process that ends itself in the middle is a failure', async () => {
  const { counts, results } = await shard(
    `test('first', () => {})\ntest('second', async () => { await new Promise(resolve => setTimeout(resolve, 300)); process.exit(0) })`,
  )
  assert.deepEqual(counts, { passed: 1, failed: 1, skipped: 0 })
  assert.match(results[1]!.why!, /^exit code 0, before all was told/)
})
