import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { HttpApi } from '../client/http/rest.ts'
import { type Connection, readKubeconfig } from '../client/node/kubeconfig.ts'
import { defaultDataDir } from './data-dir.ts'

export interface ConnectFlags {
  readonly kubeconfig?: string
  /** A context other than the current one. */
  readonly context?: string
  readonly dataDir?: string
}

/** The cluster that a verb is about: the kubeconfig named, `$KUBECONFIG`, the one in the data directory, or the user's own. */
export async function connectionOf({ kubeconfig, context, dataDir }: ConnectFlags): Promise<Connection> {
  if (kubeconfig !== undefined) return readKubeconfig({ file: kubeconfig, context })
  const own = join(dataDir ?? defaultDataDir(), 'kubeconfig')
  if (!process.env['KUBECONFIG'] && existsSync(own)) return readKubeconfig({ file: own, context })
  return readKubeconfig({ context })
}

/** Runs `work` with a client of that cluster, and ends its connection. */
export async function withApi<T>(flags: ConnectFlags, work: (api: HttpApi, connection: Connection) => Promise<T>): Promise<T> {
  const connection = await connectionOf(flags)
  const api = new HttpApi(connection, { onWarning: text => process.stderr.write(`Warning: ${text}\n`) })
  try {
    return await work(api, connection)
  } finally {
    api.close()
  }
}
