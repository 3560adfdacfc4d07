import type { Toleration } from '../../api/types/core/affinity.ts'
import type { PodReason } from './verdict.ts'

/** One thing that makes a node's verdict what it is. Members that no object tells are absent, never guessed. */
export interface WhyReason {
  /** Stable, for machines. */
  readonly type:
    | 'deleting'
    | 'selects-all'
    | 'not-observed'
    | 'node-missing'
    | 'node-not-ready'
    | 'node-name'
    | 'node-selector'
    | 'node-affinity'
    | 'taint'
    | 'no-pod'
    | 'unscheduled'
    | 'scheduler-name'
    | 'scheduling-gate'
    | 'resource'
    | 'host-port'
    | 'unschedulable'
    | 'starting'
    | 'container'
    | 'min-ready'
    | 'turn'
    | 'on-delete'
    | 'twin'
    | 'back-off'
    | 'failed'
    | 'terminating'
    | 'misplaced'
    | 'duplicate'
    | 'roll-stopped'
  /** For people, one sentence. */
  readonly message: string
  /** What would change it, where something simple would. */
  readonly remedy?: string
  readonly since?: string
  readonly until?: string
  readonly key?: string
  readonly wanted?: string
  readonly has?: string
  /** Index of the node selector term, from 0. */
  readonly term?: number
  readonly taint?: string
  /** The toleration that would admit the taint. */
  readonly toleration?: Toleration
  readonly resource?: string
  readonly requested?: number
  readonly free?: number
  readonly short?: number
  readonly port?: number
  readonly pod?: string
  readonly container?: string
  /** Nodes that come before, and those that use up the budget; at most ten of each. */
  readonly behind?: readonly string[]
  readonly holding?: readonly string[]
}

/** What has become of one node. */
export type NodeWord =
  | 'runs'
  | 'starting'
  | 'pending'
  | 'to-create'
  | 'outdated'
  | 'backing-off'
  | 'replacing'
  | 'stays'
  | 'leaving'
  | 'excluded'
  /** Something is to be done that the controller does not do: the set's reasons say why. */
  | 'stopped'
  | 'node-missing'

export interface WhyPod {
  readonly name: string
  readonly phase: string
  readonly verdict: PodReason
  readonly created: string
  readonly bound: boolean
  readonly ready: boolean
  readonly updated: boolean
}

export interface WhyNode {
  readonly name: string
  /** A pod of the set runs here. */
  readonly runs: boolean
  /** One should. */
  readonly should: boolean
  readonly verdict: NodeWord
  readonly reasons: readonly WhyReason[]
  readonly pods: readonly WhyPod[]
}

/** Why each node has, or has not, the pod of a set. */
export interface PlacementAnswer {
  readonly apiVersion: 'everynode.dev/v1'
  readonly kind: 'DaemonSetPlacement'
  readonly metadata: { readonly name: string; readonly namespace: string; readonly uid: string }
  readonly updateStrategy: { readonly type: string; readonly maxUnavailable?: number; readonly maxSurge?: number }
  readonly desired: number
  readonly current: number
  readonly updated: number
  readonly ready: number
  readonly available: number
  readonly misscheduled: number
  /** What holds for all nodes alike. */
  readonly reasons: readonly WhyReason[]
  /** Every node there is, and every node that is gone and still has a pod of the set; by name. */
  readonly nodes: readonly WhyNode[]
}
