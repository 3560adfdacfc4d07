/** The flood of `flood.ts`: lists and watches as fast as they are answered, over four connections, until it is ended. */
import { workerData } from 'node:worker_threads'
import { HttpApi } from '../../src/client/http/rest.ts'
import type { Connection } from '../../src/client/node/kubeconfig.ts'
import { ANSWERS, ask, drain, TOO_MANY, WITHOUT_RETRY_AFTER } from './flood.ts'

interface Flood {
  readonly connection: Omit<Connection, 'token'> & { readonly token: string }
  readonly counts: Int32Array
  readonly watchers: number
  readonly listers: number
}
const { connection, counts, watchers, listers } = workerData as Flood
const clients = Array.from({ length: 4 }, () => new HttpApi({ ...connection, token: () => connection.token }))
const later = () => new Promise(resolve => setTimeout(resolve, 100))

async function watch(api: HttpApi): Promise<never> {
  for (;;) {
    try {
      await drain(await ask(api, '/api/v1/configmaps?watch=true'))
    } catch {
      await later()
    }
  }
}

async function list(api: HttpApi): Promise<never> {
  for (;;) {
    try {
      const answer = await ask(api, '/api/v1/configmaps')
      await drain(answer)
      if (answer.code === 200) Atomics.add(counts, ANSWERS, 1)
      if (answer.code !== 429) continue
      Atomics.add(counts, TOO_MANY, 1)
      if (answer.headers['retry-after'] === undefined) Atomics.add(counts, WITHOUT_RETRY_AFTER, 1)
    } catch {
      await later()
    }
  }
}

for (let n = 0; n < watchers; n++) void watch(clients[n % clients.length]!)
for (let n = 0; n < listers; n++) void list(clients[n % clients.length]!)
