/** Whether a server's memory stays where it is, from readings at even distances. */
export interface MemoryCourse {
  /** Median MiB of the second quarter, when everything has been used once, and of the last. */
  readonly settled: number
  readonly end: number
  /** The end lies within a tenth and 32 MiB of where it had settled. */
  readonly flat: boolean
}

export function memoryCourse(readings: readonly number[]): MemoryCourse {
  const quarter = Math.max(1, Math.floor(readings.length / 4))
  const settled = median(readings.slice(quarter, 2 * quarter))
  const end = median(readings.slice(-quarter))
  return { settled, end, flat: end <= settled * 1.1 + 32 }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}
