/** A library is loaded when it is used: what an idle server and the command line have loaded is this and no more. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { mustRun, ROOT } from '../support/cluster.ts'

const HEAVY = ['@grpc/grpc-js', '@peculiar/x509', 'jose', 'pino', 're2js', 'reflect-metadata', 'undici', 'ws', 'yaml']
const cli = join(ROOT, 'src/main/cli.ts')

/** Runs a verb until it has said `ready`, then once more to see it idle; resolves with the heavy packages that the last run loaded. */
async function heavyOf(words: readonly string[], ready: RegExp, file: string): Promise<string[]> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', '--import', join(ROOT, 'test/support/record-loaded.ts'), cli, ...words], {
    env: { ...process.env, EVERYNODE_LOADED: file },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = new Promise<void>(done => child.once('close', () => done()))
  await new Promise<void>((done, fail) => {
    child.stdout.on('data', (text: Buffer) => ready.test(text.toString()) && done())
    void ended.then(() => fail(new Error(`${words[0]} ended before it was ready`)))
  })
  child.kill('SIGINT')
  await ended
  const loaded = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : []
  return HEAVY.filter(name => loaded.includes(name))
}

test('an idle server loads no library that only some requests need, not even at its first start, when it issues certificates', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'everynode-loaded-'))
  try {
    const server = ['server', '--listen', '127.0.0.1:0', '--data-dir', join(directory, 'data')]
    assert.deepEqual(await heavyOf(server, /is ready on/, join(directory, 'first')), [])
    assert.deepEqual(await heavyOf(server, /is ready on/, join(directory, 'second')), [])
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
})

test('the command line itself loads none of them', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'everynode-loaded-'))
  try {
    const file = join(directory, 'version')
    await mustRun(process.execPath, ['--import', join(ROOT, 'test/support/record-loaded.ts'), cli, 'version'], { env: { EVERYNODE_LOADED: file } })
    assert.deepEqual(readFileSync(file, 'utf8').trim().split('\n'), ['commander'])
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
})
