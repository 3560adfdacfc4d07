/** Values are cut from slabs of this size: making a buffer for each costs more than filling it. */
const SLAB = 64 << 10
/** A value that may be larger gets a buffer of its own, so that little of a slab is left over. */
const ALONE = SLAB / 4
const LONGEST_CHARACTER = 4

/** Makes the bytes that are stored. */
export class Encoder {
  #slab = Buffer.allocUnsafeSlow(SLAB)
  #used = 0

  encode(text: string): Uint8Array {
    if (text.length > ALONE) return Buffer.from(text)
    for (;;) {
      const room = SLAB - this.#used
      const written = text.length > room ? room : this.#slab.write(text, this.#used)
      // What is cut off leaves less room than one character takes.
      if (room - written >= LONGEST_CHARACTER) {
        const value = this.#slab.subarray(this.#used, this.#used + written)
        this.#used += written
        return value
      }
      this.#slab = Buffer.allocUnsafeSlow(SLAB)
      this.#used = 0
    }
  }
}
