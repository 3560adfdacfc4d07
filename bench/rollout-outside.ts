/**
 * DaemonSets over simulated nodes whose agents run outside the server's process and speak to it over TLS: create, rolling update at
 * maxUnavailable 10 %, surge, label flip of half the nodes and back, delete. `--sets` DaemonSets at once.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Nodes } from '../src/api/kinds/core/node.ts'
import { type OutsideAgents, startOutsideAgents } from './agents/outside.ts'
import { profile, recordingOf } from './profile.ts'
import type { BenchOptions, Figure } from './run.ts'
import { createSets, imageOf, patchSets, setNames, timed, timedDelete } from './world/daemon-sets.ts'
import { type SeenChanges, startChanges } from './world/seen-changes.ts'
import { quantileBetween, type ServerProcess, startServerProcess } from './world/server-process.ts'
import { type SmallRequests, startSmallRequests } from './world/small-requests.ts'
import { quantile } from './world/times.ts'
import { between, megabytes, round, usageOf } from './world/usage.ts'

const DELAY = 'everynode_event_loop_delay_seconds'
const DELIVERY = 'everynode_watch_delivery_seconds'
const FLIPPING = 64
const IDLE_MS = 8000

export async function rolloutOutside(nodes: number, { more }: BenchOptions, print: (figure: Figure) => void): Promise<void> {
  const sets = setNames(Number(more['sets'] ?? 1))
  const { recorded, directory, suffix } = recordingOf({ more })
  const server = await startServerProcess({ inspected: directory !== undefined })
  let agents: OutsideAgents | undefined
  let small: SmallRequests | undefined
  let changed: SeenChanges | undefined
  try {
    agents = await startOutsideAgents(server, nodes)
    small = startSmallRequests(server.connection)
    changed = await startChanges(server.connection, 'node-00000')
    const { api } = server
    const about = { nodes, sets: sets.length, ...agents.shared }
    const phase = async (figure: string, pods: number, work: () => Promise<number>) => {
      const [loop, used, agentsUsed] = [await server.metrics(), usageOf(server.pid), agents!.cpu()]
      const profiled = server.inspector && (await profile(server.inspector, recorded))
      small!.take()
      changed!.take()
      const ms = await work()
      if (profiled) writeFileSync(join(directory!, `${figure.replaceAll(' ', '-')}-${nodes}.${suffix}`), await profiled())
      const [loopAfter, usedAfter] = [await server.metrics(), usageOf(server.pid)]
      const [times, changes] = [small!.take(), changed!.take()]
      const { cpuSeconds } = between(used, usedAfter)
      print({
        bench: 'rollout',
        figure,
        value: round(ms / 1000, 3),
        unit: 's',
        pods,
        ...(pods > 0 && {
          podsPerSecond: Math.round((pods * 1000) / ms),
          mainThreadMicrosPerPod: Math.round(((usedAfter.mainThread - used.mainThread) * 1e6) / pods),
        }),
        serverCpuSeconds: cpuSeconds,
        agentsCpuSeconds: round(agents!.cpu() - agentsUsed, 2),
        loopDelayP99Ms: round(quantileBetween(loop, loopAfter, DELAY, 0.99) * 1000, 1),
        deliveryP99Ms: round(quantileBetween(loop, loopAfter, DELIVERY, 0.99) * 1000, 1),
        changeSeenP99Ms: quantile(changes, 0.99),
        smallGetP50Ms: quantile(times, 0.5),
        smallGetP99Ms: quantile(times, 0.99),
        residentMB: megabytes(usedAfter.residentBytes),
        ...about,
      })
    }
    const all = nodes * sets.length
    const half = Math.floor(nodes / 2)
    const ready = (wanted: number) => (set: Parameters<Parameters<typeof timed>[3]>[0]) =>
      set.status.desiredNumberScheduled === wanted &&
      set.status.numberReady === wanted &&
      set.status.currentNumberScheduled === wanted &&
      set.status.numberMisscheduled === 0
    const updated = (set: Parameters<Parameters<typeof timed>[3]>[0]) => set.status.updatedNumberScheduled === nodes && set.status.numberAvailable === nodes
    const surge = { ...imageOf(3).spec, updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: '10%' } } }
    await phase('idle', 0, () => new Promise(resolve => setTimeout(() => resolve(IDLE_MS), IDLE_MS)))
    await phase('create', all, () => timed(api, sets, () => createSets(api, sets), ready(nodes)))
    await phase('update', all, () => timed(api, sets, () => patchSets(api, sets, imageOf(2)), updated))
    await phase('surge', all, () => timed(api, sets, () => patchSets(api, sets, { spec: surge }), updated))
    await phase('flip half away', half * sets.length, () => timed(api, sets, () => label(server, half, 'off'), ready(nodes - half)))
    await phase('flip half back', half * sets.length, () => timed(api, sets, () => label(server, half, 'on'), ready(nodes)))
    await phase('delete', all, () => timedDelete(api, sets))
  } finally {
    await small?.stop()
    await changed?.stop()
    await agents?.stop()
    await server.stop()
  }
}

/** Gives the first nodes another label; the time of a phase begins when the last has it. */
async function label({ api }: ServerProcess, count: number, value: string): Promise<void> {
  const { items } = await api.list({ kind: Nodes }, { resourceVersion: '0' })
  let next = 0
  const work = async () => {
    for (let i = next++; i < count; i = next++)
      await api.patch({ kind: Nodes, name: items[i]!.metadata.name }, { type: 'merge', body: { metadata: { labels: { bench: value } } } })
  }
  await Promise.all(Array.from({ length: FLIPPING }, work))
}
