type JsonObject = Readonly<Record<string, unknown>>
const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value)

/**
 * The objects that a document holds: itself, or the items of a list (`kind: List`, `PodList`, …), also of lists in lists.
 * An item that does not say what it is takes it from the list.
 */
export function flattenList(value: unknown, depth = 0): readonly unknown[] {
  if (!isObject(value) || !Array.isArray(value['items']) || typeof value['kind'] !== 'string' || !value['kind'].endsWith('List') || depth > 10) return [value]
  const kind = value['kind'].slice(0, -'List'.length)
  const apiVersion = value['apiVersion']
  return value['items'].flatMap(item => {
    if (isObject(item) && kind !== '' && item['kind'] === undefined) return [{ apiVersion, kind, ...item }]
    return flattenList(item, depth + 1)
  })
}
