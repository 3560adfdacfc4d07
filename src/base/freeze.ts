/** Freezes a value and all it holds; values already frozen are taken as frozen whole. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  Object.freeze(value)
  if (Array.isArray(value)) for (let i = 0; i < value.length; i++) deepFreeze(value[i])
  else for (const key in value) deepFreeze(value[key])
  return value
}

/** A copy of a JSON value that can be changed in all its parts. */
export function thawed<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(thawed) as T
  const copy = { ...value } as Record<string, unknown>
  for (const key in copy) {
    const member = copy[key]
    if (typeof member === 'object') copy[key] = thawed(member)
  }
  return copy as T
}
