import { EndpointsKind } from '../../api/kinds/core/endpoints.ts'
import { splitKey } from '../../api/meta/key.ts'
import { isStatus } from '../../api/meta/status.ts'
import { KeyQueue } from '../../base/key-queue.ts'
import { backendsOf } from '../../judge/endpoints/backends.ts'
import { matchesPlan, plannedEndpoints } from '../../judge/endpoints/endpoints.ts'
import type { ControllerOptions } from '../options.ts'
import { ready } from '../ready.ts'
import { isTerminating } from '../service-account/controller.ts'
import { hasSelector, servicePods } from './services-of-pods.ts'

const WORKERS = 5

/** Keeps the Endpoints of every Service that has a selector. */
export async function runEndpointsController({ api, clock, log, informers, signal }: ControllerOptions): Promise<void> {
  const { services, pods, selected, subscribe } = servicePods(informers)
  const endpoints = informers.of(EndpointsKind)
  if (!(await ready(signal, services, pods, endpoints))) return
  const queue = new KeyQueue<string>({
    clock,
    onError: (service, error) => {
      if (!isStatus(error, 'Conflict', 'AlreadyExists')) log.warn('could not keep endpoints', { service, error })
    },
  })
  const unsubscribe = [
    subscribe((key, after) => queue.addAfter(key, after)),
    endpoints.subscribe(({ key, object, old }) => {
      if (!object || old) queue.add(key)
    }),
  ]

  async function handle(key: string): Promise<void> {
    const { namespace, name } = splitKey(key)
    const service = services.get(key)
    const old = endpoints.get(key)
    const target = { kind: EndpointsKind, namespace, name }
    if (!service) {
      // Endpoints without a Service may be anybody's: only those that this controller made go with theirs.
      if (old?.metadata.labels?.['endpoints.kubernetes.io/managed-by'] !== 'endpoint-controller') return
      await api.delete(target, { preconditions: { uid: old.metadata.uid }, signal }).catch(ignoringMissing)
      return
    }
    if (!hasSelector(service) || service.spec.type === 'ExternalName') return
    const { subsets, labels, annotations } = plannedEndpoints(service, backendsOf(service, selected(service)), old)
    const metadata = { name, namespace, labels, ...(Object.keys(annotations).length > 0 && { annotations }) }
    try {
      if (!old) await api.create({ kind: EndpointsKind, namespace }, { metadata, subsets }, { signal })
      else if (!matchesPlan(old, { subsets, labels, annotations }))
        await api.update(target, { ...old, metadata: { ...old.metadata, ...metadata }, subsets }, { signal })
    } catch (error) {
      if (!isTerminating(error)) throw error
    }
  }

  try {
    await queue.run(handle, { workers: WORKERS, signal })
  } finally {
    for (const stop of unsubscribe) stop()
  }
}

const ignoringMissing = (error: unknown): void => {
  if (!isStatus(error, 'NotFound', 'Conflict')) throw error
}
