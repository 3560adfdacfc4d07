import { ConfigMaps } from '../../api/kinds/core/config-map.ts'
import { Namespaces } from '../../api/kinds/core/namespace.ts'
import { isStatus } from '../../api/meta/status.ts'
import { equal } from '../../base/equal.ts'
import { KeyQueue } from '../../base/key-queue.ts'
import type { ControllerOptions } from '../options.ts'
import { ready } from '../ready.ts'
import { isLive, isTerminating } from '../service-account/controller.ts'

const WORKERS = 4
const NAME = 'kube-root-ca.crt'

export interface RootCaOptions extends ControllerOptions {
  /** The certificates, in PEM, that the server's own is checked against. */
  readonly certificate: string
}

/** Keeps the ConfigMap `kube-root-ca.crt` in every namespace, so that pods can tell the server from an impostor. */
export async function runRootCaController({ api, clock, log, informers, signal, certificate }: RootCaOptions): Promise<void> {
  const namespaces = informers.of(Namespaces)
  const maps = informers.of(ConfigMaps, { fieldSelector: `metadata.name=${NAME}` })
  if (!(await ready(signal, namespaces, maps))) return
  const queue = new KeyQueue<string>({
    clock,
    onError: (namespace, error) => {
      if (!isStatus(error, 'Conflict')) log.warn('could not publish the root certificate', { namespace, error })
    },
  })
  const unsubscribe = [
    namespaces.subscribe(({ key, object }) => {
      if (object) queue.add(key)
    }),
    maps.subscribe(({ object, old }) => {
      const { name, namespace } = (object ?? old)!.metadata
      if (name === NAME) queue.add(namespace!)
    }),
  ]
  const data = { 'ca.crt': certificate }
  try {
    await queue.run(
      async namespace => {
        if (!isLive(namespaces.get(namespace))) return
        const map = maps.get(`${namespace}/${NAME}`)
        if (map && equal(map.data, data) && !map.binaryData) return
        const target = { kind: ConfigMaps, namespace }
        try {
          if (map) await api.update({ ...target, name: NAME }, { ...map, data, binaryData: undefined }, { signal })
          else await api.create(target, { metadata: { name: NAME, namespace }, data }, { signal })
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
