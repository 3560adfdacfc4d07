import type { Api } from '../../src/api/access.ts'
import type { KubeObject } from '../../src/api/meta/object.ts'
import { StatusError } from '../../src/api/meta/status.ts'

/** What stands between one process and the server: requests can fail before or after they are carried out, watches can be cut, the process can die. */
export class Faults {
  /** So many of the next writes are refused, before anything is written. */
  refuse = 0
  /** So many of the next writes are carried out, and their answers lost. */
  lose = 0
  /** No request goes through any more: the process is dead. */
  dead = false
  readonly #random: () => number
  readonly #noticed: () => void
  #cut = new AbortController()

  constructor(random: () => number, noticed: () => void) {
    this.#random = random
    this.#noticed = noticed
  }

  /** Breaks every watch there is; those that follow are whole. */
  cut(): void {
    const cut = this.#cut
    this.#cut = new AbortController()
    cut.abort()
  }

  wrap(api: Api): Api {
    const faults = this
    const write =
      <A extends unknown[], R>(call: (...args: A) => Promise<R>) =>
      async (...args: A): Promise<R> => {
        faults.#before()
        if (faults.refuse > 0) {
          faults.refuse--
          throw faults.#random() < 0.5
            ? new StatusError('Conflict', 'a conflict for the sake of it')
            : new StatusError('InternalError', 'a failure for the sake of it')
        }
        const result = await call(...args)
        faults.#noticed()
        if (faults.lose > 0) {
          faults.lose--
          throw new Error('the answer is lost')
        }
        faults.#before()
        return result
      }
    const read =
      <A extends unknown[], R>(call: (...args: A) => Promise<R>) =>
      async (...args: A): Promise<R> => {
        faults.#before()
        const result = await call(...args)
        faults.#before()
        return result
      }
    async function* watch(...[target, options]: Parameters<Api['watch']>) {
      faults.#before()
      const cut = faults.#cut.signal
      for await (const batch of api.watch<KubeObject>(target, { ...options, signal: AbortSignal.any([options.signal, cut]) })) {
        faults.#noticed()
        yield batch
        if (cut.aborted || faults.dead) break
      }
      if (cut.aborted && !options.signal.aborted) throw new Error('the watch is cut')
    }
    return {
      get: read(api.get),
      list: read(api.list),
      create: write(api.create),
      update: write(api.update),
      patch: write(api.patch),
      delete: write(api.delete),
      deleteCollection: write(api.deleteCollection),
      post: write(api.post),
      watch,
    } as Api
  }

  #before(): void {
    this.#noticed()
    if (this.dead) throw new Error('the process is dead')
  }
}
