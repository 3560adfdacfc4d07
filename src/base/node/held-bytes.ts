/**
 * Bytes of a stream that are not a whole frame yet. However small the pieces that a frame comes in, its bytes are copied a
 * few times only.
 */
export class HeldBytes {
  #buffer: Buffer = Buffer.alloc(0)
  #length = 0

  get length(): number {
    return this.#length
  }

  /** All that is held, with this after it. What was cut from it stays as it is. */
  with(chunk: Buffer): Buffer {
    if (this.#length === 0) return chunk
    const length = this.#length + chunk.length
    if (length > this.#buffer.length) {
      const grown = Buffer.allocUnsafe(Math.max(2 * this.#buffer.length, length))
      this.#buffer.copy(grown, 0, 0, this.#length)
      this.#buffer = grown
    }
    chunk.copy(this.#buffer, this.#length)
    return this.#buffer.subarray(0, length)
  }

  /** Holds on to the last `length` of these bytes, which `with` gave. */
  keep(bytes: Buffer, length: number): void {
    const began = this.#length > 0 && length === bytes.length
    if (!began) this.#buffer = Buffer.from(bytes.subarray(bytes.length - length))
    this.#length = length
  }
}
