/** Requests in flight at once: more is only latency (LIMITS.md 5). */
export const IN_FLIGHT = 64

/** Does `work` for every item, a bounded number at a time; gives back what failed. */
export const inParallel = <T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<readonly unknown[]> => inFlight(items, work, () => true)

async function inFlight<T>(items: readonly T[], work: (item: T) => Promise<void>, goesOn: (errors: number) => boolean): Promise<readonly unknown[]> {
  const errors: unknown[] = []
  let next = 0
  const worker = async () => {
    while (next < items.length && goesOn(errors.length)) {
      const item = items[next++] as T
      try {
        await work(item)
      } catch (error) {
        errors.push(error)
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(IN_FLIGHT, items.length) }, worker))
  return errors
}

/**
 * As above in batches of 1, 2, 4, 8 …, or from `first` on; a batch in which something failed is the last, so that a hopeless cause
 * costs little. Once a batch would be all that may be in flight, the rest goes without a stop until something fails: that costs no more.
 */
export async function slowStart<T>(items: readonly T[], work: (item: T) => Promise<void>, first = 1): Promise<readonly unknown[]> {
  let from = 0
  for (let size = first; from < items.length && size < IN_FLIGHT; from += size, size *= 2) {
    const errors = await inParallel(items.slice(from, from + size), work)
    if (errors.length > 0) return errors
  }
  return inFlight(items.slice(from), work, errors => errors === 0)
}

/** One error for several. */
export const asOne = (errors: readonly unknown[]): unknown => (errors.length === 1 ? errors[0] : new AggregateError(errors, messageOf(errors)))

function messageOf(errors: readonly unknown[]): string {
  const messages = new Set(errors.map(error => (error instanceof Error ? error.message : String(error))))
  return [...messages].slice(0, 3).join('; ')
}
