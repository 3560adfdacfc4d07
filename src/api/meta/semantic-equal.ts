/** Whether two JSON values mean the same: absent, null and empty lists are one. */
export function semanticEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (isNothing(a)) return isNothing(b)
  if (isNothing(b)) return false
  if (typeof a !== 'object' || typeof b !== 'object') return false
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a.length !== b.length) return false
    for (let i = 0; i < a.length; i++) if (!semanticEqual(a[i], b[i])) return false
    return true
  }
  if (Array.isArray(b)) return false
  const left = a as Record<string, unknown>
  const right = b as Record<string, unknown>
  for (const key in left) if (!semanticEqual(left[key], Object.hasOwn(right, key) ? right[key] : undefined)) return false
  for (const key in right) if (!Object.hasOwn(left, key) && !isNothing(right[key])) return false
  return true
}

const isNothing = (value: unknown): boolean => value === undefined || value === null || (Array.isArray(value) && value.length === 0)

/** The paths at which two JSON values differ, at most `limit`: `spec.containers[0].args`. */
export function differences(a: unknown, b: unknown, path: string, limit = 10): readonly string[] {
  const found: string[] = []
  collect(a, b, path, found, limit)
  return found
}

function collect(a: unknown, b: unknown, path: string, found: string[], limit: number): void {
  if (found.length >= limit || semanticEqual(a, b)) return
  if (typeof a !== 'object' || typeof b !== 'object' || !a || !b || Array.isArray(a) !== Array.isArray(b)) {
    found.push(path)
    return
  }
  if (Array.isArray(a) && Array.isArray(b)) {
    if (a.length !== b.length) found.push(path)
    else for (let i = 0; i < a.length; i++) collect(a[i], b[i], `${path}[${i}]`, found, limit)
    return
  }
  const left = a as Record<string, unknown>
  const right = b as Record<string, unknown>
  for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) collect(left[key], right[key], `${path}.${key}`, found, limit)
}
