import { readdir, readFile, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { cgroupsUnder } from '../host/cgroups.ts'
import { mountsUnder } from '../host/mounts.ts'
import { run } from '../host/run.ts'
import { bridgeOf, cgroupOf, commentOf, idOf, netnsPrefix } from './layout.ts'
import { namespacesOf } from './network.ts'
import { processesOf } from './processes.ts'

/** Files that local nodes leave outside their data directory only by mistake. */
const SHARED_DIRECTORIES = [
  '/var/log/pods',
  '/var/log/containers',
  '/run/containerd/s',
  '/run/containerd',
  '/var/lib/containerd',
  '/var/lib/cni/results',
  '/var/lib/kubelet',
]

/**
 * What the local nodes of a data directory hold of this machine now, one line each: processes, mounts, namespaces, links, cgroups,
 * firewall rules, sockets, and files outside the data directory. Nothing, once `up` has ended.
 */
export async function leaksOf(dataDir: string): Promise<readonly string[]> {
  const directory = await realpath(dataDir).catch(() => dataDir)
  const id = idOf(directory)
  const lines: string[] = []
  const add = (what: string, items: readonly string[]) => lines.push(...items.map(item => `${what} ${item}`))
  for (const pid of await processesOf(directory, cgroupOf(id))) add('process', [`${pid} ${await commandOf(pid)}`])
  add('mount', await mountsUnder(directory))
  add('namespace', await namespacesOf(netnsPrefix(id)))
  const links = await run('ip', ['-o', 'link', 'show'], { quiet: true }).catch(() => '')
  add(
    'link',
    [...links.matchAll(/^\d+: ([^:@\s]+)/gm)].map(([, name = '']) => name).filter(name => name === bridgeOf(id) || name.startsWith(`en${id}n`)),
  )
  add(
    'route',
    (await run('ip', ['-4', 'route', 'show'], { quiet: true }).catch(() => '')).split('\n').filter(line => line.includes(` ${bridgeOf(id)} `)),
  )
  add('cgroup', await cgroupsUnder(cgroupOf(id)))
  for (const table of ['filter', 'nat']) {
    const rules = await run('iptables', ['-w', '-t', table, '-S'], { quiet: true }).catch(() => '')
    add(
      'rule',
      rules.split('\n').filter(line => line.includes(commentOf(id))),
    )
  }
  add('socket', await socketsIn(directory))
  return lines.sort()
}

/** The same for the whole machine, whoever it belongs to: for comparing before with after. */
export async function sharedTraces(): Promise<readonly string[]> {
  const lines: string[] = []
  for (const directory of SHARED_DIRECTORIES) for (const name of await readdir(directory).catch(() => [])) lines.push(`file ${join(directory, name)}`)
  for (const name of await namespacesOf('')) lines.push(`namespace ${name}`)
  return lines.sort()
}

const commandOf = async (pid: number): Promise<string> =>
  (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0').join(' ').trim().slice(0, 200)

async function socketsIn(directory: string): Promise<readonly string[]> {
  const entries = await readdir(join(directory, 'nodes'), { recursive: true, withFileTypes: true }).catch(() => [])
  return entries.filter(entry => entry.isSocket()).map(entry => join(entry.parentPath, entry.name))
}
