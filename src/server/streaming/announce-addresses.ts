import { ADDRESSES, addressesOf } from '../../api/server-addresses.ts'
import type { ConfigMap } from '../../api/types/core/config.ts'
import type { WatchCaches } from '../cache/types.ts'
import type { NodeLinks } from './node-link.ts'

const CONFIG_MAPS = { group: '', resource: 'configmaps' }

/** The addresses at which this server is, or is going to be, besides those it listens on. */
export const knownAddresses = (caches: WatchCaches): readonly string[] =>
  addressesOf(caches.of<ConfigMap>(CONFIG_MAPS)?.get(`${ADDRESSES.namespace}/${ADDRESSES.name}`))

/** Tells the agents where the server can be found: those that are connected at each change, others when they come. Ends with the signal. */
export async function announceAddresses(caches: WatchCaches, links: NodeLinks, onError: (error: unknown) => void, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      const { revision } = caches
      links.announce(knownAddresses(caches))
      for await (const _ of caches.of<ConfigMap>(CONFIG_MAPS)!.watch({ ...ADDRESSES, after: revision, signal })) links.announce(knownAddresses(caches))
    } catch (error) {
      if (!signal.aborted) onError(error)
    }
  }
}
