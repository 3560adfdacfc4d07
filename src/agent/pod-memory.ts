import type { ResourceRequirements } from '../api/types/core/resources.ts'
import type { PendingResize } from './resize.ts'

/** What an agent knows of a pod beyond the API and the engine; losing it costs no more than a repeated try. */
export interface PodMemory {
  /** Steps that failed, by container name; '' is the sandbox. */
  readonly failures: ReadonlyMap<string, Failure>
  /** By container id: what its probes and hooks say. */
  readonly health: { get(id: string): Health | undefined }
  /** Sandboxes that were not ready and have been stopped. */
  readonly stopped: ReadonlySet<string>
  /** By container name: the resources that a running container, by its id, was given last. */
  readonly resized?: ReadonlyMap<string, { readonly id: string; readonly resources: ResourceRequirements }>
  /** Why a change of its resources waits. */
  readonly pendingResize?: PendingResize
  /** Why the pod must end though nobody deleted it: evicted, refused, past its deadline. */
  readonly end?: {
    readonly reason: string
    readonly message: string
    readonly graceSeconds?: number
    /** The node ends it for its own sake: what its condition `DisruptionTarget` says. */
    readonly disruption?: string
    /** The node never took it: it has no containers to tell of. */
    readonly refused?: boolean
  }
}

export interface Failure {
  readonly reason: string
  readonly message: string
  /** Failures in a row. */
  readonly count: number
  readonly retryAt: number
}

/** Absent members have not been found out, or there is no such probe or hook. */
export interface Health {
  readonly postStarted?: boolean
  readonly started?: boolean
  readonly ready?: boolean
  /** Must be killed: a probe or a hook failed for good. */
  readonly kill?: { readonly message: string; readonly graceSeconds?: number }
}

export const NO_MEMORY: PodMemory = { failures: new Map(), health: new Map(), stopped: new Set() }
