/** One identity floods a server with lists and watches while another asks for small things. */
import { Worker } from 'node:worker_threads'
import { HttpApi } from '../../src/client/http/rest.ts'
import type { WireResponse } from '../../src/client/http/transport.ts'
import { type Connection, readKubeconfig } from '../../src/client/node/kubeconfig.ts'
import { startCluster } from './cluster.ts'

/** Places in what the flood counts. */
export const ANSWERS = 0
export const TOO_MANY = 1
export const WITHOUT_RETRY_AFTER = 2

export interface FloodOptions {
  /** ConfigMaps in each list of the flood. */
  readonly objects: number
  readonly watchers: number
  /** Lists under way at one time. */
  readonly listers?: number
  /** Of each half: at rest and flooded. */
  readonly seconds: number
  /** Lists of the flood that must be answered before it ends, however slow the machine is: up to a minute. */
  readonly atLeast?: number
}
export interface Flooded {
  /** Milliseconds of each small GET. */
  readonly idle: readonly number[]
  readonly flooded: readonly number[]
  /** Lists of the flood that were answered while each small GET was on its way. */
  readonly overtaken: readonly number[]
  readonly floodAnswers: number
  readonly tooMany: number
  /** Refusals with 429 that did not say when to come back. */
  readonly withoutRetryAfter: number
  readonly notReady: readonly string[]
}

export async function floodAndGet({ objects, watchers, listers = 300, seconds, atLeast = 0 }: FloodOptions): Promise<Flooded> {
  const cluster = await startCluster(['--nodes', '0', '--simulated', '3'])
  const open: HttpApi[] = []
  let worker: Worker | undefined
  try {
    const admin = await readKubeconfig({ file: cluster.kubeconfig })
    const as = (connection: Connection) => {
      const api = new HttpApi(connection)
      open.push(api)
      return api
    }
    const api = as(admin)
    await create(api, objects)
    const account = async (name: string) => {
      await cluster.kubectl('create', 'serviceaccount', name)
      await cluster.kubectl('create', 'clusterrolebinding', name, '--clusterrole=view', `--serviceaccount=default:${name}`)
      const token = (await cluster.kubectl('create', 'token', name)).trim()
      return { server: cluster.url, authority: admin.authority, namespace: 'default', token }
    }
    const { token, ...connection } = await account('small')
    const small = as({ ...connection, token: () => token })
    const flood = await account('flood')
    const counts = new Int32Array(new SharedArrayBuffer(16))
    const overtaken: number[] = []
    const get = async (until: number, answers = 0): Promise<number[]> => {
      const times: number[] = []
      const end = until + 60_000
      while (performance.now() < until || (Atomics.load(counts, ANSWERS) < answers && performance.now() < end)) {
        const [started, before] = [performance.now(), Atomics.load(counts, ANSWERS)]
        const answer = await ask(small, '/api/v1/namespaces/default/configmaps/c-1')
        if (answer.code !== 200) throw new Error(`a small GET is answered ${answer.code}`)
        await drain(answer)
        times.push(performance.now() - started)
        overtaken.push(Atomics.load(counts, ANSWERS) - before)
      }
      return times
    }
    await get(performance.now() + 500)
    const idle = await get(performance.now() + seconds * 1000)
    overtaken.length = 0
    // In a thread of its own: what the flood reads must not hold up whoever takes the time.
    worker = new Worker(new URL('./flood-worker.ts', import.meta.url), { workerData: { connection: flood, counts, watchers, listers } })
    await new Promise(resolve => setTimeout(resolve, 1000))
    overtaken.length = 0
    const flooded = await get(performance.now() + seconds * 1000, atLeast)
    const nodes = JSON.parse(await cluster.kubectl('get', 'nodes', '-o', 'json')) as {
      items: { metadata: { name: string }; status: { conditions: Condition[] } }[]
    }
    await worker.terminate()
    return {
      idle,
      flooded,
      overtaken,
      floodAnswers: counts[ANSWERS]!,
      tooMany: counts[TOO_MANY]!,
      withoutRetryAfter: counts[WITHOUT_RETRY_AFTER]!,
      notReady: nodes.items.filter(node => !node.status.conditions.some(c => c.type === 'Ready' && c.status === 'True')).map(node => node.metadata.name),
    }
  } finally {
    await worker?.terminate()
    for (const api of open) api.close()
    await cluster.stop()
  }
}

interface Condition {
  readonly type: string
  readonly status: string
}

export const ask = (api: HttpApi, path: string, signal?: AbortSignal) => api.transport.request({ method: 'GET', path, headers: {}, ...(signal && { signal }) })

export async function drain({ body }: WireResponse): Promise<void> {
  body.resume()
  await new Promise<void>(resolve => {
    body.once('close', resolve)
    body.once('end', resolve)
    body.once('error', resolve)
  })
}

async function create(api: HttpApi, many: number): Promise<void> {
  let next = 1
  const one = async () => {
    while (next <= many) {
      const body = JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `c-${next++}` }, data: { text: 'x'.repeat(1000) } })
      const headers = { 'content-type': 'application/json' }
      await drain(await api.transport.request({ method: 'POST', path: '/api/v1/namespaces/default/configmaps', headers, body }))
    }
  }
  await Promise.all(Array.from({ length: 32 }, one))
}
