const NEWLINE = 0x0a

export interface LinkParts {
  /** Takes a line, without its newline; says how many bytes follow that are no lines. */
  readonly line: (text: string) => number
  /** Takes some of those bytes. */
  readonly bytes: (piece: Buffer) => void
}

/** Cuts what comes over a link into lines and the bytes between them. */
export class LinkReader {
  readonly #limit: number
  readonly #parts: LinkParts
  #rest: Buffer[] = []
  #held = 0
  #following = 0

  /** Bytes of the longest line. */
  constructor(limit: number, parts: LinkParts) {
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
    this.#parts.bytes(piece)
    return from + piece.length
  }

  #line(chunk: Buffer, from: number): number {
    const at = chunk.indexOf(NEWLINE, from)
    const end = at < 0 ? chunk.length : at
    const part = chunk.subarray(from, end)
    this.#held += part.length
    if (this.#held > this.#limit) throw new Error(`a line over the link is longer than ${this.#limit} bytes`)
    if (at < 0) {
      this.#rest.push(part)
      return end
    }
    const line = this.#rest.length === 0 ? part : Buffer.concat([...this.#rest, part])
    this.#rest = []
    this.#held = 0
    this.#following = this.#parts.line(line.toString())
    return end + 1
  }
}
