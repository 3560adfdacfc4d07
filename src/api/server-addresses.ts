import type { ConfigMap } from './types/core/config.ts'

/** The ConfigMap that says where the server can be found: what `everynode move` writes, and the server tells its agents. */
export const ADDRESSES = { namespace: 'kube-system', name: 'everynode-addresses' } as const
const MOST = 8
const LONGEST = 256

/** Addresses (`https://HOST:PORT`) as their text says, one a line, the newest first; what is none is left out. */
export function parseAddresses(text: string): readonly string[] {
  return [...new Set(text.split('\n').flatMap(line => originOf(line.trim()) ?? []))].slice(0, MOST)
}

/** The addresses of `before` with a new one in front. */
export const withAddress = (before: readonly string[], address: string): readonly string[] => parseAddresses([address, ...before].join('\n'))

export const addressesOf = (map: ConfigMap | undefined): readonly string[] => parseAddresses(map?.data?.['addresses'] ?? '')

function originOf(text: string): string | undefined {
  if (!text.startsWith('https://') || text.length > LONGEST || !URL.canParse(text)) return undefined
  return new URL(text).origin
}
