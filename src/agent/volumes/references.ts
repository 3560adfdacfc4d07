import type { Api } from '../../api/access.ts'
import type { KindRef } from '../../api/kinds/kind.ts'
import type { KubeObject } from '../../api/meta/object.ts'
import { allContainers } from '../../api/meta/pod.ts'
import type { ConfigMap, Secret } from '../../api/types/core/config.ts'
import type { Pod } from '../../api/types/core/pod.ts'
import { type Clock, sleep } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { Informer } from '../../client/informer.ts'
import { ConfigMaps, Secrets } from '../kinds.ts'

export interface ReferencesOptions {
  readonly api: Api
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
  /** An object that a pod refers to has changed. */
  readonly onChange: (uid: string) => void
  /** Whether the server is worth waiting for; it is when absent. */
  readonly patient?: () => boolean
  /** Keeps objects for times without the server. */
  readonly store?: ReferenceStore
}

export interface ReferenceStore {
  load(resource: string, key: string): Promise<KubeObject | undefined>
  save(resource: string, key: string, object: KubeObject | undefined): Promise<void>
}

const PATIENCE_MS = 5000

interface Watched {
  readonly informer: Informer<KubeObject>
  readonly users: Set<string>
  readonly stop: AbortController
  saved: KubeObject | undefined
}

export interface ReferencedObjects {
  configMap(name: string): ConfigMap | undefined
  secret(name: string): Secret | undefined
}

/** The config maps and secrets that the pods of this node refer to: one watch for each, for as long as a pod does. */
export class References {
  readonly #options: ReferencesOptions
  readonly #watched = new Map<string, Watched>()

  constructor(options: ReferencesOptions) {
    this.#options = options
  }

  /** What a pod refers to, as it is now. Waits for the first answer, but not for ever. */
  async of(pod: Pod): Promise<ReferencedObjects> {
    const namespace = pod.metadata.namespace ?? ''
    const { configMaps, secrets } = referencesOf(pod)
    const open = <T extends KubeObject>(kind: KindRef<T>, names: Iterable<string>) => {
      const found = new Map<string, Watched>()
      for (const name of names) found.set(name, this.#watch(kind, namespace, name, pod.metadata.uid))
      return found
    }
    const maps = open(ConfigMaps, configMaps)
    const keys = open(Secrets, secrets)
    await Promise.all([...maps.values(), ...keys.values()].map(w => this.#settled(w)))
    const read = (watched: Watched | undefined, name: string) => watched?.informer.get(`${namespace}/${name}`) ?? watched?.saved
    return {
      configMap: name => read(maps.get(name), name) as ConfigMap | undefined,
      secret: name => read(keys.get(name), name) as Secret | undefined,
    }
  }

  release(uid: string): void {
    for (const [key, watched] of this.#watched) {
      if (!watched.users.delete(uid) || watched.users.size > 0) continue
      watched.stop.abort()
      this.#watched.delete(key)
      const [resource = '', ...rest] = key.split(' ')
      void this.#options.store?.save(resource, rest.join(' '), undefined).catch(() => {})
    }
  }

  #watch(kind: KindRef, namespace: string, name: string, uid: string): Watched {
    const key = `${kind.resource} ${namespace}/${name}`
    let watched = this.#watched.get(key)
    if (!watched) {
      const { api, clock, log, signal, onChange, store } = this.#options
      const stop = new AbortController()
      const informer = new Informer({ api, clock, log, target: { kind, namespace, fieldSelector: `metadata.name=${name}` } })
      const users = new Set<string>()
      watched = { informer, users, stop, saved: undefined }
      informer.subscribe(({ object }) => {
        if (object) void store?.save(kind.resource, `${namespace}/${name}`, object).catch(error => log.warn('could not keep an object on disk', { key, error }))
        for (const user of users) onChange(user)
      })
      void informer.run(AbortSignal.any([stop.signal, signal])).catch(error => log.warn('the watch of an object ended', { key, error }))
      this.#watched.set(key, watched)
    }
    watched.users.add(uid)
    return watched
  }

  async #settled(watched: Watched): Promise<void> {
    const { clock, signal, store } = this.#options
    const waiting = new AbortController()
    const outcome = await Promise.race([
      watched.informer.synced.then(() => 'synced'),
      sleep(clock, this.#options.patient?.() === false ? 0 : PATIENCE_MS, AbortSignal.any([signal, waiting.signal])).then(
        () => 'late',
        () => 'stopped',
      ),
    ])
    waiting.abort()
    if (outcome !== 'late' || watched.saved) return
    for (const [key, candidate] of this.#watched) {
      const [resource = '', ...rest] = key.split(' ')
      if (candidate === watched) watched.saved = await store?.load(resource, rest.join(' '))
    }
  }
}

/** Names of the config maps and secrets that a pod's environment, volumes and pulls refer to. */
export function referencesOf(pod: Pod): { readonly configMaps: ReadonlySet<string>; readonly secrets: ReadonlySet<string> } {
  const configMaps = new Set<string>()
  const secrets = new Set<string>()
  const add = (set: Set<string>, name: string | undefined) => name && set.add(name)
  for (const container of allContainers(pod.spec)) {
    for (const { configMapRef, secretRef } of container.envFrom ?? []) {
      add(configMaps, configMapRef?.name)
      add(secrets, secretRef?.name)
    }
    for (const { valueFrom } of container.env ?? []) {
      add(configMaps, valueFrom?.configMapKeyRef?.name)
      add(secrets, valueFrom?.secretKeyRef?.name)
    }
  }
  for (const volume of pod.spec.volumes ?? []) {
    add(configMaps, volume.configMap?.name)
    add(secrets, volume.secret?.secretName)
    for (const source of volume.projected?.sources ?? []) {
      add(configMaps, source.configMap?.name)
      add(secrets, source.secret?.name)
    }
  }
  for (const { name } of pod.spec.imagePullSecrets ?? []) add(secrets, name)
  return { configMaps, secrets }
}
