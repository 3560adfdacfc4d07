import type { KubeObject } from '../../api/meta/object.ts'
import { jsonText } from '../../base/json-text.ts'

/** Values are cut from slabs of this size: making a buffer for each costs more than filling it. */
const SLAB = 64 << 10
/** A value that may be larger gets a buffer of its own, so that little of a slab is left over. */
const ALONE = SLAB / 4

/** Makes the bytes that are stored: JSON. */
export class Encoder {
  #slab = Buffer.allocUnsafeSlow(SLAB)
  #used = 0

  /** Members that are `undefined` are left out, as JSON does. */
  encode(object: KubeObject): Uint8Array {
    const text = jsonText(object)
    const most = text.length * 3
    if (most > ALONE) {
      const value = Buffer.allocUnsafeSlow(Buffer.byteLength(text))
      value.write(text)
      return value
    }
    if (this.#used + most > SLAB) {
      this.#slab = Buffer.allocUnsafeSlow(SLAB)
      this.#used = 0
    }
    const end = this.#used + this.#slab.write(text, this.#used)
    const value = this.#slab.subarray(this.#used, end)
    this.#used = end
    return value
  }
}
