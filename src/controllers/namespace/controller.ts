import { Namespaces } from '../../api/kinds/core/namespace.ts'
import { Pods } from '../../api/kinds/core/pod.ts'
import type { KindRef } from '../../api/kinds/kind.ts'
import { isStatus, qualified } from '../../api/meta/status.ts'
import type { Namespace } from '../../api/types/core/namespace.ts'
import { equal } from '../../base/equal.ts'
import { KeyQueue } from '../../base/key-queue.ts'
import { isEmpty, type NamespaceRemains, remainsConditions } from '../../judge/namespace/conditions.ts'
import type { KindSource } from '../kind-source.ts'
import type { ControllerOptions } from '../options.ts'
import { ready } from '../ready.ts'

const FINALIZER = 'kubernetes'
const WORKERS = 4
/** How soon a namespace with something left in it is looked at again; pods that go wake it earlier. */
const AGAIN_MS = 2_000

export interface NamespaceControllerOptions extends ControllerOptions {
  /** Every kind served that has namespaces and can be listed and deleted. */
  readonly kinds: KindSource
}

/** Empties namespaces that are being deleted, pods first, says what is left, and lets them go when nothing is. */
export async function runNamespaceController({ api, clock, log, informers, signal, kinds }: NamespaceControllerOptions): Promise<void> {
  const namespaces = informers.of(Namespaces)
  const pods = informers.of(Pods)
  if (!(await ready(signal, namespaces, pods))) return
  const queue = new KeyQueue<string>({
    clock,
    onError: (namespace, error) => {
      if (!isStatus(error, 'Conflict', 'NotFound')) log.warn('could not empty a namespace', { namespace, error })
    },
  })
  const unsubscribe = [
    namespaces.subscribe(({ key, object }) => {
      if (object?.metadata.deletionTimestamp) queue.add(key)
    }),
    pods.subscribe(({ object, old }) => {
      if (!object && old && namespaces.get(old.metadata.namespace!)?.metadata.deletionTimestamp) queue.add(old.metadata.namespace!)
    }),
  ]

  async function handle(name: string): Promise<{ after: number } | void> {
    let namespace: Namespace
    try {
      namespace = await api.get({ kind: Namespaces, name }, { signal })
    } catch (error) {
      if (isStatus(error, 'NotFound')) return
      throw error
    }
    if (!namespace.metadata.deletionTimestamp || !namespace.spec.finalizers?.includes(FINALIZER)) return
    const remains = await empty(name)
    namespace = await report(namespace, remains)
    if (!isEmpty(remains)) return { after: AGAIN_MS }
    const finalizers = namespace.spec.finalizers?.filter(finalizer => finalizer !== FINALIZER) ?? []
    await api.update({ kind: Namespaces, name, subresource: 'finalize' }, { ...namespace, spec: { ...namespace.spec, finalizers } }, { signal })
  }

  /** Asks everything in a namespace to go; what is left afterwards. Nothing else is touched while pods are there. */
  async function empty(namespace: string): Promise<NamespaceRemains> {
    const objects = new Map<string, number>()
    const finalizers = new Map<string, number>()
    const failures: string[] = []
    const clear = async (kind: KindRef): Promise<void> => {
      try {
        const before = await api.list({ kind, namespace }, { signal })
        if (before.items.length === 0) return
        if (before.items.some(({ metadata }) => !metadata.deletionTimestamp)) await api.deleteCollection({ kind, namespace }, { signal })
        const left = await api.list({ kind, namespace }, { signal })
        if (left.items.length > 0) objects.set(`${kind.resource}.${kind.group}`, left.items.length)
        for (const { metadata } of left.items)
          for (const finalizer of metadata.finalizers ?? []) finalizers.set(finalizer, (finalizers.get(finalizer) ?? 0) + 1)
      } catch (error) {
        if (signal.aborted) throw error
        failures.push(`${qualified(kind)}: ${error instanceof Error ? error.message : error}`)
      }
    }
    await clear(Pods)
    if (objects.size === 0) for (const kind of kinds.current()) if (kind.resource !== 'pods' || kind.group !== '') await clear(kind)
    return { objects, finalizers, failures }
  }

  async function report(namespace: Namespace, remains: NamespaceRemains): Promise<Namespace> {
    const before = namespace.status.conditions ?? []
    const conditions = remainsConditions(before, remains, clock.now())
    if (namespace.status.phase === 'Terminating' && equal(before, conditions)) return namespace
    const status = { ...namespace.status, phase: 'Terminating', conditions }
    return api.update({ kind: Namespaces, name: namespace.metadata.name, subresource: 'status' }, { ...namespace, status }, { signal })
  }

  try {
    await queue.run(handle, { workers: WORKERS, signal })
  } finally {
    for (const stop of unsubscribe) stop()
  }
}
