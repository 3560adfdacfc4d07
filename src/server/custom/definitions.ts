import type { Api } from '../../api/access.ts'
import { CLEANUP, CustomResourceDefinitions } from '../../api/kinds/apiextensions/custom-resource-definition.ts'
import { customKind, schemaOf } from '../../api/kinds/custom/custom-kind.ts'
import type { Kind } from '../../api/kinds/kind.ts'
import type { Draft } from '../../api/meta/object.ts'
import { isStatus } from '../../api/meta/status.ts'
import { timeOf } from '../../api/meta/time.ts'
import type { CompiledSchema } from '../../api/schema/custom/compiled.ts'
import type { CustomResourceDefinition, CustomResourceDefinitionCondition } from '../../api/types/apiextensions.ts'
import type { Clock } from '../../base/clock.ts'
import { KeyQueue } from '../../base/key-queue.ts'
import type { Log } from '../../base/log.ts'
import type { WatchCaches } from '../cache/types.ts'

/** Where kinds are served. */
export interface ServedKinds {
  /** Serves one more stored kind. */
  addStored(kind: Kind): Promise<void>
  /** Puts another description of the same stored objects in the place of one. */
  replaceStored(old: Kind, kind: Kind): void
  /** Serves it no more; its watches end. */
  removeStored(kind: Kind): void
  readonly resources: readonly { readonly kind: Kind }[]
}

export interface DefinitionsOptions {
  readonly caches: WatchCaches
  readonly registry: ServedKinds
  /** As somebody who may do everything. */
  readonly api: Api
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
}

type Condition = Draft<CustomResourceDefinitionCondition>

/**
 * Serves the kind of each definition as soon as its names are free, keeps the conditions of definitions, and removes the
 * objects of a definition before it goes. Resolves, once the definitions that are there are served, with what goes on until
 * the signal has aborted.
 */
export async function openDefinitions(options: DefinitionsOptions): Promise<CustomKinds> {
  const definitions = new Definitions(options)
  await definitions.serveAll()
  const done = definitions.run()
  return { done, current: () => definitions.kinds, subscribe: changed => definitions.subscribe(changed) }
}

/** The custom kinds that are served now. */
export interface CustomKinds {
  readonly done: Promise<void>
  /** The same array until a kind is added, replaced or removed. */
  current(): readonly Kind[]
  /** Calls back after that; returns the way to stop. */
  subscribe(changed: () => void): () => void
}

interface Serving {
  readonly generation: number | undefined
  readonly kind: Kind
}

class Definitions {
  readonly #options: DefinitionsOptions
  readonly #serving = new Map<string, Serving>()
  readonly #queue: KeyQueue<string>
  readonly #subscribers = new Set<() => void>()
  kinds: readonly Kind[] = []

