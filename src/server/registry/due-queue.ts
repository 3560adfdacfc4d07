/** That an object, at a revision, is to go at a time. */
export interface Due {
  readonly key: string
  readonly revision: number
  readonly at: number
}

/** What is due, in the order in which it comes. There are as many as objects: three lists of scalars instead of an object for each. */
export class DueQueue {
  #keys: string[] = []
  #revisions: number[] = []
  #times: number[] = []
  #head = 0

  constructor(sorted: readonly Due[] = []) {
    for (const { key, revision, at } of sorted) this.push(key, revision, at)
  }

  push(key: string, revision: number, at: number): void {
    this.#keys.push(key)
    this.#revisions.push(revision)
    this.#times.push(at)
  }

  /** When the first is due; undefined when there is none. */
  get next(): number | undefined {
    return this.#times[this.#head]
  }

  /** Takes the first out; there must be one. */
  shift(): Due {
    const at = this.#head++
    const due = { key: this.#keys[at]!, revision: this.#revisions[at]!, at: this.#times[at]! }
    this.#keys[at] = ''
    if (this.#head > 1024 && this.#head * 2 > this.#keys.length) {
      for (const list of [this.#keys, this.#revisions, this.#times]) list.splice(0, this.#head)
      this.#head = 0
    }
    return due
  }
}
