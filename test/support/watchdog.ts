import { HttpApi } from '../../src/client/http/rest.ts'
import type { Connection } from '../../src/client/node/kubeconfig.ts'

/** Asks a server, again and again over a connection of its own, whether it is ready, for as long as something goes on. */
export async function watched<T>(connection: Connection, work: () => Promise<T>): Promise<{ readonly result: T; readonly longestMs: number }> {
  const api = new HttpApi(connection)
  let [over, longestMs] = [false, 0]
  const ask = async () => {
    while (!over) {
      const began = performance.now()
      const { code, body } = await api.transport.request({ method: 'GET', path: '/readyz', headers: {} })
      for await (const _ of body);
      if (code !== 200) throw new Error(`/readyz answers ${code}`)
      longestMs = Math.max(longestMs, performance.now() - began)
      await new Promise(setImmediate)
    }
  }
  const asking = ask()
  try {
    const result = await work()
    over = true
    await asking
    return { result, longestMs: Math.round(longestMs) }
  } finally {
    over = true
    api.close()
  }
}
