import { existsSync, readdirSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { cgroupsUnder } from '../../src/agent/host/cgroups.ts'
import { mountsUnder } from '../../src/agent/host/mounts.ts'
import { cgroupOf, idOf } from '../../src/agent/local-nodes/layout.ts'
import { commandOf, processesOnNode } from './local-processes.ts'

/** Where agent and engine of a local node keep what belongs to a pod, the addresses of the engine's network among it. */
const PLACES = ['agent/pods', 'log/pods', 'log/containers', 'engine/run/io.containerd.runtime.v2.task/k8s.io', 'engine/run/netns', 'engine/ipam/everynode']

/** What is left on local nodes, with agents and engines at work, of pods that are gone. */
export async function tracesOfPods(dataDir: string, nodes: readonly string[]): Promise<readonly string[]> {
  const data = realpathSync(dataDir)
  const left: string[] = []
  for (const node of nodes) {
    const home = join(data, 'nodes', node)
    for (const place of PLACES) {
      const path = join(home, place)
      const names = existsSync(path) ? readdirSync(path) : []
      left.push(...names.filter(name => name !== 'lock' && !name.startsWith('last_reserved_ip')).map(name => join(node, place, name)))
    }
    left.push(...(await mountsUnder(home)))
    left.push(...(await processesOnNode(data, node)).map(commandOf).filter(line => !/ agent |containerd --config/.test(line)))
    left.push(...(await cgroupsUnder(`${cgroupOf(idOf(data))}/${node}`)).filter(path => /pod/.test(path)))
  }
  return left
}
