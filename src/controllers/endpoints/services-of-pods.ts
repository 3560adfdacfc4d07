import { Pods } from '../../api/kinds/core/pod.ts'
import { Services } from '../../api/kinds/core/service.ts'
import { objectKey } from '../../api/meta/key.ts'
import { hasLabels } from '../../api/meta/label-selector.ts'
import { isPodReady } from '../../api/meta/pod.ts'
import type { Pod } from '../../api/types/core/pod.ts'
import type { Service } from '../../api/types/core/service.ts'
import { equal } from '../../base/equal.ts'
import { byNamespace, IN_NAMESPACE } from '../../client/indexes.ts'
import type { Informer } from '../../client/informer.ts'
import type { Informers } from '../../client/informers.ts'

/** A Service with many pods is brought up to date once for many changes. */
const BATCHED_FROM = 100
const BATCH_MS = 1_000

/** Services and the pods that they select. */
export interface ServicePods {
  readonly services: Informer<Service>
  readonly pods: Informer<Pod>
  /** The pods that a Service selects; none when it has no selector. */
  selected(service: Service): Iterable<Pod>
  /** Calls back with the key of every Service whose backends may have changed, and how long that may wait. */
  subscribe(changed: (key: string, afterMs: number) => void): () => void
}

export function servicePods(informers: Informers): ServicePods {
  const services = informers.of(Services, { indexes: byNamespace })
  const pods = informers.of(Pods, { indexes: byNamespace })
  /** How many pods each Service had when last asked. */
  const sizes = new Map<string, number>()
  const selects = (service: Service, pod: Pod): boolean => hasSelector(service) && hasLabels(pod.metadata.labels, service.spec.selector)

  return {
    services,
    pods,
    *selected(service) {
      if (!hasSelector(service)) return
      let size = 0
      for (const pod of pods.by(IN_NAMESPACE, service.metadata.namespace!)) {
        if (!hasLabels(pod.metadata.labels, service.spec.selector)) continue
        size++
        yield pod
      }
      sizes.set(objectKey(service), size)
    },
    subscribe(changed) {
      const stops = [
        services.subscribe(({ key, object }) => {
          if (!object) sizes.delete(key)
          changed(key, 0)
        }),
        pods.subscribe(({ object, old }) => {
          let told = !object || !old
          for (const service of services.by(IN_NAMESPACE, (object ?? old)!.metadata.namespace!)) {
            if (!(object && selects(service, object)) && !(old && selects(service, old))) continue
            if (!told && !differs(object!, old!)) return
            told = true
            const key = objectKey(service)
            changed(key, (sizes.get(key) ?? 0) < BATCHED_FROM ? 0 : BATCH_MS)
          }
        }),
      ]
      return () => {
        for (const stop of stops) stop()
      }
    },
  }
}

export const hasSelector = (service: Service): boolean => service.spec.selector !== undefined && Object.keys(service.spec.selector).length > 0

/** Whether a pod differs in anything that endpoints tell. */
const differs = (a: Pod, b: Pod): boolean =>
  isPodReady(a) !== isPodReady(b) ||
  a.status.phase !== b.status.phase ||
  a.metadata.deletionTimestamp !== b.metadata.deletionTimestamp ||
  a.spec.nodeName !== b.spec.nodeName ||
  !equal(a.metadata.labels, b.metadata.labels) ||
  !equal(a.status.podIPs, b.status.podIPs) ||
  a.status.podIP !== b.status.podIP
