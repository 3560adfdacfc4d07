import type { AdmissionPlugin, AdmissionRequest, AdmissionView } from './plugin.ts'

/** The plugins in their fixed order, and for each kind of write those that want to see it. */
export class Admission {
  readonly #plugins: readonly AdmissionPlugin[]
  readonly #view: AdmissionView
  readonly #chosen = new Map<string, { readonly mutate: readonly AdmissionPlugin[]; readonly check: readonly AdmissionPlugin[] }>()

  constructor(plugins: readonly AdmissionPlugin[], view: AdmissionView) {
    this.#plugins = plugins
    this.#view = view
  }

  /** Lets the plugins change the object, one after the other. Synchronous unless one of them waits. */
  mutate(request: AdmissionRequest): Promise<void> | undefined {
    return this.#run(this.#for(request).mutate, 'mutate', request)
  }

  /** Lets the plugins refuse the write as it is now. */
  check(request: AdmissionRequest): Promise<void> | undefined {
    return this.#run(this.#for(request).check, 'check', request)
  }

  #for({ kind, subresource, operation }: AdmissionRequest) {
    const resource = subresource ? `${kind.resource}/${subresource}` : kind.resource
    const key = `${operation} ${kind.group}/${resource}`
    let chosen = this.#chosen.get(key)
    if (!chosen) {
      const wanted = this.#plugins.filter(plugin => plugin.operations.includes(operation) && (plugin.on.includes(resource) || plugin.on.includes('*')))
      chosen = { mutate: wanted.filter(plugin => plugin.mutate), check: wanted.filter(plugin => plugin.check) }
      this.#chosen.set(key, chosen)
    }
    return chosen
  }

  #run(plugins: readonly AdmissionPlugin[], step: 'mutate' | 'check', request: AdmissionRequest): Promise<void> | undefined {
    for (let i = 0; i < plugins.length; i++) {
      const waiting = plugins[i]![step]!(request, this.#view)
      if (waiting !== undefined) return this.#rest(waiting, plugins.slice(i + 1), step, request)
    }
    return undefined
  }

  async #rest(waiting: Promise<void>, plugins: readonly AdmissionPlugin[], step: 'mutate' | 'check', request: AdmissionRequest): Promise<void> {
    await waiting
    await this.#run(plugins, step, request)
  }
}
