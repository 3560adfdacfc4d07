const NEWLINE = 0x0a

export interface ReadParts {
  /** Takes a line, without its newline; says how many bytes follow that are no lines, if any do. */
  line(line: Buffer): number | void
  /** Takes some of those bytes. */
  bytes?(piece: Buffer): void
}

/** Cuts chunks of bytes into lines, and what lines say that stands between them; what is left of a last line waits for the next chunk. */
export class LineReader {
  readonly #limit: number
  readonly #parts: ReadParts
  #rest: Buffer[] = []
  #held = 0
  #following = 0

  /** Bytes of the longest line. */
  constructor(limit: number, parts: ReadParts) {
    this.#limit = limit
    this.#parts = parts
  }

  /** Throws when a line is too long. */
  take(chunk: Buffer): void {
    for (let from = 0; from < chunk.length; ) from = this.#following > 0 ? this.#bytes(chunk, from) : this.#line(chunk, from)
  }

  #bytes(chunk: Buffer, from: number): number {
    const piece = chunk.subarray(from, from + this.#following)
    this.#following -= piece.length
    this.#parts.bytes?.(piece)
    return from + piece.length
  }

  #line(chunk: Buffer, from: number): number {
    const at = chunk.indexOf(NEWLINE, from)
    const end = at < 0 ? chunk.length : at
    const part = chunk.subarray(from, end)
    this.#held += part.length
    if (this.#held > this.#limit) throw new Error(`a line is longer than ${this.#limit} bytes`)
    if (at < 0) {
      this.#rest.push(part)
      return end
    }
    const line = this.#rest.length === 0 ? part : Buffer.concat([...this.#rest, part])
    this.#rest = []
    this.#held = 0
    this.#following = this.#parts.line(line) ?? 0
    return end + 1
  }
}
