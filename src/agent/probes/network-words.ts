/** How Go's network library, and so the kubelet, words that an address could not be reached. */
const CAUSES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connect: connection refused',
  EHOSTUNREACH: 'connect: no route to host',
  ENETUNREACH: 'connect: network is unreachable',
  ETIMEDOUT: 'i/o timeout',
}

export const hostAndPort = (host: string, port: number): string => `${host.includes(':') ? `[${host}]` : host}:${port}`

/** Why nothing answered at an address, in those words; what they have none for stays as it is. */
export function whyUnreachable(error: Error, host: string, port: number): string {
  const { code = '', message } = error as NodeJS.ErrnoException
  const cause = CAUSES[code]
  if (cause) return `dial tcp ${hostAndPort(host, port)}: ${cause}`
  if (code === 'ENOTFOUND') return `dial tcp: lookup ${host}: no such host`
  return code === 'ECONNRESET' ? 'EOF' : message
}
