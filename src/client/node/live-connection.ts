import { X509Certificate } from 'node:crypto'
import { withAddress } from '../../api/server-addresses.ts'
import type { Connection } from './kubeconfig.ts'

/** A connection that changes while it is used: whoever dials next uses what it is then. */
export interface LiveConnection extends Connection {
  replace(certificate: string, key: string): void
  /** Where the server can be found besides, the best first. Gives back all that is known, the one in use in front. */
  learn(servers: readonly string[]): readonly string[]
  /** Nobody answered there: the next who dials tries the next address. */
  unreachable(server: string): void
}

export function liveConnection(connection: Connection, known: readonly string[] = []): LiveConnection {
  let { certificate, key } = connection
  let servers = [...new Set([...known, connection.server])]
  const told = new Set<() => void>()
  return {
    ...connection,
    get server() {
      return servers[0]!
    },
    get certificate() {
      return certificate
    },
    get key() {
      return key
    },
    replace(nextCertificate, nextKey) {
      certificate = nextCertificate
      key = nextKey
      for (const tell of [...told]) tell()
    },
    onReplaced(tell) {
      told.add(tell)
      return () => told.delete(tell)
    },
    learn(more) {
      servers = [...withAddress([...more, ...servers], servers[0]!)]
      return servers
    },
    unreachable(server) {
      // Several may have tried in vain at once.
      if (server === servers[0]) servers = [...servers.slice(1), server]
    },
  }
}

/** When a certificate is to be renewed: at two thirds of its life, in milliseconds since 1970. */
export function renewalTime(certificate: string): number {
  const { validFromDate, validToDate } = new X509Certificate(certificate)
  return validFromDate.getTime() + ((validToDate.getTime() - validFromDate.getTime()) * 2) / 3
}
