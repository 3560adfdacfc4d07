/** So long after a request from outside others are expected. */
const EXPECTED_MS = 1000

/**
 * Whether somebody asks from outside the process just now. Then long work of the process takes turns of the event loop, so that
 * whoever waits at a socket is heard; when nobody asks, turns would only make it dearer.
 */
export class Outside {
  readonly elapsed: () => number
  #expectedUntil = Number.NEGATIVE_INFINITY

  /** Milliseconds from some moment on. */
  constructor(elapsed: () => number) {
    this.elapsed = elapsed
  }

  /** Somebody has asked. */
  heard(): void {
    this.#expectedUntil = this.elapsed() + EXPECTED_MS
  }

  /** Whether others are expected. */
  get expected(): boolean {
    return this.elapsed() <= this.#expectedUntil
  }
}
