import type { Pod } from '../../api/types/core/pod.ts'
import type { Placement } from './placement.ts'
import type { Standing } from './standing.ts'

/** What becomes of a pod, and why. Every pod of the set has exactly one. */
export type PodReason =
  // it stays
  | 'current'
  | 'starting'
  | 'stays'
  | 'on-delete'
  | 'awaiting-turn'
  | 'awaiting-twin'
  | 'backing-off'
  // it is to go
  | 'misplaced'
  | 'duplicate'
  | 'failed'
  | 'succeeded'
  | 'outdated'
  | 'outdated-unavailable'
  | 'replaced'
  | 'surplus'
  | 'node-missing'
  // it is not ours to decide on
  | 'going'
  | 'gone'
  | 'awaits-collection'
  | 'untargeted'

/** Why a pod is created. */
export type CreateReason = 'no-pod' | 'no-running-pod' | 'beside-available' | 'beside-unavailable'

export interface CreateAction {
  readonly do: 'create'
  readonly node: string
  readonly why: CreateReason
}
export interface DeleteAction {
  readonly do: 'delete'
  readonly pod: Pod
  readonly node: string
  readonly why: PodReason
}
export type Action = CreateAction | DeleteAction

export interface PodVerdict {
  readonly pod: Pod
  readonly reason: PodReason
}

/** The judgement on one node: what it adds to the counts, what is due whatever else happens, and what a roll may do with it. */
export interface NodeVerdict {
  readonly node: string
  readonly placement: Placement
  readonly pods: readonly PodVerdict[]
  /** To be done whatever the budget. */
  readonly due: readonly Action[]
  /** Undefined when a roll has nothing to do with this node: not wanted and without pods. */
  readonly standing: Standing | undefined
  /** The one pod of each age that a roll would act on. */
  readonly old: Pod | undefined
  /** One running pod on a wanted node, which most nodes have: what a new revision makes of it is known without another look at the node. */
  readonly alone: boolean
  /** A pod of the set is assigned to the node; the rest tells of the first of them, on a wanted node. */
  readonly counted: boolean
  readonly ready: boolean
  readonly available: boolean
  readonly updated: boolean
  /** When time alone changes this verdict, in milliseconds since 1970. */
  readonly lookAgainAt: number | undefined
}
