interface Place {
  readonly group: string
  readonly resource: string
  readonly namespaced: boolean
}

/** Where an object is stored: `/apps/daemonsets/default/fluentd`, `/core/nodes/n1`. */
export const storeKey = (at: Place, namespace: string | undefined, name: string): string =>
  at.namespaced ? `/${at.group || 'core'}/${at.resource}/${namespace}/${name}` : `/${at.group || 'core'}/${at.resource}/${name}`

/** The key of an object among those of its kind: `ns/name`, or `name` without a namespace. */
export const keyOf = (namespace: string | undefined, name: string): string => (namespace ? `${namespace}/${name}` : name)

export const objectKey = (object: { readonly metadata: { readonly namespace?: string | undefined; readonly name?: string | undefined } }): string =>
  keyOf(object.metadata.namespace, object.metadata.name ?? '')

/** The parts of an object key; the namespace is empty for objects that have none. */
export function splitKey(key: string): { readonly namespace: string; readonly name: string } {
  const slash = key.indexOf('/')
  return slash < 0 ? { namespace: '', name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) }
}
