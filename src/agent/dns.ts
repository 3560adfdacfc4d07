import type { PodSpec } from '../api/types/core/pod.ts'

export interface Resolver {
  readonly servers: readonly string[]
  readonly searches: readonly string[]
  readonly options: readonly string[]
}

export function parseResolvConf(text: string): Resolver {
  const servers: string[] = []
  let searches: string[] = []
  let options: string[] = []
  for (const line of text.split('\n')) {
    const [word = '', ...rest] = line
      .replace(/[#;].*/, '')
      .trim()
      .split(/\s+/)
    if (word === 'nameserver' && rest[0]) servers.push(rest[0])
    else if (word === 'search' || word === 'domain') searches = rest
    else if (word === 'options') options = rest
  }
  return { servers, searches, options }
}

const MOST_SERVERS = 3
const MOST_SEARCHES = 32

/** What a pod resolves names with. There is no cluster DNS: ClusterFirst falls back to the node's. */
export function resolverOf(spec: PodSpec, node: Resolver): { readonly resolver: Resolver; readonly missingClusterDns: boolean } {
  const own = spec.dnsConfig
  const base: Resolver = spec.dnsPolicy === 'None' ? { servers: [], searches: [], options: [] } : node
  const options = new Map(base.options.map(option => [option.split(':')[0]!, option]))
  for (const { name = '', value } of own?.options ?? []) options.set(name, value ? `${name}:${value}` : name)
  const missingClusterDns = spec.dnsPolicy === 'ClusterFirstWithHostNet' || (spec.dnsPolicy === 'ClusterFirst' && !spec.hostNetwork)
  return {
    resolver: {
      servers: [...new Set([...base.servers, ...(own?.nameservers ?? [])])].slice(0, MOST_SERVERS),
      searches: [...new Set([...base.searches, ...(own?.searches ?? [])])].slice(0, MOST_SEARCHES),
      options: [...options.values()],
    },
    missingClusterDns,
  }
}
