import { isFinished, isPodReady } from '../../api/meta/pod.ts'
import type { Node } from '../../api/types/core/node.ts'
import type { Pod } from '../../api/types/core/pod.ts'
import type { SetFacts } from './facts.ts'
import { backingOffUntil } from './failures.ts'
import { NODE_MISSING, type Placement, placementOf } from './placement.ts'
import { availableFrom, firstInLine, hasCurrentHash, isGone, isScheduled, isTerminating, isUpdated } from './pod-facts.ts'
import { ALONE, type Presence, type Standing, standingOf } from './standing.ts'
import type { Action, NodeVerdict, PodReason, PodVerdict } from './verdict.ts'

/** A node by name; `object` is absent when there is no such node (any more). */
export interface NodeSlot {
  readonly name: string
  readonly object: Node | undefined
}

/** Judges one node and the set's pods that are bound or pinned to it, knowing nothing of any other node. */
export function judgeNode(facts: SetFacts, slot: NodeSlot, podsOnNode: readonly Pod[], now: number): NodeVerdict {
  const placement = slot.object ? placementOf(facts.podSpec, slot.object) : NODE_MISSING
  if (isAlone(placement, podsOnNode)) return judgeAlone(facts, slot.name, placement, podsOnNode[0]!, now)
  return new NodeJudge(facts, slot, placement, now).judge(podsOnNode)
}

/** The same without the short cut for a node that has one running pod: what the short cut is held against. */
export const judgeAtLength = (facts: SetFacts, slot: NodeSlot, podsOnNode: readonly Pod[], now: number): NodeVerdict =>
  new NodeJudge(facts, slot, slot.object ? placementOf(facts.podSpec, slot.object) : NODE_MISSING, now).judge(podsOnNode)

const NOTHING_DUE: readonly Action[] = Object.freeze([])

const isAlone = ({ run }: Placement, pods: readonly Pod[]): boolean => pods.length === 1 && run && !isTerminating(pods[0]!) && !isFinished(pods[0]!)

/** What `NodeJudge` would say of one running pod on a wanted node, which most nodes are, at a tenth of the cost. */
function judgeAlone(facts: SetFacts, node: string, placement: Placement, pod: Pod, now: number): NodeVerdict {
  const ready = isPodReady(pod)
  const from = !ready ? undefined : facts.minReadyMs === 0 ? 0 : availableFrom(pod, facts.minReadyMs)
  const available = from !== undefined && from <= now
  const lookAgainAt = from !== undefined && !available ? from : undefined
  return aloneVerdict(facts, { node, placement, ready, available, lookAgainAt }, pod)
}

/** What becomes of the verdict on a node whose pod is alone when the set turns to another revision, or to another way of replacing. */
export function turned(facts: SetFacts, verdict: NodeVerdict): NodeVerdict {
  const { pod, reason } = verdict.pods[0]!
  const updated = isUpdated(pod, facts)
  return updated === verdict.updated && reason === keptFor(facts, updated, verdict.available) ? verdict : aloneVerdict(facts, verdict, pod)
}

type OfNoRevision = Pick<NodeVerdict, 'node' | 'placement' | 'ready' | 'available' | 'lookAgainAt'>

function aloneVerdict(facts: SetFacts, { node, placement, ready, available, lookAgainAt }: OfNoRevision, pod: Pod): NodeVerdict {
  const updated = isUpdated(pod, facts)
  return {
    node,
    placement,
    pods: [{ pod, reason: keptFor(facts, updated, available) }],
    due: NOTHING_DUE,
    standing: updated ? (available ? ALONE.newAvailable : ALONE.newUnavailable) : available ? ALONE.oldAvailable : ALONE.oldUnavailable,
    old: updated ? undefined : pod,
    alone: true,
    counted: true,
    ready,
    available,
    updated,
    lookAgainAt,
  }
}

const keptFor = ({ replacement }: SetFacts, updated: boolean, available: boolean): PodReason =>
  updated ? (available ? 'current' : 'starting') : replacement === 'on-delete' ? 'on-delete' : 'awaiting-turn'

/** One judgement under way. */
class NodeJudge {
  readonly #facts: SetFacts
  readonly #slot: NodeSlot
  readonly #placement: Placement
  readonly #now: number
  readonly #reasons = new Map<Pod, PodReason>()
  readonly #due: Action[] = []
  #lookAgainAt: number | undefined

  constructor(facts: SetFacts, slot: NodeSlot, placement: Placement, now: number) {
    this.#facts = facts
    this.#slot = slot
    this.#placement = placement
    this.#now = now
  }

