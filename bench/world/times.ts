import { round } from './usage.ts'

/** Durations, taken down one by one and asked for from time to time. */
export class Times {
  #since: number[] = []

  /** In milliseconds. */
  add(duration: number): void {
    this.#since.push(duration)
  }

  /** Those since the last time that this was asked. */
  readonly take = (): readonly number[] => {
    const taken = this.#since
    this.#since = []
    return taken
  }
}

/** The value below which so large a share of the values lies; NaN of none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN)
}
