import { isFields, type JsonSchemaProps } from './props.ts'

/** Finds the element of a former list that has the same key; undefined where elements have none. */
export function correlated(schema: JsonSchemaProps, old: unknown): ((item: unknown) => unknown) | undefined {
  if (schema['x-kubernetes-list-type'] !== 'map' || !Array.isArray(old)) return undefined
  const keys = schema['x-kubernetes-list-map-keys'] ?? []
  const keyOf = (item: unknown): string => JSON.stringify(keys.map(key => (isFields(item) ? item[key] : undefined)))
  const byKey = new Map(old.map(item => [keyOf(item), item]))
  return item => byKey.get(keyOf(item))
}
