/** A server whose disk is full: writes are refused with the reason, all else goes on, and it recovers by itself. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { Leases } from '../../src/api/kinds/coordination/lease.ts'
import { ConfigMaps } from '../../src/api/kinds/core/config-map.ts'
import { Nodes } from '../../src/api/kinds/core/node.ts'
import { StatusError } from '../../src/api/meta/status.ts'
import { HttpApi } from '../../src/client/http/rest.ts'
import { readKubeconfig } from '../../src/client/node/kubeconfig.ts'
import { isRoot } from '../../tools/testing/programs.ts'
import { type Cluster, eventually, startCluster } from '../support/cluster.ts'

const directory = mkdtempSync(join(tmpdir(), 'everynode-full-'))
const mounted = isRoot && spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=12m,mode=0700', 'tmpfs', directory]).status === 0
const skip = mounted ? false : 'host feature `mount`: cannot make a small file system'
const ballast = join(directory, 'ballast')
let cluster: Cluster | undefined
let api: HttpApi

before(async () => {
  if (!mounted) return
  writeFileSync(ballast, Buffer.alloc(6 << 20))
  cluster = await startCluster(['--nodes', '0', '--simulated', '2'], { dataDir: join(directory, 'data') })
  api = new HttpApi(await readKubeconfig({ file: cluster.kubeconfig }), { userAgent: 'full-test' })
})
after(async () => {
  api?.close()
  await cluster?.stop()
  if (mounted) spawnSync('umount', ['-l', directory])
  rmSync(directory, { recursive: true, force: true })
})

const at = { kind: ConfigMaps, namespace: 'default' }
const large = (name: string) => api.create(at, { metadata: { name }, data: { value: 'x'.repeat(400_000) } })
const small = (name: string) => api.create(at, { metadata: { name }, data: { value: 'small' } })

test('a full disk refuses writes with 503, the file and the free bytes, while reads, watches and leases go on; then it recovers', {
  skip,
  timeout: 120_000,
}, async () => {
  const stored: string[] = []
  let refusal: unknown
  for (let i = 0; i < 100 && !refusal; i++)
    await large(`large-${i}`).then(
      () => stored.push(`large-${i}`),
      (error: unknown) => {
        refusal = error
      },
    )
  assert.ok(refusal instanceof StatusError)
  assert.equal(refusal.code, 503)
  assert.match(refusal.message, /cannot write .*everynode\.db: database or disk is full \(\d+ bytes free on its file system\)/)
  assert.ok((refusal.status.details?.retryAfterSeconds ?? 0) > 0)

  const names = async () =>
    (await api.list(at)).items
      .map(({ metadata }) => metadata.name)
      .filter(name => name.startsWith('large'))
      .sort()
  assert.deepEqual(await names(), [...stored].sort())
  const lease = await api.get({ kind: Leases, namespace: 'kube-node-lease', name: 'sim-1' })
  await eventually(
    () => api.get({ kind: Leases, namespace: 'kube-node-lease', name: 'sim-1' }),
    now => now.spec.renewTime !== lease.spec.renewTime,
    30_000,
  )
  for (const { status } of (await api.list({ kind: Nodes })).items) assert.equal(status.conditions?.find(({ type }) => type === 'Ready')?.status, 'True')

  const stop = new AbortController()
  const { metadata } = await api.list(at)
  const watching = (async () => {
    for await (const events of api.watch(at, { resourceVersion: metadata.resourceVersion, signal: stop.signal }))
      for (const event of events) if (event.type === 'ADDED') return event.object.metadata.name
    return undefined
  })()
  rmSync(ballast)
  await eventually(
    () =>
      small('after').then(
        () => true,
        () => false,
      ),
    written => written,
  )
  assert.equal(await watching, 'after')
  stop.abort()
  await large('large-again')
  assert.deepEqual(await names(), [...stored, 'large-again'].sort())

  const data = cluster!.dataDir
  await cluster!.kill()
  api.close()
  cluster = await startCluster(['--nodes', '0', '--simulated', '2'], { dataDir: data })
  api = new HttpApi(await readKubeconfig({ file: cluster.kubeconfig }), { userAgent: 'full-test' })
  assert.deepEqual(await names(), [...stored, 'large-again'].sort())
})
