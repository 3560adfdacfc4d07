import { matcherOf } from '../../api/meta/label-selector.ts'
import type { KubeObject } from '../../api/meta/object.ts'
import { controllerOf } from '../../api/meta/owner.ts'
import type { ControllerRevision } from '../../api/types/apps/controller-revision.ts'
import type { DaemonSet } from '../../api/types/apps/daemon-set.ts'
import type { Node } from '../../api/types/core/node.ts'
import type { Pod } from '../../api/types/core/pod.ts'
import { equal } from '../../base/equal.ts'
import type { Change } from '../../client/informer.ts'
import { concernsSet, nodeChangeMatters } from '../../judge/daemonset/node-change.ts'
import { targetNode } from '../../judge/daemonset/pod-facts.ts'
import { daemonSetUid, type ObservedCluster } from './observed.ts'
import { SetState } from './set-state.ts'

/** Turns what changes in the cluster into sets to look at, and says in each set's state what to look at. */
export class Changes {
  readonly #cluster: ObservedCluster
  readonly #enqueue: (key: string) => void
  /** By uid. */
  readonly #states = new Map<string, SetState>()

  constructor(cluster: ObservedCluster, enqueue: (key: string) => void) {
    this.#cluster = cluster
    this.#enqueue = enqueue
  }

  /** Starts listening; sets first, so that their pods find them. Returns the way to stop. */
  start(): () => void {
    const stops = [
      this.#cluster.sets.subscribe(change => this.#set(change)),
      this.#cluster.nodes.subscribe(change => this.#node(change)),
      this.#cluster.revisions.subscribe(change => this.#revision(change)),
      this.#cluster.pods.subscribe(change => this.#pod(change)),
    ]
    return () => {
      for (const stop of stops) stop()
    }
  }

  /** What is kept of the set that goes by this name now. */
  stateOf(set: DaemonSet): SetState {
    let state = this.#states.get(set.metadata.uid)
    if (!state) {
      state = new SetState(`${set.metadata.namespace}/${set.metadata.name}`)
      this.#states.set(set.metadata.uid, state)
    }
    return state
  }

  #set({ key, object, old }: Change<DaemonSet>): void {
    if (old && old.metadata.uid !== object?.metadata.uid) this.#states.delete(old.metadata.uid)
    if (object) this.stateOf(object)
    this.#enqueue(key)
  }

  #node({ key, object, old }: Change<Node>): void {
    if (object && old && !nodeChangeMatters(old, object)) return
    for (const state of this.#states.values()) {
      state.keeper.touch(key)
      if (concernsSet(state.keeper, key, object)) this.#enqueue(state.key)
    }
  }

  #pod({ object, old }: Change<Pod>): void {
    const before = old && this.#ownerState(old)
    const now = object && this.#ownerState(object)
    if (before && (before !== now || old.spec !== object?.spec)) touch(before, old)
    if (now) touch(now, object)
    if (before && (object?.metadata.uid !== old.metadata.uid || object.metadata.deletionTimestamp !== undefined)) before.deleted.delete(old.metadata.uid)
    this.#managed(object, old, before, now)
  }

  #revision({ object, old }: Change<ControllerRevision>): void {
    this.#managed(object, old, old && this.#ownerState(old), object && this.#ownerState(object))
  }

  /** Looks at who managed the thing and who does; of an orphan, at every set that would take it. */
  #managed(object: KubeObject | undefined, old: KubeObject | undefined, before: SetState | undefined, now: SetState | undefined): void {
    if (before) this.#enqueue(before.key)
    if (object && now) {
      if (now !== before) this.#enqueue(now.key)
      const set = this.#cluster.sets.get(now.key)
      if (set && !matcherOf(set.spec.selector)(object.metadata.labels)) now.claims = true
    }
    if (!object || controllerOf(object) || object.metadata.deletionTimestamp !== undefined) return
    if (old && !controllerOf(old) && equal(old.metadata.labels, object.metadata.labels)) return
    for (const set of this.#cluster.setsFor(object)) {
      const state = this.stateOf(set)
      state.claims = true
      this.#enqueue(state.key)
    }
  }

  #ownerState(object: KubeObject): SetState | undefined {
    const uid = daemonSetUid(object)
    return uid === undefined ? undefined : this.#states.get(uid)
  }
}

function touch({ keeper }: SetState, pod: Pod): void {
  const node = targetNode(pod)
  if (node !== undefined) keeper.touch(node)
}
