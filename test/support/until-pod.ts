import assert from 'node:assert/strict'
import type { Api } from '../../src/api/access.ts'
import { Pods } from '../../src/api/kinds/core/pod.ts'
import type { Pod } from '../../src/api/types/core/pod.ts'

/** The pod of namespace `default` as it is when it comes to that; `check` sees undefined when it is gone. Fails after five seconds. */
export async function untilPod(api: Api, name: string, check: (pod: Pod | undefined) => boolean): Promise<Pod> {
  for await (const events of api.watch({ kind: Pods, namespace: 'default' }, { initialEvents: true, signal: AbortSignal.timeout(5000) })) {
    for (const event of events) {
      if (event.type === 'BOOKMARK' || event.object.metadata.name !== name) continue
      if (check(event.type === 'DELETED' ? undefined : event.object)) return event.object
    }
  }
  return assert.fail('it never came to that')
}
