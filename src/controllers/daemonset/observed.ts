import { ControllerRevisions } from '../../api/kinds/apps/controller-revision.ts'
import { DaemonSets } from '../../api/kinds/apps/daemon-set.ts'
import { Nodes } from '../../api/kinds/core/node.ts'
import { Pods } from '../../api/kinds/core/pod.ts'
import { matcherOf } from '../../api/meta/label-selector.ts'
import type { KubeObject } from '../../api/meta/object.ts'
import { controllerOf } from '../../api/meta/owner.ts'
import type { ControllerRevision } from '../../api/types/apps/controller-revision.ts'
import type { DaemonSet } from '../../api/types/apps/daemon-set.ts'
import type { Node } from '../../api/types/core/node.ts'
import type { Pod } from '../../api/types/core/pod.ts'
import { byController, CONTROLLED_BY } from '../../client/indexes.ts'
import type { Informer } from '../../client/informer.ts'
import type { Informers } from '../../client/informers.ts'
import { selectsAll } from '../../judge/daemonset/claims.ts'
import { targetNode } from '../../judge/daemonset/pod-facts.ts'

const BY_CONTROLLER_AND_NODE = 'controller and node'
const ORPHANS = 'orphans'

/** The controller's uid of a thing that a DaemonSet manages. */
export function daemonSetUid(object: KubeObject): string | undefined {
  const controller = controllerOf(object)
  return controller?.kind === 'DaemonSet' ? controller.uid : undefined
}

const orphanIn = (object: KubeObject): string | undefined => (controllerOf(object) ? undefined : (object.metadata.namespace ?? ''))
const controllerAndNode = (pod: Pod): string | undefined => {
  const uid = daemonSetUid(pod)
  return uid && `${uid} ${targetNode(pod) ?? ''}`
}

/** What the controller sees: local copies of sets, nodes, pods and revisions, with the ways it looks into them. */
export class ObservedCluster {
  readonly sets: Informer<DaemonSet>
  readonly nodes: Informer<Node>
  readonly pods: Informer<Pod>
  readonly revisions: Informer<ControllerRevision>

  constructor(informers: Informers) {
    this.sets = informers.of(DaemonSets)
    this.nodes = informers.of(Nodes)
    this.pods = informers.of(Pods, {
      indexes: {
        ...byController,
        [BY_CONTROLLER_AND_NODE]: controllerAndNode,
        [ORPHANS]: orphanIn,
      },
    })
    this.revisions = informers.of(ControllerRevisions, { indexes: { ...byController, [ORPHANS]: orphanIn } })
  }

  /** Resolves when all four have their first full state. */
  async synced(): Promise<void> {
    await Promise.all([this.sets.synced, this.nodes.synced, this.pods.synced, this.revisions.synced])
  }

  /** What a set might claim: what it manages, and what nobody manages in its namespace. */
  *candidates<T extends Pod | ControllerRevision>(informer: Informer<T>, set: DaemonSet): Iterable<T> {
    yield* managed(set, informer)
    yield* informer.by(ORPHANS, set.metadata.namespace ?? '')
  }

  /** The set's claimed pods that are bound or pinned to the node. */
  podsOn(set: DaemonSet, node: string): readonly Pod[] {
    const matches = matcherOf(set.spec.selector)
    return Array.from(this.pods.by(BY_CONTROLLER_AND_NODE, `${set.metadata.uid} ${node}`)).filter(({ metadata }) => matches(metadata.labels))
  }

  /** Walked only as far as somebody asks: there may be tens of thousands. */
  claimedPods(set: DaemonSet): Iterable<Pod> {
    return matching(set, managed(set, this.pods))
  }
  claimedRevisions(set: DaemonSet): readonly ControllerRevision[] {
    return [...matching(set, managed(set, this.revisions))]
  }

  /** Sets that would take an orphan: same namespace, and a selector that is not empty and matches. */
  *setsFor({ metadata }: KubeObject): Iterable<DaemonSet> {
    if (!metadata.labels) return
    for (const set of this.sets.list()) {
      if (set.metadata.namespace === metadata.namespace && !selectsAll(set) && matcherOf(set.spec.selector)(metadata.labels)) yield set
    }
  }
}

function* managed<T extends KubeObject>({ metadata }: DaemonSet, informer: Informer<T>): Iterable<T> {
  for (const object of informer.by(CONTROLLED_BY, metadata.uid)) if (daemonSetUid(object) === metadata.uid) yield object
}

function* matching<T extends KubeObject>(set: DaemonSet, objects: Iterable<T>): Iterable<T> {
  const matches = matcherOf(set.spec.selector)
  for (const object of objects) if (matches(object.metadata.labels)) yield object
}
