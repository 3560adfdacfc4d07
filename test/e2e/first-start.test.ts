/** A first start that ends in the middle, at each of its steps: the next start finishes it. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, watch } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { Namespaces } from '../../src/api/kinds/core/namespace.ts'
import { Services } from '../../src/api/kinds/core/service.ts'
import type { KindRef } from '../../src/api/kinds/kind.ts'
import { ClusterRoleBindings, RoleBindings } from '../../src/api/kinds/rbac/bindings.ts'
import { ClusterRoles, Roles } from '../../src/api/kinds/rbac/roles.ts'
import { PriorityClasses } from '../../src/api/kinds/scheduling/priority-class.ts'
import { HttpApi } from '../../src/client/http/rest.ts'
import { readKubeconfig } from '../../src/client/node/kubeconfig.ts'
import { ROOT, startCluster } from '../support/cluster.ts'

const KINDS: readonly KindRef[] = [Namespaces, PriorityClasses, ClusterRoles, ClusterRoleBindings, Roles, RoleBindings, Services]
const SIZES = ['--nodes', '0', '--simulated', '0']

/** What every cluster has, as whoever has its kubeconfig finds it once it is ready. */
async function firstObjects(dataDir: string): Promise<readonly string[]> {
  const cluster = await startCluster(SIZES, { dataDir })
  const api = new HttpApi(await readKubeconfig({ file: cluster.kubeconfig }), { userAgent: 'first-start-test' })
  try {
    const lists = await Promise.all(KINDS.map(kind => api.list({ kind })))
    return lists.flatMap(({ items }, i) => items.map(({ metadata }) => `${KINDS[i]!.resource} ${metadata.namespace ?? ''}/${metadata.name}`)).sort()
  } finally {
    await api.close()
    await cluster.stop({ keepData: true })
  }
}

/** Starts a server where there is none, and kills it when a file below its data directory has come, or changed, for the nth time, and at the latest when it is ready. */
async function killWhen(dataDir: string, file: string, times: number): Promise<void> {
  mkdirSync(join(dataDir, 'pki'))
  const words = ['up', ...SIZES, '--listen', '127.0.0.1:0', '--data-dir', dataDir]
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', join(ROOT, 'src/main/cli.ts'), ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  // On a busy machine what comes last may be seen too late.
  child.stdout.once('data', () => child.kill('SIGKILL'))
  let seen = 0
  const watchers = [dataDir, join(dataDir, 'pki')].map(directory =>
    watch(directory, (_, name) => {
      if (name === file && ++seen === times) child.kill('SIGKILL')
    }),
  )
  await new Promise(done => child.once('close', done))
  for (const watcher of watchers) watcher.close()
}

let directory = ''
let whole: readonly string[] = []
before(async () => {
  directory = mkdtempSync(join(tmpdir(), 'everynode-first-start-'))
  whole = await firstObjects(mkdtempSync(join(directory, 'whole-')))
  assert.ok(whole.includes('clusterroles /cluster-admin') && whole.includes('services default/kubernetes'))
})
after(() => rmSync(directory, { recursive: true, force: true }))

const MOMENTS: readonly (readonly [file: string, times: number])[] = [
  ['everynode.db', 1],
  ['everynode.db-wal', 6],
  ['everynode.db-wal', 10],
  ['everynode.db-wal', 16],
  ['everynode.db-wal', 28],
  ['ca.key', 1],
  ['ca.crt', 1],
  ['server.key', 1],
  ['admin.crt', 1],
  ['kubeconfig', 1],
]
for (const [file, times] of MOMENTS) {
  test(`a first start that is killed when ${file} has come ${times} times is finished by the next one`, { timeout: 120_000 }, async () => {
    const dataDir = mkdtempSync(join(directory, 'killed-'))
    await killWhen(dataDir, file, times)
    assert.deepEqual(await firstObjects(dataDir), whole)
  })
}
