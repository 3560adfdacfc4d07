/** The places of items whose key one before them has; keys are compared like those of a Map. */
export function repeats<T>(items: readonly T[], key: (item: T) => unknown): ReadonlySet<number> {
  const seen = new Set<unknown>()
  const found = new Set<number>()
  items.forEach((item, i) => {
    const own = key(item)
    if (seen.has(own)) found.add(i)
    else seen.add(own)
  })
  return found
}
