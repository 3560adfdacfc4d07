import { Nodes } from '../../api/kinds/core/node.ts'
import { EndpointSlices } from '../../api/kinds/discovery/endpoint-slice.ts'
import { splitKey } from '../../api/meta/key.ts'
import { isStatus } from '../../api/meta/status.ts'
import type { Node } from '../../api/types/core/node.ts'
import type { EndpointSlice } from '../../api/types/discovery.ts'
import { KeyQueue } from '../../base/key-queue.ts'
import { backendsOf } from '../../judge/endpoints/backends.ts'
import { MANAGED_BY, MANAGER, plannedSlices, SERVICE_NAME } from '../../judge/endpoints/slices.ts'
import type { ControllerOptions } from '../options.ts'
import { ready } from '../ready.ts'
import { isTerminating } from '../service-account/controller.ts'
import { hasSelector, servicePods } from './services-of-pods.ts'

const WORKERS = 5
const OF_SERVICE = 'service'
/** The Service that a slice of this controller belongs to. */
const serviceKey = ({ metadata }: EndpointSlice): string | undefined =>
  metadata.labels?.[MANAGED_BY] === MANAGER ? `${metadata.namespace}/${metadata.labels[SERVICE_NAME]}` : undefined

/** Keeps the EndpointSlices of every Service that has a selector. */
export async function runEndpointSlicesController({ api, clock, log, informers, signal }: ControllerOptions): Promise<void> {
  const { services, pods, selected, subscribe } = servicePods(informers)
  const nodes = informers.of(Nodes)
  const slices = informers.of(EndpointSlices, { indexes: { [OF_SERVICE]: serviceKey } })
  if (!(await ready(signal, services, pods, slices, nodes))) return
  const queue = new KeyQueue<string>({
    clock,
    onError: (service, error) => {
      if (!isStatus(error, 'Conflict', 'NotFound')) log.warn('could not keep endpoint slices', { service, error })
    },
  })
  /** Slices written and not seen yet, by Service: acting on a stale copy would make them twice. */
  const written = new Map<string, number>()
  const zoneOf = (name: string): string | undefined => zone(nodes.get(name))
  const unsubscribe = [
    subscribe((key, after) => queue.addAfter(key, after)),
    slices.subscribe(({ object, old }) => {
      const key = serviceKey((object ?? old)!)
      if (key && (!object || old)) queue.add(key)
    }),
    nodes.subscribe(({ object, old }) => {
      if (old && zone(old) !== zone(object)) for (const { metadata } of services.list()) queue.add(`${metadata.namespace}/${metadata.name}`)
    }),
  ]

  async function handle(key: string): Promise<void> {
    const service = services.get(key)
    const { namespace } = splitKey(key)
    await slices.caughtUp(written.get(key) ?? 0, signal)
    written.delete(key)
    // A Service that is gone takes its slices along as their owner.
    if (!service || !hasSelector(service) || service.spec.type === 'ExternalName') return
    const plan = plannedSlices(service, backendsOf(service, selected(service)), [...slices.by(OF_SERVICE, key)], zoneOf)
    const target = { kind: EndpointSlices, namespace }
    const note = ({ metadata }: EndpointSlice) => written.set(key, Math.max(written.get(key) ?? 0, Number(metadata.resourceVersion)))
    try {
      for (const slice of plan.create) note(await api.create(target, slice, { signal }))
      for (const slice of plan.update) note(await api.update({ ...target, name: slice.metadata.name }, slice, { signal }))
      for (const { metadata } of plan.delete) await api.delete({ ...target, name: metadata.name }, { preconditions: { uid: metadata.uid }, signal })
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

const zone = (node: Node | undefined): string | undefined => node?.metadata.labels?.['topology.kubernetes.io/zone']
