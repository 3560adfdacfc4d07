import { readdir, rm, rmdir } from 'node:fs/promises'
import net from 'node:net'
import { join } from 'node:path'
import type { Clock } from '../../base/clock.ts'
import { removeCgroup } from '../host/cgroups.ts'
import { unmountUnder } from '../host/mounts.ts'
import { bridgeOf, cgroupOf, idOf, NETNS, netnsPrefix } from './layout.ts'
import { namespacesOf, removeNetwork } from './network.ts'
import { endProcesses } from './processes.ts'

/** Where containerd of this age puts the sockets of its shims, whatever its configuration says. */
const SHIM_SOCKETS = '/run/containerd/s'

/** Takes away whatever an earlier run of this data directory has left: processes, mounts, namespaces, rules, cgroups, sockets. Files of pods and engines stay. */
export async function cleanLocalNodes(dataDir: string, clock: Clock): Promise<void> {
  const id = idOf(dataDir)
  await endProcesses(dataDir, cgroupOf(id), clock)
  await unmountUnder(join(dataDir, 'nodes'))
  await removeNetwork(id, bridgeOf(id), await namespacesOf(netnsPrefix(id)))
  await removeCgroup(cgroupOf(id))
  for (const name of await readdir(join(dataDir, 'nodes')).catch(() => [])) {
    // Notes of our own have names that no node can have.
    if (name.startsWith('.')) continue
    await rm(join(dataDir, 'nodes', name, 'engine', 'run'), { recursive: true, force: true })
    await rm(join(dataDir, 'nodes', name, 'engine', 'ipam'), { recursive: true, force: true })
  }
  await removeDeadSockets()
  // Places to mount on, made for pods that see /var/log; removing them under another data directory's pods would unmount theirs.
  if ((await namespacesOf(NETNS)).length === 0) for (const path of ['/var/log/pods', '/var/log/containers']) await rmdir(path).catch(() => {})
}

/** Sockets of shims that no longer live. */
async function removeDeadSockets(): Promise<void> {
  for (const name of await readdir(SHIM_SOCKETS).catch(() => [])) {
    const path = join(SHIM_SOCKETS, name)
    if (!(await answers(path))) await rm(path, { force: true })
  }
  await rmdir(SHIM_SOCKETS).catch(() => {})
  await rmdir('/run/containerd').catch(() => {})
}

function answers(path: string): Promise<boolean> {
  return new Promise(resolve => {
    const socket = net.connect(path)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
