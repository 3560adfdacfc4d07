/** What an installation has converted, no start converts. */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { mustRun, ROOT } from '../support/cluster.ts'

const cli = join(ROOT, 'src/main/cli.ts')

test('after an installation neither the first start of a server converts anything, nor a question about all kinds, nor an agent', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'everynode-converted-'))
  const cache = join(directory, 'cache')
  const env = { ...process.env, NODE_COMPILE_CACHE: cache }
  const inCache = () => readdirSync(cache, { recursive: true, encoding: 'utf8' }).sort()
  const running: ChildProcess[] = []
  /** Resolves with the first thing that it says. */
  const start = async (...words: readonly string[]): Promise<string> => {
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', cli, ...words], { env, stdio: ['ignore', 'pipe', 'inherit'] })
    running.push(child)
    return String((await once(child.stdout, 'data'))[0])
  }
  try {
    await mustRun(process.execPath, ['--disable-warning=ExperimentalWarning', join(ROOT, 'tools/convert.ts')], { env })
    const converted = inCache()
    assert.ok(converted.length > 2000, `${converted.length} entries`)

    const data = join(directory, 'data')
    assert.match(await start('server', '--listen', '127.0.0.1:0', '--data-dir', data), /is ready on/)
    const kubeconfig = join(data, 'kubeconfig')
    await mustRun('kubectl', ['--kubeconfig', kubeconfig, 'explain', 'daemonset.spec'])
    await mustRun('kubectl', ['--kubeconfig', kubeconfig, 'create', 'configmap', 'one', '--from-literal=a=b'])
    const agent = ['agent', '--runtime', 'processes', '--kubeconfig', kubeconfig, '--node-name', 'one']
    assert.match(await start(...agent, '--data-dir', join(directory, 'agent'), '--log-root', join(directory, 'log')), /is registered with/)
    for (const child of running.splice(0).reverse()) {
      child.kill('SIGINT')
      await once(child, 'exit')
    }
    assert.deepEqual(
      inCache().filter(file => !converted.includes(file)),
      [],
    )
  } finally {
    for (const child of running) child.kill('SIGKILL')
    rmSync(directory, { recursive: true, force: true })
  }
})
