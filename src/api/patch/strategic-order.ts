/** Tells the elements of a list apart. */
export type ListKey = (item: unknown) => string

/** A scalar as a map key: `1` and `"1"` differ. */
export const keyOf = (value: unknown): string => `${typeof value}:${typeof value === 'object' ? JSON.stringify(value) : value}`

/** The first index of each key. */
export function orderOf(list: readonly unknown[], by: ListKey): Map<string, number> {
  const order = new Map<string, number>()
  for (let i = 0; i < list.length; i++) {
    const key = by(list[i])
    if (!order.has(key)) order.set(key, i)
  }
  return order
}

/**
 * Brings a merged list into the order of strategic merge: elements named by `order` follow it, the others keep the order of
 * `server`; one of the others comes before the next named element only where the server's list had it there.
 */
export function inOrder(merged: readonly unknown[], order: readonly unknown[], server: readonly unknown[], by: ListKey): readonly unknown[] {
  const wanted = orderOf(order, by)
  const present = orderOf(server, by)
  const place = (item: unknown, positions: Map<string, number>) => positions.get(by(item)) ?? Number.MAX_SAFE_INTEGER
  const sorted = (items: unknown[], positions: Map<string, number>) => items.sort((a, b) => place(a, positions) - place(b, positions))
  const named = sorted(
    merged.filter(item => wanted.has(by(item))),
    wanted,
  )
  const others = sorted(
    merged.filter(item => !wanted.has(by(item))),
    present,
  )
  const out: unknown[] = []
  let i = 0
  let j = 0
  while (i < others.length && j < named.length) {
    const left = present.get(by(others[i]))
    const right = present.get(by(named[j]))
    out.push(left !== undefined && right !== undefined && left < right ? others[i++] : named[j++])
  }
  return [...out, ...others.slice(i), ...named.slice(j)]
}
