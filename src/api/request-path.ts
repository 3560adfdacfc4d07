import type { Target } from './access.ts'

/** The path of a target, its parts escaped. */
export function pathOf({ kind, namespace, name, subresource }: Target): string {
  const parts = kind.group ? ['apis', kind.group, kind.version] : ['api', kind.version]
  if (namespace && kind.namespaced) parts.push('namespaces', namespace)
  parts.push(kind.resource)
  if (name !== undefined) parts.push(name)
  if (subresource !== undefined) parts.push(subresource)
  return `/${parts.map(encodeURIComponent).join('/')}`
}
