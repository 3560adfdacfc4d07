import type { Writable } from 'node:stream'
import type { Clock } from '../../base/clock.ts'
import { draining } from '../../base/node/draining.ts'

/** Takes what is written to a client from time to time, for long. */
export interface Outlet {
  /** There is nobody to write to any more. */
  readonly destroyed: boolean
  /** False: whoever writes waits for `drained` before the next. */
  write(piece: Buffer | string): boolean
  /** Resolves when more can be written, or nobody is there any more; whoever takes nothing for a minute is cut off. */
  drained(clock: Clock): Promise<void>
  end(): void
}

/** The outlet that a stream is. */
export class StreamOutlet implements Outlet {
  readonly #stream: Writable

  constructor(stream: Writable) {
    this.#stream = stream
  }

  get destroyed(): boolean {
    return this.#stream.destroyed
  }
  write(piece: Buffer | string): boolean {
    return this.#stream.write(piece)
  }
  drained(clock: Clock): Promise<void> {
    return draining(this.#stream, undefined, clock)()
  }
  end(): void {
    this.#stream.end()
  }
}
