import { invalidObject, notSupported, required } from '../../api/meta/field-error.ts'
import type { KubeObject } from '../../api/meta/object.ts'
import { badRequest, conflict } from '../../api/meta/status.ts'
import { timeOf } from '../../api/meta/time.ts'
import { Binding } from '../../api/types/core/binding.ts'
import type { Pod } from '../../api/types/core/pod.ts'
import type { Status } from '../../api/types/meta.ts'
import { checkPreconditions } from './deletion.ts'
import type { Working } from './metadata.ts'
import { rewrite } from './rewrite.ts'
import { nextState } from './update.ts'
import type { PostHandler, PostSubresource, VirtualKind } from './virtual.ts'
import type { World } from './world.ts'

const BINDING = { group: '', version: 'v1', kind: 'Binding', schema: Binding } as const
export const SUCCESS: Status = Object.freeze({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success' })

/** POST pods/NAME/binding, and POST bindings: says on which node a pod runs. */
export function bindings(world: World): { readonly post: PostSubresource; readonly virtual: VirtualKind } {
  const create: PostHandler = posted => bind(world, posted)
  return {
    post: { on: 'pods/binding', group: '', bodies: [BINDING], create },
    virtual: {
      kind: { ...BINDING, resource: 'bindings', singular: 'binding', namespaced: true, verbs: ['create'], columns: [] },
      create,
    },
  }
}

async function bind(world: World, { name, namespace, body, dryRun, caller, fieldManager, warn }: Parameters<PostHandler>[0]): Promise<Status> {
  const binding = body as unknown as Binding
  const { target, metadata } = binding
  if (metadata.name && metadata.name !== name) throw badRequest('name in URL does not match name in Binding object')
  const errors = [
    ...(target?.kind && target.kind !== 'Node' ? [notSupported('target.kind', target.kind, ['Node', '<empty>'])] : []),
    ...(target?.name ? [] : [required('target.name')]),
  ]
  if (errors.length > 0) throw invalidObject({ group: '', kind: 'Binding' }, name, errors)
  const served = world.catalogue.find('', 'v1', 'pods')!
  const at = { group: '', resource: 'pods/binding' }
  await rewrite(world, {
    kind: served.kind,
    namespace,
    name,
    dryRun,
    next: old => {
      const pod = old as Pod
      const { spec } = pod
      checkPreconditions(served.kind, old, { uid: metadata.uid || undefined, resourceVersion: metadata.resourceVersion || undefined })
      if (pod.metadata.deletionTimestamp !== undefined) throw conflict(at, name, `pod ${name} is being deleted, cannot be assigned to a host`)
      if (spec.nodeName) throw conflict(at, name, `pod ${name} is already assigned to node "${spec.nodeName}"`)
      if ((spec.schedulingGates?.length ?? 0) > 0) throw conflict(at, name, `pod ${name} has non-empty .spec.schedulingGates`)
      const scheduled = { type: 'PodScheduled', status: 'True', lastTransitionTime: timeOf(world.clock.now()) }
      // Where it was expected to go says nothing any more (KEP-5278).
      const { nominatedNodeName: _, ...status } = pod.status
      const conditions = (status.conditions ?? []).filter(condition => condition.type !== 'PodScheduled')
      const draft = {
        ...pod,
        metadata: merged(pod, metadata),
        spec: { ...spec, nodeName: target.name },
        status: { ...status, conditions: [...conditions, scheduled] },
      } as unknown as Working
      return nextState(world, { served, part: 'binding', caller, manager: fieldManager, dryRun, warn, validate: () => [] }, draft, old)
    },
  })
  return SUCCESS
}

/** Annotations and labels of the binding become the pod's. */
function merged({ metadata }: KubeObject, { annotations, labels }: Binding['metadata']): KubeObject['metadata'] {
  if (!annotations && !labels) return { ...metadata }
  return {
    ...metadata,
    ...(annotations && { annotations: { ...metadata.annotations, ...annotations } }),
    ...(labels && { labels: { ...metadata.labels, ...labels } }),
  }
}
