import { stat } from 'node:fs/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { DaemonSets } from '../../src/api/kinds/apps/daemon-set.ts'
import { ConfigMaps } from '../../src/api/kinds/core/config-map.ts'
import { Nodes } from '../../src/api/kinds/core/node.ts'
import type { DaemonSet } from '../../src/api/types/apps/daemon-set.ts'
import { silentLog } from '../../src/base/log.ts'
import { openSqlite } from '../../src/store/sqlite.ts'
import { Random } from './random.ts'
import { SimCluster } from './sim-cluster.ts'

export interface LongRunOptions {
  readonly file: string
  readonly nodes: number
  /** How much virtual time passes, in steps of as much; after each the cluster is weighed. */
  readonly steps: number
  readonly stepHours: number
  readonly onStep?: (weight: Weight, step: number) => void | Promise<void>
}

/** What a cluster weighs once all garbage is collected and history is as short as it gets. */
export interface Weight {
  readonly virtualHours: number
  readonly heapBytes: number
  readonly fileBytes: number
  readonly objects: number
  /** Past changes in memory. */
  readonly events: number
  readonly revision: number
}

const HOUR_MS = 3600_000
const SETS = ['log-shipper', 'exporter']

/**
 * A cluster with a database on a disk, over virtual days of churn: each hour one of two DaemonSets is rolled out anew, another
 * comes and goes, a twentieth of the nodes change the label that the second one selects by, a node comes and goes, and ConfigMaps are
 * written, changed and deleted. Leases are renewed, events written and expired, history compacted as in a server.
 */
export async function longRun({ file, nodes, steps, stepHours, onStep }: LongRunOptions): Promise<readonly Weight[]> {
  const random = new Random(1)
  const cluster = await SimCluster.start(random, silentLog, { store: await openSqlite({ file }), stepMs: 5000, housekeeping: true })
  const weights: Weight[] = []
  try {
    cluster.startAgents(Array.from({ length: nodes }, (_, i) => `node-${i}`))
    for (const name of SETS) await cluster.api.create({ kind: DaemonSets, namespace: 'default' }, daemonSet(name, 0))
    await cluster.time.pass(60_000)
    for (let step = 0; step < steps; step++) {
      for (let hour = 0; hour < stepHours; hour++) await churn(cluster, random, step * stepHours + hour)
      const weight = await weigh(cluster, file, (step + 1) * stepHours)
      weights.push(weight)
      await onStep?.(weight, step)
    }
    return weights
  } finally {
    await cluster.close()
  }
}

async function churn(cluster: SimCluster, random: Random, hour: number): Promise<void> {
  const { api, time, nodeNames } = cluster
  const at = { kind: DaemonSets, namespace: 'default' }
  const maps = { kind: ConfigMaps, namespace: 'default' }
  const passing = `passing-${hour}`
  const rolled = { spec: { template: { spec: { containers: [{ name: 'main', image: `example.org/daemon:${hour + 1}` }] } } } }
  await api.patch({ ...at, name: SETS[hour % SETS.length]! }, { type: 'strategic', body: rolled })
  await api.create(at, daemonSet(passing, hour))
  for (let i = 0; i < 10; i++) await api.create(maps, { metadata: { name: `${passing}-${i}` }, data: { text: 'x'.repeat(10_000) } })
  for (const name of nodeNames.filter(() => random.next() < 0.05))
    await api.patch({ kind: Nodes, name }, { type: 'merge', body: { metadata: { labels: { on: random.next() < 0.5 ? 'yes' : 'no' } } } })
  cluster.startAgent(`guest-${hour}`)
  await time.pass(HOUR_MS / 2)
  await cluster.removeNode(`guest-${hour}`)
  await api.delete({ ...at, name: passing }, { propagation: 'Foreground' })
  for (let i = 0; i < 10; i++) await api.delete({ ...maps, name: `${passing}-${i}` })
  await time.pass(HOUR_MS / 2)
}

const daemonSet = (name: string, hour: number): Pick<DaemonSet, 'metadata' | 'spec'> =>
  ({
    metadata: { name, namespace: 'default' },
    spec: {
      selector: { matchLabels: { app: name } },
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '10%' } },
      template: {
        metadata: { labels: { app: name } },
        spec: {
          ...(name !== SETS[0] && { nodeSelector: { on: 'yes' } }),
          containers: [{ name: 'main', image: `example.org/daemon:${hour}` }],
        },
      },
    },
  }) as unknown as DaemonSet

setFlagsFromString('--expose-gc')
const gc = runInNewContext('gc') as NodeJS.GCFunction

async function weigh({ caches, time }: SimCluster, file: string, virtualHours: number): Promise<Weight> {
  await caches.compact(caches.revision)
  await time.settle()
  for (let i = 0; i < 3; i++) {
    gc()
    await new Promise(setImmediate)
  }
  const { objects, events } = caches.held()
  return {
    virtualHours,
    heapBytes: process.memoryUsage().heapUsed,
    fileBytes: (await stat(file)).size,
    objects,
    events,
    revision: caches.revision,
  }
}
