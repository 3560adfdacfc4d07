/** A library, and what of our own only some requests need, is loaded when it is used. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { mustRun, ROOT } from '../support/cluster.ts'

const HEAVY = ['@grpc/grpc-js', '@peculiar/x509', 'jose', 'pino', 're2js', 'reflect-metadata', 'undici', 'ws', 'yaml']
/** Of our own. */
const LATER = [
  'src/agent/streams/serve.ts',
  'src/api/cel/compile.ts',
  'src/api/protobuf/codec.ts',
  'src/api/yaml/read.ts',
  'src/base/node/spdy.ts',
  'src/client/node/kubeconfig.ts',
  'src/server/openapi/schemas.ts',
  'src/server/streaming/serve-pod-streams.ts',
]
const cli = join(ROOT, 'src/main/cli.ts')

/** Runs a verb until it has said `ready`, then once more to see it idle; resolves with what it has loaded that it should not need. */
async function neededLater(words: readonly string[], ready: RegExp, file: string): Promise<string[]> {
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
  return [...HEAVY, ...LATER].filter(name => loaded.includes(name))
}

test('an idle server loads nothing that only some requests need, not even at its first start, when it issues certificates', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'everynode-loaded-'))
  try {
    const server = ['server', '--listen', '127.0.0.1:0', '--data-dir', join(directory, 'data')]
    assert.deepEqual(await neededLater(server, /is ready on/, join(directory, 'first')), [])
    assert.deepEqual(await neededLater(server, /is ready on/, join(directory, 'second')), [])
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
})

test('the command line itself loads none of them', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'everynode-loaded-'))
  try {
    const file = join(directory, 'version')
    await mustRun(process.execPath, ['--import', join(ROOT, 'test/support/record-loaded.ts'), cli, 'version'], { env: { EVERYNODE_LOADED: file } })
    const loaded = readFileSync(file, 'utf8').trim().split('\n')
    assert.deepEqual(
      loaded.filter(name => !name.startsWith('src/')),
      ['commander'],
    )
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
})
