/**
 * The server is killed while N agents are connected, and started again on its data directory: how long until every agent has its
 * session, its watches and its link back and has renewed its lease, and whether any node was taken for lost meanwhile.
 */
import { Leases } from '../src/api/kinds/coordination/lease.ts'
import { Nodes } from '../src/api/kinds/core/node.ts'
import { startOutsideAgents } from './agents/outside.ts'
import type { Bench } from './run.ts'
import { quantileBetween, ServerMetrics, type ServerProcess, startServerProcess } from './world/server-process.ts'
import { startSmallRequests } from './world/small-requests.ts'
import { quantile } from './world/times.ts'
import { megabytes, round, usageOf } from './world/usage.ts'

const LONGEST_MS = 120_000

export const reconnect: Bench = async ({ nodes, more }, print) => {
  for (const count of nodes) {
    const server = await startServerProcess({ profile: more['profile'] })
    try {
      const agents = await startOutsideAgents(server, count, more['profile'])
      try {
        await new Promise(resolve => setTimeout(resolve, 3000))
        const before = (await server.metrics()).value('apiserver_longrunning_requests')
        const startMs = await server.killAndStart()
        const startedAt = Date.now()
        const began = performance.now()
        const small = startSmallRequests(server.connection)
        const open = async () => (await server.metrics()).value('apiserver_longrunning_requests') >= before
        const since = () => performance.now() - began
        const [watchesMs, leasesMs] = await Promise.all([until(open, began, 250).then(since), allRenewed(server, startedAt).then(since)])
        const times = small.take()
        await small.stop()
        const { items } = await server.api.list({ kind: Nodes }, { resourceVersion: '0' })
        const lost = items.filter(({ status }) =>
          status.conditions?.some(c => c.type === 'Ready' && (c.status !== 'True' || Date.parse(c.lastTransitionTime ?? '') >= startedAt)),
        ).length
        const after = usageOf(server.pid)
        print({
          bench: 'reconnect',
          figure: 'all served',
          value: round(Math.max(watchesMs, leasesMs) / 1000),
          unit: 's',
          watchesBackSeconds: round(watchesMs / 1000),
          leasesRenewedSeconds: round(leasesMs / 1000),
          nodesTakenForLost: lost,
          longRunning: before,
          startSeconds: round(startMs / 1000),
          serverCpuSeconds: round(after.cpu, 1),
          loopDelayP99Ms: round(quantileBetween(new ServerMetrics(''), await server.metrics(), 'everynode_event_loop_delay_seconds', 0.99) * 1000, 1),
          smallGetP99Ms: quantile(times, 0.99),
          residentMB: megabytes(after.residentBytes),
          nodes: count,
          ...agents.shared,
        })
      } finally {
        await agents.stop()
      }
    } finally {
      await server.stop()
    }
  }
}

/** Resolves when every lease has been renewed since. A watch hears of each renewal once; lists of thousands would keep the server from serving. */
async function allRenewed({ api }: ServerProcess, since: number): Promise<void> {
  const signal = AbortSignal.timeout(LONGEST_MS)
  const old = new Set<string>()
  let listed = false
  for await (const events of api.watch({ kind: Leases, namespace: 'kube-node-lease' }, { initialEvents: true, bookmarks: true, signal })) {
    for (const event of events) {
      if (event.type === 'BOOKMARK') listed = true
      else if (Date.parse(event.object.spec.renewTime ?? '') >= since) old.delete(event.object.metadata.name)
      else old.add(event.object.metadata.name)
    }
    if (listed && old.size === 0) return
  }
  throw new Error(`${old.size} leases were not renewed within ${LONGEST_MS / 1000} s`)
}

async function until(done: () => Promise<boolean>, began: number, pauseMs: number): Promise<void> {
  while (!(await done().catch(() => false))) {
    if (performance.now() - began > LONGEST_MS) throw new Error(`not there after ${LONGEST_MS / 1000} s`)
    await new Promise(resolve => setTimeout(resolve, pauseMs))
  }
}
