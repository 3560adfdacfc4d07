/** How long it takes from asking for a change of a pod until whoever watches its node sees it, while something else goes on. */
import { Pods } from '../../src/api/kinds/core/pod.ts'
import { HttpApi } from '../../src/client/http/rest.ts'
import type { Connection } from '../../src/client/node/kubeconfig.ts'
import { Times } from './times.ts'

const PAUSE_MS = 40
const NAME = 'bench-watched'

export interface SeenChanges {
  /** Milliseconds from sending a change until its event is here: of the request, its commit and its delivery, of each since the last time that this was asked. */
  readonly take: () => readonly number[]
  stop(): Promise<void>
}

/**
 * Changes an annotation of a pod of one node again and again and watches the pods of that node, each over a TLS session of its own.
 */
export async function startChanges(connection: Connection, node: string): Promise<SeenChanges> {
  const [writer, reader] = [new HttpApi(connection, { userAgent: 'bench-writer' }), new HttpApi(connection, { userAgent: 'bench-reader' })]
  const stop = new AbortController()
  const target = { kind: Pods, namespace: 'default', name: NAME }
  const spec = { nodeName: node, terminationGracePeriodSeconds: 0, containers: [{ name: 'c', image: 'example.org/agent:1' }] }
  await writer.create({ kind: Pods, namespace: 'default' }, { metadata: { name: NAME, namespace: 'default' }, spec })
  const arrived = new Map<string, number>()
  const there = Promise.withResolvers<void>()
  let wake = () => {}
  const reading = (async () => {
    for await (const events of reader.watch({ kind: Pods }, { initialEvents: true, fieldSelector: `spec.nodeName=${node}`, signal: stop.signal })) {
      for (const event of events) if (event.type === 'MODIFIED') arrived.set(event.object.metadata.resourceVersion, performance.now())
      there.resolve()
      wake()
    }
  })()
  await there.promise
  const times = new Times()
  const writing = (async () => {
    for (let turn = 0; !stop.signal.aborted; turn++) {
      const sent = performance.now()
      const { metadata } = await writer.patch(target, { type: 'merge', body: { metadata: { annotations: { turn: String(turn) } } } })
      const late = sent + 10_000
      while (!arrived.has(metadata.resourceVersion) && !stop.signal.aborted && performance.now() < late)
        await new Promise<void>(resolve => {
          wake = resolve
          setTimeout(resolve, 1000)
        })
      times.add((arrived.get(metadata.resourceVersion) ?? late) - sent)
      arrived.clear()
      await new Promise(resolve => setTimeout(resolve, PAUSE_MS))
    }
  })()
  return {
    take: times.take,
    async stop() {
      stop.abort()
      await Promise.allSettled([reading, writing])
      reader.close()
      writer.close()
    },
  }
}
