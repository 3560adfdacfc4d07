/** The server killed at random moments under writes, as its clients see it: nothing acknowledged is lost, nothing seen was not. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { WatchEvent } from '../../src/api/access.ts'
import { DaemonSets } from '../../src/api/kinds/apps/daemon-set.ts'
import { Leases } from '../../src/api/kinds/coordination/lease.ts'
import { ConfigMaps } from '../../src/api/kinds/core/config-map.ts'
import { Namespaces } from '../../src/api/kinds/core/namespace.ts'
import type { KubeObject } from '../../src/api/meta/object.ts'
import { StatusError } from '../../src/api/meta/status.ts'
import { HttpApi } from '../../src/client/http/rest.ts'
import { readKubeconfig } from '../../src/client/node/kubeconfig.ts'
import { type Cluster, eventually, startCluster } from '../support/cluster.ts'

/** `EVERYNODE_KILL_ROUNDS=300` for the long run. */
const ROUNDS = Number(process.env['EVERYNODE_KILL_ROUNDS'] ?? 3)
/** Writes that each round has acknowledged before it is killed; on a busy machine that takes a while. */
const LEAST = 12
const NAMESPACE = 'killed'
const SET = { kind: DaemonSets, namespace: NAMESPACE, name: 'agent' }

interface Heard {
  readonly how: 'acknowledged' | 'seen'
  readonly revision: number
  readonly name: string
  /** Undefined: deleted. */
  readonly value: string | undefined
}

const heardOf = (how: Heard['how'], object: KubeObject, deleted = false): Heard => {
  const data = (object as { readonly data?: Readonly<Record<string, string>> }).data
  return { how, revision: Number(object.metadata.resourceVersion), name: object.metadata.name, value: deleted ? undefined : data?.['value'] }
}
const describe = ({ how, revision, name, value }: Heard): string => `${how} ${revision} ${name}=${value ?? '(gone)'}`
const clientOf = async (cluster: Cluster): Promise<HttpApi> => new HttpApi(await readKubeconfig({ file: cluster.kubeconfig }), { userAgent: 'kill-test' })

/** About 500 writes a second, and a watch, until the server is gone. */
async function useUntilKilled(
  api: HttpApi,
  cluster: Cluster,
  round: number,
): Promise<{ readonly heard: readonly Heard[]; readonly deletions: ReadonlyMap<string, number> }> {
  const heard: Heard[] = []
  /** When a deletion was last asked for: the order in which it was. */
  const deletions = new Map<string, number>()
  const stop = new AbortController()
  const { metadata } = await api.list({ kind: ConfigMaps, namespace: NAMESPACE })
  const take = (events: readonly WatchEvent[]) => {
    for (const event of events) if (event.type !== 'BOOKMARK') heard.push(heardOf('seen', event.object, event.type === 'DELETED'))
  }
  const watching = (async () => {
    for await (const events of api.watch({ kind: ConfigMaps, namespace: NAMESPACE }, { resourceVersion: metadata.resourceVersion, signal: stop.signal }))
      take(events)
  })().catch(() => {})

  let left = LEAST
  const enough = Promise.withResolvers<void>()
  const acknowledge = (object: KubeObject) => {
    heard.push(heardOf('acknowledged', object))
    if (--left === 0) enough.resolve()
  }
  let order = 0
  const write = async (): Promise<void> => {
    const at = ++order
    const name = `c${Math.floor(Math.random() * 40)}`
    const target = { kind: ConfigMaps, namespace: NAMESPACE, name }
    if (at % 10 === 0) {
      deletions.set(name, at)
      await api.delete(target)
      return
    }
    const body = { data: { value: `${round}.${at}` } }
    try {
      acknowledge(await api.patch(target, { type: 'merge', body }))
    } catch (error) {
      if (!(error instanceof StatusError) || error.reason !== 'NotFound') throw error
      acknowledge(await api.create(target, { metadata: { name }, ...body }))
    }
  }
  const renew = async (): Promise<void> => {
    const target = { kind: Leases, namespace: NAMESPACE, name: 'lease' }
    const renewTime = new Date().toISOString().replace('Z', '000Z')
    acknowledge(await api.patch(target, { type: 'merge', body: { spec: { renewTime } } }))
  }
  await api.patch(SET, { type: 'merge', body: { spec: { template: { metadata: { annotations: { round: String(round) } } } } } })
  const writing = new Set<Promise<unknown>>()
  const timer = setInterval(() => {
    for (let i = 0; i < 5 && writing.size < 200; i++) {
      const one = (i === 4 ? renew() : write()).catch(() => {}).finally(() => writing.delete(one))
      writing.add(one)
    }
  }, 10)
  await enough.promise
  await new Promise(resolve => setTimeout(resolve, Math.random() * 600))
  await cluster.kill()
  clearInterval(timer)
  stop.abort()
  api.close()
  await watching
  await Promise.all(writing)
  return { heard, deletions }
}

