/** A server that moves to another address: one command tells the agents, and they find it. */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { type Cluster, eventually, mustRun, ROOT, startCluster } from '../support/cluster.ts'

const directory = mkdtempSync(join(tmpdir(), 'everynode-move-'))
const agents = new Map<string, ChildProcess>()
let cluster: Cluster | undefined
after(async () => {
  for (const name of [...agents.keys()]) await stopAgent(name)
  await cluster?.stop()
  rmSync(directory, { recursive: true, force: true })
})

const cli = ['--disable-warning=ExperimentalWarning', join(ROOT, 'src/main/cli.ts')]

/** Starts the agent of a simulated node; resolves when it says that it is registered. */
async function startAgent(name: string, ...words: readonly string[]): Promise<void> {
  const own = ['--runtime', 'simulated', '--node-name', name, '--data-dir', join(directory, name)]
  const child = spawn(process.execPath, [...cli, 'agent', ...own, ...words], { stdio: ['ignore', 'pipe', 'pipe'] })
  agents.set(name, child)
  let said = ''
  await new Promise<void>((done, fail) => {
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (text: Buffer) => {
        said += String(text)
        if (said.includes('is registered')) done()
      })
    child.once('close', () => fail(new Error(`the agent ended: ${said}`)))
  })
}
async function stopAgent(name: string): Promise<void> {
  const child = agents.get(name)!
  agents.delete(name)
  child.kill('SIGINT')
  await new Promise(done => child.once('close', done))
}
const freePort = (): Promise<number> =>
  new Promise(done => {
    const server = createServer()
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => done(typeof address === 'object' && address ? address.port : 0))
    })
  })
const renewed = async (node: string): Promise<string> =>
  (await cluster!.kubectl('get', 'lease', '-n', 'kube-node-lease', node, '-o', 'jsonpath={.spec.renewTime}')).trim()

test('agents that were told of an address go on there by themselves, also after a restart; one that was away is named and needs no new token', {
  timeout: 120_000,
}, async () => {
  const dataDir = join(directory, 'server')
  const flags = ['--nodes', '0', '--simulated', '0']
  cluster = await startCluster(flags, { dataDir })
  const line = await mustRun(process.execPath, [...cli, 'token', 'create', '--data-dir', dataDir], { env: { KUBECONFIG: '' } })
  const joining = line.trim().split(' ').slice(2)
  for (const name of ['stays', 'restarts', 'away']) await startAgent(name, ...joining)
  await cluster.kubectl('wait', 'node', '--all', '--for=condition=Ready', '--timeout=30s')
  await stopAgent('away')
  // What node lifecycle would say of it 40 s later.
  const unknown = { status: { conditions: [{ type: 'Ready', status: 'Unknown', reason: 'NodeStatusUnknown' }] } }
  await cluster.kubectl('patch', 'node', 'away', '--subresource=status', '--type=strategic', '-p', JSON.stringify(unknown))

  const address = `127.0.0.1:${await freePort()}`
  const said = await mustRun(process.execPath, [...cli, 'move', address, '--data-dir', dataDir], { env: { KUBECONFIG: '' } })
  assert.match(said, new RegExp(`^2 of 3 nodes are told of https://${address}\\.\nThese are not connected and .*: away\\.\n.*--server https://${address};`))
  const known = (name: string) => join(directory, name, 'agent', 'servers')
  await eventually(
    () => [known('stays'), known('restarts')].map(file => (existsSync(file) ? readFileSync(file, 'utf8').includes(address) : false)),
    all => all.every(Boolean),
  )
  await cluster.stop({ keepData: true })
  await stopAgent('restarts')

  cluster = await startCluster([...flags, '--listen', address], { dataDir })
  assert.equal(cluster.url, `https://${address}`)
  const before = await renewed('stays')
  await eventually(
    () => renewed('stays'),
    now => now !== before,
    60_000,
  )
  await startAgent('restarts')
  await startAgent('away', '--server', `https://${address}`)
  await cluster.kubectl('wait', 'node', '--all', '--for=condition=Ready', '--timeout=60s')
})
