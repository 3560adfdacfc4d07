import type { Log } from '../../base/log.ts'
import type { Supply } from '../pressure/supplies.ts'
import type { ImageStock } from '../runtime/backend.ts'
import { bytesToCollect, unusedImages } from './collect.ts'

/** Removes images that nobody uses. Remembers since when: what was used lately may be wanted again. */
export class ImageCollector {
  readonly #images: ImageStock
  readonly #log: Log
  readonly #lastUsed = new Map<string, number>()

  constructor(images: ImageStock, log: Log) {
    this.#images = images
    this.#log = log
  }

  /** Removes as many as its disk must be rid of. */
  collect(disk: Supply, now: number): Promise<number> {
    return this.#remove(bytesToCollect(disk), now)
  }

  /** Removes all that may go; resolves with how many. */
  collectAll(now: number): Promise<number> {
    return this.#remove(Number.POSITIVE_INFINITY, now)
  }

  async #remove(bytes: number, now: number): Promise<number> {
    const { present, inUse } = await this.#images.list()
    for (const { id } of present) if (inUse.has(id) || !this.#lastUsed.has(id)) this.#lastUsed.set(id, now)
    for (const id of this.#lastUsed.keys()) if (!present.some(image => image.id === id)) this.#lastUsed.delete(id)
    let wanted = bytes
    let removed = 0
    for (const image of unusedImages(present, inUse, this.#lastUsed, now)) {
      if (wanted <= 0) break
      await this.#images.remove(image.id)
      wanted -= image.bytes
      removed++
      this.#log.info('an image that nobody uses was removed', { id: image.id })
    }
    return removed
  }
}
