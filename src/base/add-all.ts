/** Adds the items one by one: as arguments of one call, a hundred thousand of them are more than the stack holds. */
export function addAll<T>(to: T[], items: Iterable<T>): void {
  for (const item of items) to.push(item)
}
