const NEWLINE = 0x0a

/** Cuts chunks of bytes into lines, without their newlines; what is left of a last one waits for the next chunk. */
export class Lines {
  readonly #limit: number
  #rest: Buffer[] = []
  #held = 0

  /** Bytes of the longest line. */
  constructor(limit: number) {
    this.#limit = limit
  }

  /** The lines that a chunk completes; undefined when one is too long. */
  take(chunk: Buffer): readonly Buffer[] | undefined {
    const lines: Buffer[] = []
    let from = 0
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, from)) {
      const end = chunk.subarray(from, at)
      if (this.#held + end.length > this.#limit) return undefined
      lines.push(this.#rest.length === 0 ? end : Buffer.concat([...this.#rest, end]))
      this.#rest = []
      this.#held = 0
      from = at + 1
    }
    if (from < chunk.length) {
      this.#rest.push(chunk.subarray(from))
      this.#held += chunk.length - from
    }
    return this.#held > this.#limit ? undefined : lines
  }
}
