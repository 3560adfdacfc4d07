import { Namespaces } from '../../api/kinds/core/namespace.ts'
import { ServiceAccounts } from '../../api/kinds/core/service-account.ts'
import { isStatus } from '../../api/meta/status.ts'
import { KeyQueue } from '../../base/key-queue.ts'
import type { ControllerOptions } from '../options.ts'
import { ready } from '../ready.ts'

const WORKERS = 4
const NAME = 'default'

/** Keeps the `default` ServiceAccount in every namespace that is not being deleted. */
export async function runServiceAccountController({ api, clock, log, informers, signal }: ControllerOptions): Promise<void> {
  const namespaces = informers.of(Namespaces)
  const accounts = informers.of(ServiceAccounts)
  if (!(await ready(signal, namespaces, accounts))) return
  const queue = new KeyQueue<string>({ clock, onError: (namespace, error) => log.warn('could not create the default ServiceAccount', { namespace, error }) })
  const unsubscribe = [
    namespaces.subscribe(({ key, object }) => {
      if (object) queue.add(key)
    }),
    accounts.subscribe(({ object, old }) => {
      if (!object && old?.metadata.name === NAME) queue.add(old.metadata.namespace!)
    }),
  ]
  try {
    await queue.run(
      async namespace => {
        if (!isLive(namespaces.get(namespace)) || accounts.get(`${namespace}/${NAME}`)) return
        try {
          await api.create({ kind: ServiceAccounts, namespace }, { metadata: { name: NAME, namespace } }, { signal })
        } catch (error) {
          if (!isStatus(error, 'AlreadyExists') && !isStatus(error, 'NotFound') && !isTerminating(error)) throw error
        }
      },
      { workers: WORKERS, signal },
    )
  } finally {
    for (const stop of unsubscribe) stop()
  }
}

export const isLive = (namespace: { readonly metadata: { readonly deletionTimestamp?: string | undefined } } | undefined): boolean =>
  namespace !== undefined && !namespace.metadata.deletionTimestamp

/** Refused because the namespace is on its way out: no more to be done. */
export const isTerminating = (error: unknown): boolean =>
  isStatus(error, 'Forbidden') && (error.status.details?.causes?.some(({ reason }) => reason === 'NamespaceTerminating') ?? false)
