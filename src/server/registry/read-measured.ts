import type { List } from '../../api/access.ts'
import { apiVersionOf } from '../../api/kinds/kind.ts'
import type { KubeObject } from '../../api/meta/object.ts'
import { notFound } from '../../api/meta/status.ts'
import { deepFreeze } from '../../base/freeze.ts'
import { narrow } from './read.ts'
import type { ListQuery, Served } from './request.ts'
import type { ReadKind } from './virtual.ts'

export async function readMeasured(read: ReadKind, { kind }: Served, namespace: string | undefined, name: string): Promise<KubeObject> {
  const [found] = await read.list({ ...(kind.namespaced && { namespace }), name })
  if (!found) throw notFound(kind, name)
  return deepFreeze(found)
}

/** All of it at once and as it is now: there is no revision, and nothing to go on after. */
export async function listMeasured(read: ReadKind, served: Served, namespace: string | undefined, query: ListQuery): Promise<List<KubeObject>> {
  const { kind } = served
  const items = await read.list(narrow(served, namespace, query).selection)
  return deepFreeze({ apiVersion: apiVersionOf(kind), kind: `${kind.kind}List`, metadata: { resourceVersion: '' }, items })
}
