import { createHash } from 'node:crypto'
import { join } from 'node:path'

/** One node of several on this machine. */
export interface LocalNode {
  readonly name: string
  /** Its address on the bridge: InternalIP. */
  readonly address: string
  readonly podCIDR: string
  /** Network namespace, as `ip netns` names it. */
  readonly netns: string
  /** Its end of the cable in the root namespace. */
  readonly link: string
  /** Everything of this node. */
  readonly dir: string
  readonly engineDir: string
  readonly agentDir: string
  readonly logRoot: string
  readonly cgroup: string
}

export interface LocalNetwork {
  /** Tells what belongs to this data directory from everything else on the machine. */
  readonly id: string
  readonly bridge: string
  /** The machine's address on the bridge, where the server listens too. */
  readonly address: string
  /** Holds all addresses of nodes and pods. */
  readonly cidr: string
  readonly cgroup: string
  readonly nodes: readonly LocalNode[]
}

/** Nodes at most: each has a /24 of the network's /16, the last one is the bridge's. */
export const MOST_NODES = 200
const SECOND_OCTETS = 64
const FIRST_SECOND_OCTET = 160

export const idOf = (dataDir: string): string => createHash('sha256').update(dataDir).digest('hex').slice(0, 6)
export const commentOf = (id: string): string => `everynode-${id}`
export const cgroupOf = (id: string): string => `/everynode-${id}`
export const bridgeOf = (id: string): string => `en-${id}`
/** How the names of all local nodes' namespaces begin. */
export const NETNS = 'everynode-'
export const netnsPrefix = (id: string): string => `${NETNS}${id}-`

/** Where the second octet of an address range is already in use on this machine. */
export function octetsInUse(routes: readonly string[]): ReadonlySet<number> {
  const used = new Set<number>()
  for (const route of routes) {
    const found = /^10\.(\d+)\.\d+\.\d+(?:\/(\d+))?/.exec(route)
    if (found) used.add(Number(found[1]))
  }
  return used
}

/** Names and addresses of the nodes of a data directory; the same ones every time where the machine's routes allow it. */
export function layOut(dataDir: string, names: readonly string[], used: ReadonlySet<number>): LocalNetwork {
  if (names.length > MOST_NODES) throw new RangeError(`at most ${MOST_NODES} local nodes are possible; --simulated has no such limit`)
  const id = idOf(dataDir)
  const start = Number.parseInt(id, 16) % SECOND_OCTETS
  const candidates = Array.from({ length: SECOND_OCTETS }, (_, i) => FIRST_SECOND_OCTET + ((start + i) % SECOND_OCTETS))
  const octet = candidates.find(o => !used.has(o))
  if (octet === undefined) throw new Error('no free range 10.160.0.0/16 to 10.223.0.0/16 for the addresses of local nodes')
  const nodes = names.map((name, i): LocalNode => {
    const dir = join(dataDir, 'nodes', name)
    return {
      name,
      address: `10.${octet}.255.${i + 11}`,
      podCIDR: `10.${octet}.${i + 1}.0/24`,
      netns: `${netnsPrefix(id)}${i + 1}`,
      link: `en${id}n${i + 1}`,
      dir,
      engineDir: join(dir, 'engine'),
      agentDir: join(dir, 'agent'),
      logRoot: join(dir, 'log'),
      cgroup: `${cgroupOf(id)}/${name}`,
    }
  })
  return { id, bridge: bridgeOf(id), address: `10.${octet}.255.1`, cidr: `10.${octet}.0.0/16`, cgroup: cgroupOf(id), nodes }
}
