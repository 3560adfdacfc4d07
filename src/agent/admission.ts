import type { Api, EventRecorder } from '../api/access.ts'
import { isStatus } from '../api/meta/status.ts'
import type { Node } from '../api/types/core/node.ts'
import type { Pod } from '../api/types/core/pod.ts'
import { admit, type Preemption, type Refused } from './admit.ts'
import { type HostAbilities, refusedByHost } from './admit-host.ts'
import { Nodes } from './kinds.ts'
import { refusedByPressure } from './pressure/admit.ts'
import type { Pressures } from './pressure/shortfalls.ts'

export interface AdmissionOptions {
  readonly api: Api
  /** The node as last heard of, or as its agent would register it. */
  readonly node: (name: string) => Node
  /** Every pod assigned to a node. */
  readonly podsOn: (node: string) => Iterable<Pod>
  readonly recorder?: EventRecorder | undefined
  /** What the host can do; everything when absent. */
  readonly abilities?: HostAbilities
  /** What the node is short of; nothing when absent. */
  readonly pressures?: () => Partial<Pressures>
  /** Ends pods so that a critical one fits; resolves when they have. That one is let in beside them when absent. */
  readonly preempt?: (pods: readonly Pod[], signal: AbortSignal) => Promise<void>
}

/** Judges each pod once, when it arrives; what has been started here, by this agent or the one before it, stays. */
export class Admission {
  readonly #options: AdmissionOptions
  readonly #verdicts = new Map<string, Refused | 'admitted'>()
  /** Pods that had to make room: they take none any more. */
  readonly #preempted = new Set<string>()
  #turn: Promise<unknown> = Promise.resolve()

  constructor(options: AdmissionOptions) {
    this.#options = options
  }

  /** Why the node refuses the pod, if it does; at once unless that must be made sure. `known`: it was admitted before this agent started. */
  judge(pod: Pod, known: boolean, signal: AbortSignal): Refused | undefined | Promise<Refused | undefined> {
    const verdict = this.#verdicts.get(pod.metadata.uid)
    if (verdict) return verdict === 'admitted' ? undefined : verdict
    if (!known && !hasBegun(pod) && this.#admit(pod, this.#options.node(pod.spec.nodeName ?? ''))) return this.#inTurn(() => this.#makeSure(pod, signal))
    this.#verdicts.set(pod.metadata.uid, 'admitted')
    return undefined
  }

  /** One after the other: what one pod frees is not another's. */
  #inTurn(work: () => Promise<Refused | undefined>): Promise<Refused | undefined> {
    const turn = this.#turn.then(work)
    this.#turn = turn.catch(() => {})
    return turn
  }

  /** What let the scheduler choose this node may be newer than what was heard of it here. */
  async #makeSure(pod: Pod, signal: AbortSignal): Promise<Refused | undefined> {
    const { api, node, recorder } = this.#options
    const name = pod.spec.nodeName ?? ''
    const found = await api.get({ kind: Nodes, name }, { signal }).catch(error => {
      if (isStatus(error, 'NotFound')) return node(name)
      throw error
    })
    const answer = this.#admit(pod, found)
    if (answer && 'preempt' in answer) {
      const { preempt } = this.#options
      if (preempt) for (const { metadata } of answer.preempt) this.#preempted.add(metadata.uid)
      await preempt?.(answer.preempt, signal)
    }
    const refused = answer && 'reason' in answer ? answer : undefined
    const verdict = refused && { ...refused, message: `Pod was rejected: ${refused.message}` }
    this.#verdicts.set(pod.metadata.uid, verdict ?? 'admitted')
    if (refused) recorder?.event(pod, 'Warning', refused.reason, refused.message)
    return verdict
  }

  #admit(pod: Pod, node: Node): Refused | Preemption | undefined {
    const { abilities, pressures } = this.#options
    return refusedByPressure(pod, pressures?.() ?? {}) ?? (abilities && refusedByHost(pod, abilities)) ?? admit(pod, node, this.admittedOn(node.metadata.name))
  }

  forget(uid: string): void {
    this.#verdicts.delete(uid)
    this.#preempted.delete(uid)
  }

  node(name: string): Node {
    return this.#options.node(name)
  }

  /** The pods that a node has taken. */
  *admittedOn(node: string): Iterable<Pod> {
    for (const pod of this.#options.podsOn(node)) {
      if (this.#preempted.has(pod.metadata.uid)) continue
      const verdict = this.#verdicts.get(pod.metadata.uid)
      if (verdict ? verdict === 'admitted' : hasBegun(pod)) yield pod
    }
  }
}

/** Whether an agent has taken the pod before: it says when it did. */
const hasBegun = (pod: Pod): boolean => pod.status.startTime !== undefined
