/** Whether two JSON values are the same; `undefined` members count as absent. */
export function equal(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a.length !== b.length) return false
    for (let i = 0; i < a.length; i++) if (!equal(a[i], b[i])) return false
    return true
  }
  if (Array.isArray(b)) return false
  const left = a as Record<string, unknown>
  const right = b as Record<string, unknown>
  // An inherited member of `right` is no JSON value, or makes the counts differ. Primitives are compared here, without a call.
  let present = 0
  for (const key in left) {
    const value = left[key]
    if (value === undefined) continue
    present++
    const other = right[key]
    if (value !== other && (typeof value !== 'object' || !equal(value, other))) return false
  }
  for (const key in right) if (right[key] !== undefined) present--
  return present === 0
}
