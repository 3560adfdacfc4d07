import type { KubeObject } from '../../api/meta/object.ts'
import type { Pod } from '../../api/types/core/pod.ts'
import type { ClusterRole, ClusterRoleBinding, Role, RoleBinding } from '../../api/types/rbac.ts'
import type { WatchCache, WatchCaches } from '../cache/types.ts'
import type { Authorizer } from '../registry/authorizer.ts'
import { nodeAuthorizer } from './node-authorizer.ts'
import { NodeGraph } from './node-graph.ts'
import { RbacIndex } from './rbac.ts'
import { union } from './union.ts'

const RBAC = 'rbac.authorization.k8s.io'

export interface Permissions {
  readonly authorizer: Authorizer
  readonly rbac: RbacIndex
  readonly graph: NodeGraph
  /** Resolves when the signal has aborted. */
  readonly done: Promise<void>
}

/** Keeps the permissions current with the roles, bindings and pods in the caches. They hold everything when this returns. */
export function openPermissions(caches: WatchCaches, signal: AbortSignal, onError: (error: unknown) => void): Permissions {
  const rbac = new RbacIndex()
  const graph = new NodeGraph()
  const follow = <T extends KubeObject>(group: string, resource: string, set: (object: T) => void, remove: (object: T) => void) =>
    followCache(caches.of<T>({ group, resource })!, set, remove, signal, onError)
  const done = Promise.all([
    follow<Role>(
      RBAC,
      'roles',
      role => rbac.setRole(role),
      role => rbac.removeRole(role),
    ),
    follow<ClusterRole>(
      RBAC,
      'clusterroles',
      role => rbac.setRole(role),
      role => rbac.removeRole(role),
    ),
    follow<RoleBinding>(
      RBAC,
      'rolebindings',
      binding => rbac.setBinding(binding),
      binding => rbac.removeBinding(binding),
    ),
    follow<ClusterRoleBinding>(
      RBAC,
      'clusterrolebindings',
      binding => rbac.setBinding(binding),
      binding => rbac.removeBinding(binding),
    ),
    follow<Pod>(
      '',
      'pods',
      pod => graph.setPod(pod),
      pod => graph.removePod(pod),
    ),
  ]).then(() => {})
  return { authorizer: union([nodeAuthorizer(graph), rbac]), rbac, graph, done }
}

/** Takes the present state at once, then every change; a watch that fell behind starts over from the whole state. */
async function followCache<T extends KubeObject>(
  cache: WatchCache<T>,
  set: (object: T) => void,
  remove: (object: T) => void,
  signal: AbortSignal,
  onError: (error: unknown) => void,
): Promise<void> {
  const known = new Map<string, T>()
  while (!signal.aborted) {
    const { items, revision } = cache.list()
    const gone = new Map(known)
    for (const object of items) {
      gone.delete(object.metadata.uid)
      known.set(object.metadata.uid, object)
      set(object)
    }
    for (const [uid, object] of gone) {
      known.delete(uid)
      remove(object)
    }
    try {
      for await (const events of cache.watch({ after: revision, signal })) {
        for (const event of events) {
          if (event.type === 'BOOKMARK') continue
          const { object } = event
          if (event.type === 'DELETED') {
            known.delete(object.metadata.uid)
            remove(object)
          } else {
            known.set(object.metadata.uid, object)
            set(object)
          }
        }
      }
    } catch (error) {
      if (!signal.aborted) onError(error)
    }
  }
}
