/** One change to many watches, over ten TLS sessions with as many streams each as it takes. */
import { ConfigMaps } from '../../src/api/kinds/core/config-map.ts'
import { HttpApi } from '../../src/client/http/rest.ts'
import type { Figure } from '../run.ts'
import type { ServerProcess } from '../world/server-process.ts'
import { quantile } from '../world/times.ts'
import { round, usageOf } from '../world/usage.ts'

const SESSIONS = 10
const CHANGES = 50

export async function fanOut(server: ServerProcess, watchers: number, print: (figure: Figure) => void): Promise<void> {
  const apis = Array.from({ length: SESSIONS }, () => new HttpApi(server.connection, { userAgent: 'bench-watch' }))
  const stop = new AbortController()
  const target = { kind: ConfigMaps, namespace: 'default' }
  const name = `fan-out-${watchers}`
  try {
    const made = await server.api.create(target, { metadata: { name, namespace: 'default' }, data: { filler: 'x'.repeat(2000) } })
    let heard: (() => void) | undefined
    const follow = async (api: HttpApi) => {
      const about = { fieldSelector: `metadata.name=${name}`, resourceVersion: made.metadata.resourceVersion, signal: stop.signal }
      for await (const events of api.watch(target, about)) for (const event of events) if (event.type === 'MODIFIED') heard?.()
    }
    const following = Array.from({ length: watchers }, (_, i) => follow(apis[i % SESSIONS]!))
    while ((await server.metrics()).value('everynode_cache_watches') < watchers) await new Promise(resolve => setTimeout(resolve, 100))
    const [first, last, all]: [number[], number[], number[]] = [[], [], []]
    const before = usageOf(server.pid)
    for (let i = 0; i < CHANGES; i++) {
      const began = performance.now()
      const times: number[] = []
      const everybody = new Promise<void>(resolve => {
        heard = () => {
          times.push(performance.now() - began)
          if (times.length === watchers) resolve()
        }
      })
      await server.api.patch({ ...target, name }, { type: 'merge', body: { data: { turn: String(i) } } })
      await everybody
      first.push(times[0]!)
      last.push(times.at(-1)!)
      all.push(...times)
    }
    const after = usageOf(server.pid)
    print({
      bench: 'api',
      figure: 'watch fan-out',
      value: quantile(all, 0.99),
      unit: 'ms p99',
      watchers,
      sessions: SESSIONS,
      p50Ms: quantile(all, 0.5),
      firstP50Ms: quantile(first, 0.5),
      lastP50Ms: quantile(last, 0.5),
      deliveriesPerSecond: Math.round((watchers * 1000) / (last.reduce((a, b) => a + b) / CHANGES)),
      serverMicrosPerDelivery: round(((after.cpu - before.cpu) * 1e6) / (CHANGES * watchers), 1),
    })
    stop.abort()
    await Promise.allSettled(following)
  } finally {
    stop.abort()
    for (const api of apis) api.close()
  }
}
