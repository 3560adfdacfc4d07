import type { List } from '../../api/access.ts'
import { apiVersionOf, type Kind } from '../../api/kinds/kind.ts'
import type { KubeObject } from '../../api/meta/object.ts'
import { isStatus } from '../../api/meta/status.ts'
import type { Status } from '../../api/types/meta.ts'
import { checkPreconditions, planDeletion } from './deletion.ts'
import { type DeleteSettings, deleteSettings } from './options.ts'
import { listObjects } from './read.ts'
import type { Caller, DeleteCollectionRequest, DeleteRequest, Served } from './request.ts'
import { type Rewritten, rewrite } from './rewrite.ts'
import type { World } from './world.ts'

/** Kinds whose delete answers with the object even when it is gone. */
const ANSWERED_WITH_OBJECT = new Set([
  'pods',
  'services',
  'serviceaccounts',
  'persistentvolumes',
  'persistentvolumeclaims',
  'podtemplates',
  'storageclasses',
  'csidrivers',
  'csinodes',
  'volumeattachments',
])

const answersWithObject = ({ group, resource }: Kind): boolean => (group === '' || group === 'storage.k8s.io') && ANSWERED_WITH_OBJECT.has(resource)

export async function deleteObject(world: World, request: DeleteRequest): Promise<KubeObject | Status> {
  const { served, namespace, name, caller } = request
  const settings = deleteSettings(request.options, request.query)
  const { object, outcome } = await deleteOne(world, { served, namespace, name, caller, settings, warn: request.warn })
  if (outcome !== 'removed' || answersWithObject(served.kind)) return object
  return gone(served.kind, object)
}

interface Deletion {
  readonly served: Served
  readonly namespace: string | undefined
  readonly name: string
  readonly caller: Caller
  readonly settings: DeleteSettings
  readonly warn?: ((text: string) => void) | undefined
}

export function deleteOne(world: World, { served, namespace, name, caller, settings, warn = () => {} }: Deletion): Promise<Rewritten> {
  const { kind } = served
  return rewrite(world, {
    kind,
    namespace,
    name,
    dryRun: settings.dryRun,
    next: async old => {
      const admission = {
        operation: 'delete' as const,
        kind,
        subresource: undefined,
        namespace: old.metadata.namespace,
        name,
        user: caller.user,
        object: old,
        old,
        dryRun: settings.dryRun,
        warn,
      }
      const checking = world.admission.check(admission)
      if (checking !== undefined) await checking
      checkPreconditions(kind, old, settings)
      return planDeletion(kind, old, settings, world.clock.now())
    },
  })
}

function gone(kind: Kind, { metadata }: KubeObject): Status {
  return Object.freeze({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: { name: metadata.name, ...(kind.group && { group: kind.group }), kind: kind.resource, uid: metadata.uid },
  })
}

/** How many objects of a collection are deleted at a time. */
const AT_ONCE = 16

/** Deletes everything that the query selects; answers with what was there. */
export async function deleteCollection(world: World, request: DeleteCollectionRequest): Promise<List<KubeObject>> {
  const { served, namespace, caller, query, warn } = request
  const { dryRun: _, ...listQuery } = query
  const settings = deleteSettings(request.options, query)
  const listed = await listObjects(world, served, namespace, listQuery)
  const waiting = [...listed.items]
  const removed: KubeObject[] = []
  const worker = async () => {
    for (let object = waiting.shift(); object; object = waiting.shift()) {
      const { name, namespace: within } = object.metadata
      try {
        removed.push((await deleteOne(world, { served, namespace: within, name, caller, settings, warn })).object)
      } catch (error) {
        if (!isStatus(error, 'NotFound')) throw error
      }
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  return Object.freeze({
    apiVersion: apiVersionOf(served.kind),
    kind: `${served.kind.kind}List`,
    metadata: listed.metadata,
    items: Object.freeze(removed),
  })
}
