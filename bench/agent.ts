/**
 * The agent of one node on containerd, a process of its own in a network namespace of its own: how fast it starts the pods of so many
 * DaemonSets, what it uses meanwhile, and what it uses when they only run. `--pods 10,50`, `--seconds` of rest. Needs root.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Nodes } from '../src/api/kinds/core/node.ts'
import { HttpApi } from '../src/client/http/rest.ts'
import { readKubeconfig } from '../src/client/node/kubeconfig.ts'
import { busyboxImage } from '../test/support/busybox-image.ts'
import { startCluster } from '../test/support/cluster.ts'
import { noContainers } from '../test/support/engine.ts'
import type { Bench } from './run.ts'
import { createSets, NODE_LABEL, setNames, timed, timedDelete } from './world/daemon-sets.ts'
import { refuseSwitchedOff } from './world/defaults.ts'
import { between, megabytes, round, usageOf } from './world/usage.ts'

const NODE = 'node-1'
const DAEMON = { cmd: ['/bin/sh', '-c', "trap 'exit 0' TERM; sleep 1000000 & wait"] }

export const agent: Bench = async ({ more }, print) => {
  refuseSwitchedOff()
  const why = noContainers()
  if (why) throw new Error(why)
  const directory = mkdtempSync(join(tmpdir(), 'en-bench-'))
  const images = join(directory, 'images.tar')
  writeFileSync(images, busyboxImage(['example.org/agent:1'], DAEMON))
  const cluster = await startCluster(['--nodes', '1', '--images', images], { dataDir: join(directory, 'data') })
  const api = new HttpApi(await readKubeconfig({ file: cluster.kubeconfig }), { userAgent: 'bench' })
  try {
    const pid = agentOf(cluster.process.pid!)
    await api.patch({ kind: Nodes, name: NODE }, { type: 'merge', body: { metadata: { labels: NODE_LABEL } } })
    while ((await api.get({ kind: Nodes, name: NODE })).spec.taints?.length) await new Promise(resolve => setTimeout(resolve, 200))
    for (const pods of (more['pods'] ?? '10,50').split(',').map(Number)) {
      const sets = setNames(pods)
      const started = usageOf(pid)
      const ms = await timed(
        api,
        sets,
        () => createSets(api, sets),
        ({ status }) => status.numberReady === 1,
      )
      const ready = usageOf(pid)
      print({
        bench: 'agent',
        figure: 'pods started',
        value: round((pods * 1000) / ms, 1),
        unit: 'pods/s',
        pods,
        seconds: round(ms / 1000),
        agentCpuSeconds: between(started, ready).cpuSeconds,
      })
      await new Promise(resolve => setTimeout(resolve, 5000))
      const before = usageOf(pid)
      await new Promise(resolve => setTimeout(resolve, Number(more['seconds'] ?? 20) * 1000))
      const after = usageOf(pid)
      const { cpuPercent, diskMBPerHour } = between(before, after)
      print({ bench: 'agent', figure: 'CPU at rest', value: cpuPercent, unit: '% of a core', pods, diskMBPerHour })
      print({ bench: 'agent', figure: 'memory', value: megabytes(after.residentBytes), unit: 'MB', pods })
      const deleteMs = await timedDelete(api, sets)
      print({
        bench: 'agent',
        figure: 'pods stopped and removed',
        value: round((pods * 1000) / deleteMs, 1),
        unit: 'pods/s',
        pods,
        seconds: round(deleteMs / 1000),
      })
    }
  } finally {
    api.close()
    await cluster.stop({ keepData: true })
    rmSync(directory, { recursive: true, force: true })
  }
}

/** The process of the node's agent: the child of `up` that is told its name. */
function agentOf(parent: number): number {
  const found = readdirSync('/proc').find(name => {
    if (!/^\d+$/.test(name)) return false
    try {
      const words = readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0')
      return words.includes('agent') && words[words.indexOf('--node-name') + 1] === NODE && parentOf(name) === parent
    } catch {
      return false
    }
  })
  if (!found) throw new Error('the agent is not to be found')
  return Number(found)
}

const parentOf = (pid: string): number => Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
