/** Small requests of one client, timed one after the other, while something else goes on. */
import { ConfigMaps } from '../../src/api/kinds/core/config-map.ts'
import { HttpApi } from '../../src/client/http/rest.ts'
import type { Connection } from '../../src/client/node/kubeconfig.ts'
import { Times } from './times.ts'

const PAUSE_MS = 5

export interface SmallRequests {
  /** Milliseconds of each since the last time that this was asked. */
  readonly take: () => readonly number[]
  stop(): Promise<void>
}

/** Gets one config map again and again over a TLS session of its own. */
export function startSmallRequests(connection: Connection): SmallRequests {
  const api = new HttpApi(connection, { userAgent: 'bench-small' })
  const times = new Times()
  let over = false
  const running = (async () => {
    while (!over) {
      const began = performance.now()
      // One that fails, while the server is away, is no answer whose time could be taken.
      const answered = await api.get({ kind: ConfigMaps, namespace: 'default', name: 'kube-root-ca.crt' }).then(
        () => true,
        () => false,
      )
      if (answered) times.add(performance.now() - began)
      await new Promise(resolve => setTimeout(resolve, PAUSE_MS))
    }
  })()
  return {
    take: times.take,
    async stop() {
      over = true
      await running
      api.close()
    },
  }
}
