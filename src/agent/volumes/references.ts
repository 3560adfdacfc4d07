import type { Api } from '../../api/access.ts'
import type { KindRef } from '../../api/kinds/kind.ts'
import type { KubeObject } from '../../api/meta/object.ts'
import { allContainers } from '../../api/meta/pod.ts'
import type { ConfigMap, Secret } from '../../api/types/core/config.ts'
import type { Pod } from '../../api/types/core/pod.ts'
import type { Clock } from '../../base/clock.ts'
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
/** What the last pod that referred to it leaves is watched so long: in a roll the next one comes at once. */
const LINGER_MS = 10_000

interface Watched {
  readonly informer: Informer<KubeObject>
  readonly users: Set<string>
  readonly stop: AbortController
  /** The first answer is there. */
  synced: boolean
  saved: KubeObject | undefined
  /** Keeps it from ending, when nobody refers to it any more. */
  stay: (() => void) | undefined
}

export interface ReferencedObjects {
  configMap(name: string): ConfigMap | undefined
  secret(name: string): Secret | undefined
}

/** The config maps and secrets that the pods of this node refer to: one watch for each, for as long as a pod does and a little longer. */
export class References {
  readonly #options: ReferencesOptions
  readonly #watched = new Map<string, Watched>()

  constructor(options: ReferencesOptions) {
    this.#options = options
    options.signal.addEventListener('abort', () => this.#stopAll(), { once: true })
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
    const first = [...maps.values(), ...keys.values()].filter(({ synced }) => !synced)
    if (first.length > 0) await Promise.all(first.map(watched => this.#settled(watched)))
    const read = (watched: Watched | undefined, name: string) => watched?.informer.get(`${namespace}/${name}`) ?? watched?.saved
    return {
      configMap: name => read(maps.get(name), name) as ConfigMap | undefined,
      secret: name => read(keys.get(name), name) as Secret | undefined,
    }
  }

  release(uid: string): void {
    for (const [key, watched] of this.#watched) {
      if (watched.users.delete(uid) && watched.users.size === 0) watched.stay = this.#options.clock.after(LINGER_MS, () => this.#end(key, watched))
    }
  }

  #end(key: string, watched: Watched): void {
    watched.stop.abort(ENDED)
    this.#watched.delete(key)
    const [resource = '', ...rest] = key.split(' ')
    void this.#options.store?.save(resource, rest.join(' '), undefined).catch(() => {})
  }

  #stopAll(): void {
    for (const { stop, stay } of this.#watched.values()) {
      stay?.()
      stop.abort(ENDED)
    }
  }

  #watch(kind: KindRef, namespace: string, name: string, uid: string): Watched {
    const key = `${kind.resource} ${namespace}/${name}`
    let watched = this.#watched.get(key)
    if (!watched) {
      const { api, clock, log, signal, onChange, store } = this.#options
      const stop = new AbortController()
      if (signal.aborted) stop.abort(ENDED)
      const informer = new Informer({ api, clock, log, target: { kind, namespace, fieldSelector: `metadata.name=${name}` } })
      const users = new Set<string>()
      const made: Watched = { informer, users, stop, synced: false, saved: undefined, stay: undefined }
      void informer.synced.then(() => {
        made.synced = true
      })
      watched = made
      informer.subscribe(({ object }) => {
        if (object) void store?.save(kind.resource, `${namespace}/${name}`, object).catch(error => log.warn('could not keep an object on disk', { key, error }))
        for (const user of users) onChange(user)
      })
      void informer.run(stop.signal).catch(error => log.warn('the watch of an object ended', { key, error }))
      this.#watched.set(key, watched)
    }
    watched.stay?.()
    watched.stay = undefined
    watched.users.add(uid)
    return watched
  }

  async #settled(watched: Watched): Promise<void> {
    const { clock, store } = this.#options
    const { informer, stop } = watched
    if (stop.signal.aborted) return
    const late = await new Promise<boolean>(resolve => {
      const settle = (outcome: boolean) => {
        cancel()
        stop.signal.removeEventListener('abort', stopped)
        resolve(outcome)
      }
      const stopped = () => settle(false)
      const cancel = clock.after(this.#options.patient?.() === false ? 0 : PATIENCE_MS, () => settle(true))
      stop.signal.addEventListener('abort', stopped, { once: true })
      void informer.synced.then(() => settle(false))
    })
    if (!late || watched.saved) return
    for (const [key, candidate] of this.#watched) {
      const [resource = '', ...rest] = key.split(' ')
      if (candidate === watched) watched.saved = await store?.load(resource, rest.join(' '))
    }
  }
}

/** Why a watch ends. */
const ENDED = new Error('nothing refers to it any more')

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
