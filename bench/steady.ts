/**
 * N nodes at rest with ten daemon pods each: what the server uses while they do nothing but say that they live. Each agent is a
 * client of its own with its certificate, TLS session and six watches (pods, node, services, the root authority, a config map, a
 * secret), and renews its lease every 10 s. `--pods` for each node, `--seconds` of looking.
 */
import { startOutsideAgents } from './agents/outside.ts'
import type { Bench } from './run.ts'
import { createMounted, createSets, setNames, timed } from './world/daemon-sets.ts'
import { startServerProcess } from './world/server-process.ts'
import { between, megabytes, round, usageOf } from './world/usage.ts'

/** After a roll: events and statuses are written, and when it has been calm for a while, what it left is tidied. */
const SETTLE_MS = 45_000

export const steady: Bench = async ({ nodes, more }, print) => {
  for (const count of nodes) {
    const server = await startServerProcess({ profile: more['profile'] })
    try {
      const empty = usageOf(server.pid)
      const agents = await startOutsideAgents(server, count)
      try {
        const joined = usageOf(server.pid)
        const sets = setNames(Number(more['pods'] ?? 10))
        const about = { nodes: count, podsPerNode: sets.length, ...agents.shared }
        await createMounted(server.api)
        const began = performance.now()
        await timed(
          server.api,
          sets,
          () => createSets(server.api, sets, { mounts: true }),
          ({ status }) => status.numberReady === count,
        )
        print({
          bench: 'steady',
          figure: 'all Ready',
          value: round((performance.now() - began) / 1000, 1),
          unit: 's',
          joined: between(empty, joined),
          ...about,
        })
        await new Promise(resolve => setTimeout(resolve, SETTLE_MS))
        const [before, said] = [usageOf(server.pid), await server.metrics()]
        await new Promise(resolve => setTimeout(resolve, Number(more['seconds'] ?? 40) * 1000))
        const [after, saidAfter] = [usageOf(server.pid), await server.metrics()]
        const { cpuPercent, mainThreadPercent, diskMBPerHour, seconds } = between(before, after)
        const leases =
          saidAfter.value('apiserver_request_total\\{verb="update",resource="leases",code="200"\\}') -
          said.value('apiserver_request_total\\{verb="update",resource="leases",code="200"\\}')
        print({
          bench: 'steady',
          figure: 'CPU',
          value: cpuPercent,
          unit: '% of a core',
          mainThreadPercent,
          seconds: round(seconds, 0),
          leasesPerSecond: round(leases / seconds, 1),
          ...about,
        })
        print({
          bench: 'steady',
          figure: 'memory',
          value: megabytes(after.residentBytes),
          unit: 'MB',
          emptyMB: megabytes(empty.residentBytes),
          joinedMB: megabytes(joined.residentBytes),
          connections: saidAfter.value('apiserver_connections'),
          watches: saidAfter.value('everynode_cache_watches'),
          ...about,
        })
        print({ bench: 'steady', figure: 'disk', value: diskMBPerHour, unit: 'MB/h', ...about })
      } finally {
        await agents.stop()
      }
    } finally {
      await server.stop()
    }
  }
}