  constructor(options: DefinitionsOptions) {
    this.#options = options
    this.#queue = new KeyQueue<string>({
      clock: options.clock,
      onError: (name, error) => options.log.warn('a definition could not be served', { name, error }),
    })
  }

  async serveAll(): Promise<void> {
    for (const definition of this.#cache.list().items) if (isEstablished(definition)) await this.#serve(definition)
  }

  get #cache() {
    return this.#options.caches.of<CustomResourceDefinition>(CustomResourceDefinitions)!
  }

  async run(): Promise<void> {
    const { signal } = this.#options
    const working = this.#queue.run(name => this.#settle(name), { workers: 1, signal })
    await Promise.all([this.#follow(), working])
  }

  async #follow(): Promise<void> {
    const { signal, log } = this.#options
    while (!signal.aborted) {
      try {
        for await (const events of this.#cache.watch({ after: 'initial', signal })) {
          for (const event of events) if (event.type !== 'BOOKMARK') this.#queue.add(event.key)
        }
      } catch (error) {
        log.warn('definitions are read anew', { error })
      }
    }
  }

  async #settle(name: string): Promise<{ after: number } | undefined> {
    const definition = this.#cache.get(name)
    if (!definition) {
      this.#stop(name)
      return undefined
    }
    if (definition.metadata.deletionTimestamp) return await this.#finish(definition)
    const taken = this.#namesTakenBy(definition)
    if (taken) {
      await this.#say(definition, [
        condition('NamesAccepted', 'False', taken.reason, taken.message),
        condition('Established', 'False', 'NotAccepted', 'not all names are accepted'),
      ])
      return undefined
    }
    await this.#serve(definition)
    await this.#say(definition, [
      condition('NamesAccepted', 'True', 'NoConflicts', 'no conflicts found'),
      condition('Established', 'True', 'InitialNamesAccepted', 'the initial names have been accepted'),
    ])
    return undefined
  }

  /** Another kind of the group that has one of the names. */
  #namesTakenBy(definition: CustomResourceDefinition): { readonly reason: string; readonly message: string } | undefined {
    const { group, names } = definition.spec
    const own = this.#serving.get(definition.metadata.name)?.kind
    for (const { kind } of this.#options.registry.resources) {
      if (kind.group !== group || kind.resource === own?.resource) continue
      if (kind.resource === names.plural) return { reason: 'PluralConflict', message: `${JSON.stringify(names.plural)} is already in use` }
      if (kind.kind === names.kind) return { reason: 'KindConflict', message: `${JSON.stringify(names.kind)} is already in use` }
      const short = names.shortNames?.find(name => kind.shortNames?.includes(name))
      if (short) return { reason: 'ShortNamesConflict', message: `${JSON.stringify(short)} is already in use` }
    }
    return undefined
  }

  async #serve(definition: CustomResourceDefinition): Promise<void> {
    const { registry } = this.#options
    const { name, generation } = definition.metadata
    const known = this.#serving.get(name)
    if (known && known.generation === generation) return
    const { compileSchema } = await import('../../api/schema/custom/compiled.ts')
    const schemas = new Map<string, CompiledSchema>()
    for (const version of definition.spec.versions) schemas.set(version.name, await compileSchema(schemaOf(version)))
    const kind = customKind(definition, schemas)
    if (known) registry.replaceStored(known.kind, kind)
    else await registry.addStored(kind)
    this.#serving.set(name, { generation, kind })
    this.#changed()
  }

  #stop(name: string): void {
    const known = this.#serving.get(name)
    if (!known) return
    this.#options.registry.removeStored(known.kind)
    this.#serving.delete(name)
    this.#changed()
    // Its names are free now for whoever waits for them.
    for (const { metadata } of this.#cache.list().items) if (!this.#serving.has(metadata.name)) this.#queue.add(metadata.name)
  }

  #changed(): void {
    this.kinds = [...this.#serving.values()].map(({ kind }) => kind)
    for (const subscriber of this.#subscribers) subscriber()
  }

  subscribe(changed: () => void): () => void {
    this.#subscribers.add(changed)
    return () => this.#subscribers.delete(changed)
  }

  /** A definition on its way out: its objects go first. */
  async #finish(definition: CustomResourceDefinition): Promise<{ after: number } | undefined> {
    const { api, caches } = this.#options
    const { name, finalizers = [], resourceVersion } = definition.metadata
    if (!finalizers.includes(CLEANUP)) return undefined
    await this.#say(definition, [condition('Terminating', 'True', 'InstanceDeletionInProgress', 'CustomResource deletion is in progress')])
    const kind = this.#serving.get(name)?.kind
    if (kind) {
      const namespaces = new Set((caches.of(kind)?.list().items ?? []).map(object => object.metadata.namespace))
      for (const namespace of namespaces) await api.deleteCollection({ kind, namespace })
      if ((caches.of(kind)?.size ?? 0) > 0) return { after: 500 }
    }
    const rest = finalizers.filter(one => one !== CLEANUP)
    const now = await api.get<CustomResourceDefinition>({ kind: CustomResourceDefinitions, name }).catch(gone)
    if (!now) return undefined
    const metadata = { ...now.metadata, ...(resourceVersion && { resourceVersion: now.metadata.resourceVersion }), finalizers: rest }
    await api.update({ kind: CustomResourceDefinitions, name }, { ...now, metadata })
    this.#stop(name)
    return undefined
  }

  async #say(definition: CustomResourceDefinition, said: readonly Condition[]): Promise<void> {
    const now = timeOf(this.#options.clock.now())
    const before = definition.status.conditions ?? []
    const conditions = said.map(one => {
      const old = before.find(({ type }) => type === one.type)
      return { ...one, lastTransitionTime: old?.status === one.status ? (old.lastTransitionTime ?? now) : now }
    })
    const others = before.filter(({ type }) => !conditions.some(one => one.type === type))
    const acceptedNames = said.some(({ type, status }) => type === 'NamesAccepted' && status === 'True')
      ? definition.spec.names
      : definition.status.acceptedNames
    const status = { ...definition.status, conditions: [...others, ...conditions], ...(acceptedNames && { acceptedNames }) }
    if (JSON.stringify(status) === JSON.stringify(definition.status)) return
    const target = { kind: CustomResourceDefinitions, name: definition.metadata.name, subresource: 'status' }
    await this.#options.api.update(target, { ...definition, status } as CustomResourceDefinition)
  }
}

const condition = (type: string, status: string, reason: string, message: string): Condition => ({ type, status, reason, message })

const isEstablished = ({ status, metadata }: CustomResourceDefinition): boolean =>
  !metadata.deletionTimestamp && (status.conditions ?? []).some(one => one.type === 'Established' && one.status === 'True')

const gone = (error: unknown): undefined => {
  if (isStatus(error, 'NotFound')) return undefined
  throw error
}