  judge(pods: readonly Pod[]): NodeVerdict {
    const sorted = pods.length > 1 ? [...pods].sort(firstInLine) : pods
    const here = sorted.filter(pod => !this.#settle(pod, isGone(pod) && 'gone'))
    const live = here.filter(pod => !this.#settle(pod, isTerminating(pod) && 'going'))
    const first = here[0]
    const counts = first && this.#placement.run ? this.#count(first) : undefined

    if (!this.#slot.object) for (const pod of live) this.#leaveMissingNode(pod)
    else if (this.#placement.run && here.length === 0) this.#due.push({ do: 'create', node: this.#slot.name, why: 'no-pod' })
    else if (this.#placement.stay) this.#prune(live)
    else for (const pod of live) this.#delete(pod, 'misplaced')

    const { standing, old } = this.#stand(here, live)
    return {
      node: this.#slot.name,
      placement: this.#placement,
      pods: sorted.map((pod): PodVerdict => ({ pod, reason: this.#reasons.get(pod) ?? this.#keep(pod, standing) })),
      due: this.#due,
      standing,
      old,
      alone: isAlone(this.#placement, pods),
      counted: first !== undefined,
      ready: counts?.ready ?? false,
      available: counts?.available ?? false,
      updated: counts?.updated ?? false,
      lookAgainAt: this.#lookAgainAt,
    }
  }

  /** Ends the matter of a pod when there is a reason; says whether it did. */
  #settle(pod: Pod, reason: PodReason | false): boolean {
    if (reason) this.#reasons.set(pod, reason)
    return reason !== false
  }

  #delete(pod: Pod, why: PodReason): void {
    this.#reasons.set(pod, why)
    this.#due.push({ do: 'delete', pod, node: this.#slot.name, why })
  }

  #count(first: Pod): { ready: boolean; available: boolean; updated: boolean } {
    return { ready: isPodReady(first), available: this.#isAvailable(first), updated: isUpdated(first, this.#facts) }
  }

  #isAvailable(pod: Pod): boolean {
    const from = availableFrom(pod, this.#facts.minReadyMs)
    if (from === undefined) return false
    if (from <= this.#now) return true
    this.#lookAgainAt = Math.min(this.#lookAgainAt ?? from, from)
    return false
  }

  /** A pod bound to a node that is gone is the pod collector's; one that never got there would be nobody's. */
  #leaveMissingNode(pod: Pod): void {
    if (isScheduled(pod)) this.#reasons.set(pod, 'awaits-collection')
    else this.#delete(pod, 'node-missing')
  }

  /** The node may keep what it has: ended pods go, and of several that run all but one (while surging: one of each age). */
  #prune(live: readonly Pod[]): void {
    const running: Pod[] = []
    let mayFail = true
    for (const pod of live) {
      if (pod.status.phase === 'Succeeded') this.#delete(pod, 'succeeded')
      else if (pod.status.phase === 'Failed') mayFail = this.#failed(pod, mayFail) && mayFail
      else running.push(pod)
    }
    // Whoever refused the pod that backs off would refuse the next one as well, and each would stay beside the others.
    const backsOff = live.some(pod => this.#reasons.get(pod) === 'backing-off')
    if (this.#facts.replacement !== 'surge') for (const pod of running.slice(1)) this.#delete(pod, 'duplicate')
    else if (running.length === 0 && this.#placement.run && !backsOff) this.#due.push({ do: 'create', node: this.#slot.name, why: 'no-running-pod' })
    else if (running.length > 1) this.#pruneTwins(running)
  }

  /** Deletes a failed pod unless its node backs off; deleting it starts the back-off, which the next one then meets. Whether another may be. */
  #failed(pod: Pod, mayDelete: boolean): boolean {
    const generation = this.#facts.set.status.observedGeneration ?? 0
    const until = backingOffUntil(this.#facts.failures.get(this.#slot.name), generation, this.#now)
    if (until === undefined && mayDelete) {
      this.#delete(pod, 'failed')
      return false
    }
    if (until !== undefined) this.#lookAgainAt = Math.min(this.#lookAgainAt ?? until, until)
    this.#reasons.set(pod, 'backing-off')
    return mayDelete
  }

  #pruneTwins(running: readonly Pod[]): void {
    const fresh = running.find(pod => hasCurrentHash(pod, this.#facts))
    const old = running.find(pod => !hasCurrentHash(pod, this.#facts))
    for (const pod of running) if (pod !== fresh && pod !== old) this.#delete(pod, 'duplicate')
    if (old && fresh && (!isPodReady(old) || this.#isAvailable(fresh))) this.#delete(old, 'replaced')
  }

  /** What a roll sees here once what is due is done: pods that are not going, whatever their phase. */
  #stand(here: readonly Pod[], live: readonly Pod[]): { standing: Standing | undefined; old: Pod | undefined } {
    if (!this.#placement.run && here.length === 0) return { standing: undefined, old: undefined }
    const staying = this.#due.length === 0 ? live : live.filter(pod => !this.#due.some(action => action.do === 'delete' && action.pod === pod))
    const fresh = staying.filter(pod => isUpdated(pod, this.#facts))
    const old = staying.filter(pod => !fresh.includes(pod))
    const coming = this.#due.some(action => action.do === 'create') ? 1 : 0
    const where = this.#placement.run ? 'wanted' : this.#slot.object ? 'unwanted' : 'missing'
    const crowded = fresh.length + coming > 1 || old.length > 1
    const standing = standingOf(crowded, this.#presence(old[0]), coming ? 'unavailable' : this.#presence(fresh[0]), where)
    return { standing, old: old[0] }
  }

  #presence(pod: Pod | undefined): Presence {
    return !pod ? 'none' : this.#isAvailable(pod) ? 'available' : 'unavailable'
  }

  /** The reason to leave a running pod for now. */
  #keep(pod: Pod, standing: Standing | undefined): PodReason {
    const { replacement } = this.#facts
    if (!isUpdated(pod, this.#facts)) {
      if (replacement === 'on-delete') return 'on-delete'
      return replacement === 'surge' && standing?.new !== 'none' ? 'awaiting-twin' : 'awaiting-turn'
    }
    if (!this.#placement.run) return 'stays'
    return this.#isAvailable(pod) ? 'current' : 'starting'
  }
}
