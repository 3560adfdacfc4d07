import { readFile, stat, writeFile } from 'node:fs/promises'
import { run } from '../host/run.ts'
import { commentOf, type LocalNetwork, type LocalNode } from './layout.ts'

const FORWARDING = '/proc/sys/net/ipv4/ip_forward'

/** Rules of the machine's firewall that let the nodes talk to each other and to the outside. */
export function firewallRules({ id, bridge, cidr }: Pick<LocalNetwork, 'id' | 'bridge' | 'cidr'>): readonly (readonly string[])[] {
  const comment = ['-m', 'comment', '--comment', commentOf(id)]
  return [
    ['-t', 'filter', 'FORWARD', '-i', bridge, ...comment, '-j', 'ACCEPT'],
    ['-t', 'filter', 'FORWARD', '-o', bridge, ...comment, '-j', 'ACCEPT'],
    ['-t', 'nat', 'POSTROUTING', '-s', cidr, '!', '-d', cidr, ...comment, '-j', 'MASQUERADE'],
  ]
}

const rule = (verb: '-I' | '-D', [t = '', table = '', chain = '', ...rest]: readonly string[]): string[] => ['-w', t, table, verb, chain, ...rest]

/**
 * The hardware address that goes with an IPv4 address. Were they drawn, a bridge would change its own whenever a cable comes or goes,
 * and a node with each reboot; what its neighbours remember would lead nowhere for up to a minute.
 */
export const hardwareAddressOf = (ip: string): string => ['02', '00', ...ip.split('.').map(byte => Number(byte).toString(16).padStart(2, '0'))].join(':')

/** Makes the bridge that joins the nodes and the machine. */
export async function createBridge(network: LocalNetwork): Promise<void> {
  const { bridge, address } = network
  await run('ip', ['link', 'add', bridge, 'address', hardwareAddressOf(address), 'type', 'bridge'])
  await run('ip', ['addr', 'add', `${address}/24`, 'dev', bridge])
  await run('ip', ['link', 'set', bridge, 'up'])
  await writeFile(FORWARDING, '1')
  for (const one of firewallRules(network)) await run('iptables', rule('-I', one))
}

/** Makes a node's network namespace: a cable to the bridge, a way out, and the way to its pods. */
export async function createNamespace({ bridge, address }: LocalNetwork, node: LocalNode): Promise<void> {
  const inside = (...args: readonly string[]) => run('ip', ['-n', node.netns, ...args])
  await run('ip', ['netns', 'add', node.netns])
  const eth0 = ['name', 'eth0', 'address', hardwareAddressOf(node.address), 'netns', node.netns]
  await run('ip', ['link', 'add', node.link, 'type', 'veth', 'peer', ...eth0])
  await run('ip', ['link', 'set', node.link, 'master', bridge, 'up'])
  await inside('link', 'set', 'lo', 'up')
  await inside('addr', 'add', `${node.address}/24`, 'dev', 'eth0')
  await inside('link', 'set', 'eth0', 'up')
  await inside('route', 'add', 'default', 'via', address)
  await run('nsenter', [`--net=/run/netns/${node.netns}`, 'sh', '-c', `echo 1 > ${FORWARDING}`])
  await run('ip', ['route', 'replace', node.podCIDR, 'via', node.address, 'dev', bridge])
}

/** Makes a node's network namespace again if it has been taken away; false when it is there. */
export async function mendNamespace(network: LocalNetwork, node: LocalNode): Promise<boolean> {
  const mounts = await readFile('/proc/self/mountinfo', 'utf8')
  if (mounts.includes(` ${pathOf(node.netns)} `)) return false
  // Its name may be left, and the cable while a process still lives in it.
  await run('ip', ['netns', 'del', node.netns], { quiet: true })
  await run('ip', ['link', 'del', node.link], { quiet: true })
  await createNamespace(network, node)
  return true
}

/** Whether a process lives in the namespace that bears this name now. */
export async function livesIn(netns: string, pid: number): Promise<boolean> {
  const [named, lived] = await Promise.all([namespaceAt(pathOf(netns)), namespaceOf(pid)])
  return named !== undefined && named === lived
}

/** Names one namespace, whatever path leads to it; undefined when none does. */
export const namespaceAt = (path: string): Promise<string | undefined> =>
  stat(path).then(
    ({ dev, ino }) => `${dev}:${ino}`,
    () => undefined,
  )

/** The network namespace that a process lives in. */
export const namespaceOf = (pid: number | string): Promise<string | undefined> => namespaceAt(`/proc/${pid}/ns/net`)

const pathOf = (netns: string): string => `/run/netns/${netns}`

/** Destinations of this machine's routes. */
export async function routes(): Promise<readonly string[]> {
  const lines = (await run('ip', ['-4', 'route', 'show'])).split('\n')
  return lines.map(line => line.split(' ')[0] ?? '').filter(word => word !== '')
}

/** Takes away bridge, cables, routes, namespaces and rules of an id, whatever of them there is. */
export async function removeNetwork(id: string, bridge: string, namespaces: readonly string[]): Promise<void> {
  for (const netns of namespaces) await run('ip', ['netns', 'del', netns], { quiet: true })
  const links = await run('ip', ['-o', 'link', 'show'], { quiet: true })
  for (const [, name = ''] of links.matchAll(/^\d+: ([^:@\s]+)/gm)) if (name.startsWith(`en${id}n`)) await run('ip', ['link', 'del', name], { quiet: true })
  if (links.includes(` ${bridge}:`)) await run('ip', ['link', 'del', bridge], { quiet: true })
  for (const table of ['filter', 'nat']) {
    const saved = await run('iptables', ['-w', '-t', table, '-S'], { quiet: true })
    for (const line of saved.split('\n')) {
      if (!line.startsWith('-A ') || !line.includes(commentOf(id))) continue
      await run('iptables', ['-w', '-t', table, '-D', ...line.slice(3).replaceAll('"', '').split(' ')], { quiet: true })
    }
  }
}

export async function namespacesOf(prefix: string): Promise<readonly string[]> {
  const { readdir } = await import('node:fs/promises')
  return (await readdir('/run/netns').catch(() => [])).filter(name => name.startsWith(prefix))
}

/** Whether the machine forwarded packets before. */
export const isForwarding = async (): Promise<boolean> => (await readFile(FORWARDING, 'utf8')).trim() === '1'
export const setForwarding = (on: boolean): Promise<void> => writeFile(FORWARDING, on ? '1' : '0')
