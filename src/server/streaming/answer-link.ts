import type { Duplex } from 'node:stream'
import { BATCH_BEGINS, BATCH_BYTES, BATCHES_OPEN } from '../../api/node-writes.ts'
import { goOutTogether } from '../../base/node/go-out-together.ts'
import { LineReader, type ReadParts } from '../../base/node/line-reader.ts'

/** Long enough for one batch after another to be there when the one before has been answered. */
const OPEN = BATCHES_OPEN + 1

export interface LinkCalls {
  /** Answers a batch of writes; throws when a line is none. */
  write(line: Buffer): Promise<string>
  /** Takes any other line; says how many bytes follow that are no lines. Throws when nothing can be made of it. */
  other(line: Buffer): number | void
  /** Takes some of those bytes. */
  bytes?(piece: Buffer): void
  /** Told whenever something comes. */
  heard?(): void
  onError(error: unknown): void
}

/**
 * Answers what comes over a link; an empty line, by which an agent asks whether anybody is there, by another. While as many batches of
 * writes are open as an agent may have, or it does not take what it is sent, nothing more is read. The link ends when nothing can be made
 * of a line, or it is too long.
 */
export function answerLink(stream: Duplex, calls: LinkCalls): void {
  const link = new AnsweredLink(stream, calls)
  stream.on('data', (chunk: Buffer) => link.take(chunk))
  stream.on('drain', () => link.drained())
}

class AnsweredLink implements ReadParts {
  readonly #stream: Duplex
  readonly #calls: LinkCalls
  readonly #reader = new LineReader(BATCH_BYTES, this)
  #open = 0
  #full = false

  constructor(stream: Duplex, calls: LinkCalls) {
    this.#stream = stream
    this.#calls = calls
  }

  take(chunk: Buffer): void {
    this.#calls.heard?.()
    try {
      this.#reader.take(chunk)
    } catch (error) {
      this.#end(error)
    }
    if (this.#stream.writableNeedDrain) this.#full = true
    this.#flow()
  }

  drained(): void {
    this.#full = false
    this.#flow()
  }

  line(line: Buffer): number | void {
    if (line[0] === BATCH_BEGINS.charCodeAt(0)) void this.#answer(line)
    else if (line.length > 0) return this.#calls.other(line)
    else if (!this.#stream.destroyed) this.#full = !this.#stream.write('\n')
  }

  bytes(piece: Buffer): void {
    this.#calls.bytes?.(piece)
  }

  async #answer(line: Buffer): Promise<void> {
    const stream = this.#stream
    this.#open++
    try {
      const text = await this.#calls.write(line)
      if (stream.destroyed) return
      goOutTogether(stream)
      this.#full = !stream.write(`${text}\n`)
    } catch (error) {
      this.#end(error)
    } finally {
      this.#open--
      this.#flow()
    }
  }

  #flow(): void {
    if (this.#open >= OPEN || this.#full) this.#stream.pause()
    else this.#stream.resume()
  }

  #end(error: unknown): void {
    if (!this.#stream.destroyed) this.#calls.onError(error)
    this.#stream.destroy()
  }
}
