import type { Log } from '../../base/log.ts'
import type { Supply } from '../pressure/supplies.ts'
import type { ImageStock } from '../runtime/backend.ts'
import { bytesToCollect, unusedImages } from './collect.ts'

/** Bytes. */
export interface Collected {
  readonly wanted: number
  readonly freed: number
}

/** Removes images that nobody uses. Remembers since when: what was used lately may be wanted again. */
export class ImageCollector {
  readonly #images: ImageStock
  readonly #log: Log
  readonly #lastUsed = new Map<string, number>()

  constructor(images: ImageStock, log: Log) {
    this.#images = images
    this.#log = log
  }

  /** Removes as many as its disk must be rid of. Throws when some could not be removed. */
  async collect(disk: Supply, now: number): Promise<Collected> {
    const wanted = bytesToCollect(disk)
    return { wanted, freed: await this.#remove(wanted, now) }
  }

  /** Removes all that may go; resolves with the bytes that this frees. */
  collectAll(now: number): Promise<number> {
    return this.#remove(Number.POSITIVE_INFINITY, now)
  }

  async #remove(bytes: number, now: number): Promise<number> {
    const { present, inUse } = await this.#images.list()
    for (const { id } of present) if (inUse.has(id) || !this.#lastUsed.has(id)) this.#lastUsed.set(id, now)
    for (const id of this.#lastUsed.keys()) if (!present.some(image => image.id === id)) this.#lastUsed.delete(id)
    let freed = 0
    const failures: string[] = []
    for (const image of unusedImages(present, inUse, this.#lastUsed, now)) {
      if (freed >= bytes) break
      try {
        await this.#images.remove(image.id)
        freed += image.bytes
        this.#log.info('an image that nobody uses was removed', { id: image.id })
      } catch (error) {
        failures.push((error as Error).message)
      }
    }
    if (failures.length === 0) return freed
    const wanted = Number.isFinite(bytes) ? bytes : Number.MAX_SAFE_INTEGER
    throw new Error(`wanted to free ${wanted} bytes, but freed ${freed} bytes space with errors in image deletion: ${failures.join(', ')}`)
  }
}