test(`a server killed ${ROUNDS} times under writes keeps what it acknowledged, has shown nothing else, and rolls on`, {
  timeout: 120_000 + ROUNDS * 20_000,
}, async t => {
  const dataDir = mkdtempSync(join(tmpdir(), 'everynode-kill-'))
  const flags = ['--nodes', '0', '--simulated', '3']
  /** What each revision meant, over all rounds. */
  const meaning = new Map<number, string>()
  let acknowledged = 0
  let cluster = await startCluster(flags, { dataDir })
  try {
    let api = await clientOf(cluster)
    await api.create({ kind: Namespaces }, { metadata: { name: NAMESPACE }, spec: {} })
    await api.create({ kind: Leases, namespace: NAMESPACE }, { metadata: { name: 'lease' }, spec: { holderIdentity: 'me', leaseDurationSeconds: 40 } })
    const template = { metadata: { labels: { app: 'agent' } }, spec: { containers: [{ name: 'agent', image: 'example.org/agent:1' }] } }
    await api.create({ kind: DaemonSets, namespace: NAMESPACE }, {
      metadata: { name: 'agent' },
      spec: { selector: { matchLabels: { app: 'agent' } }, template, updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 3 } } },
    } as never)

    for (let round = 1; round <= ROUNDS; round++) {
      const newest = Math.max(0, ...meaning.keys())
      const { heard, deletions } = await useUntilKilled(api, cluster, round)
      for (const each of heard) {
        const what = `${each.name}=${each.value}`
        assert.equal(meaning.get(each.revision) ?? what, what, `round ${round}: one write for each revision`)
        assert.ok(each.revision > newest, `round ${round}: ${describe(each)} is newer than ${newest}`)
        meaning.set(each.revision, what)
        if (each.how === 'acknowledged') acknowledged++
      }
      cluster = await startCluster(flags, { dataDir })
      api = await clientOf(cluster)
      const { items, metadata } = await api.list({ kind: ConfigMaps, namespace: NAMESPACE })
      const now = new Map(items.map(item => [item.metadata.name, item]))
      for (const each of heard) {
        assert.ok(each.revision <= Number(metadata.resourceVersion), `round ${round}: ${describe(each)}, but all is at ${metadata.resourceVersion}`)
        if (each.name === 'lease') continue
        const object = now.get(each.name)
        const revision = Number(object?.metadata.resourceVersion ?? 0)
        if (each.value === undefined) assert.ok(revision === 0 || revision > each.revision, `round ${round}: ${describe(each)}, but it is there since before`)
        else if (!object) assert.ok((deletions.get(each.name) ?? 0) > 0, `round ${round}: ${describe(each)}, but it is gone and nobody deleted it`)
        else if (revision === each.revision) assert.equal((object as { readonly data?: Readonly<Record<string, string>> }).data?.['value'], each.value)
        else assert.ok(revision > each.revision, `round ${round}: ${describe(each)}, but it is as it was at ${revision}`)
      }
      await eventually(
        () => api.get(SET),
        ({ metadata, status }) => status.observedGeneration === metadata.generation && status.updatedNumberScheduled === 3 && status.numberReady === 3,
        30_000,
      )
    }
    assert.ok(acknowledged >= ROUNDS * LEAST, `${acknowledged} writes were acknowledged`)
    t.diagnostic(`${acknowledged} writes were acknowledged`)
    api.close()
  } finally {
    await cluster.stop()
    rmSync(dataDir, { recursive: true, force: true })
  }
})
