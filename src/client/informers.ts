import type { Api } from '../api/access.ts'
import type { KindRef } from '../api/kinds/kind.ts'
import type { KubeObject } from '../api/meta/object.ts'
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import { type Indexer, Informer } from './informer.ts'

export interface InformersOptions {
  readonly api: Api
  readonly clock: Clock
  readonly log: Log
  /** A number in [0, 1) for the jitter of reconnecting. */
  readonly random?: () => number
}

/** One informer per kind and selector, shared by all who ask; started by the first that runs or asks later. */
export class Informers {
  readonly #options: InformersOptions
  readonly #informers = new Map<string, Informer<KubeObject>>()
  readonly #running: Promise<void>[] = []
  #signal: AbortSignal | undefined

  constructor(options: InformersOptions) {
    this.#options = options
  }

  of<T extends KubeObject>(
    kind: KindRef<T>,
    options: {
      readonly namespace?: string
      readonly labelSelector?: string
      readonly fieldSelector?: string
      readonly indexes?: Readonly<Record<string, Indexer<T>>>
    } = {},
  ): Informer<T> {
    const { indexes = {}, ...selection } = options
    const key = JSON.stringify([kind.group, kind.version, kind.resource, selection.namespace, selection.labelSelector, selection.fieldSelector])
    let informer = this.#informers.get(key) as unknown as Informer<T> | undefined
    if (!informer) {
      informer = new Informer<T>({ ...this.#options, target: { kind, ...selection }, indexes })
      this.#informers.set(key, informer as unknown as Informer<KubeObject>)
      if (this.#signal) this.#running.push(informer.run(this.#signal))
    } else for (const [name, indexer] of Object.entries(indexes)) informer.index(name, indexer)
    return informer
  }

  /** Resolves when every informer asked for so far has its first full state. */
  async synced(): Promise<void> {
    await Promise.all([...this.#informers.values()].map(informer => informer.synced))
  }

  /** Starts what has been asked for and what will be; resolves when the signal has aborted and all have ended. */
  async run(signal: AbortSignal): Promise<void> {
    this.#signal = signal
    for (const informer of this.#informers.values()) this.#running.push(informer.run(signal))
    if (!signal.aborted) await new Promise<void>(resolve => signal.addEventListener('abort', () => resolve(), { once: true }))
    await Promise.all(this.#running)
  }
}
