import type { Pod } from '../../api/types/core/pod.ts'
import type { ContainerUser } from '../../api/types/core/pod-status.ts'

/**
 * What runs pods on a node. Nothing is remembered by the caller: `list` says what is there, `apply` brings it one step
 * further and may be repeated after a crash in the middle, `events` only hints where to look.
 */
export interface Runtime {
  /** Scheme of its container IDs and of `nodeInfo.containerRuntimeVersion`: `containerd`, `simulated`. */
  readonly name: string
  readonly version: string
  /** Whether things may change unseen, so that it must be listed again every second. */
  readonly relist: boolean
  /** Every pod of this cluster and node that the engine or the disk still holds something of, or only that of `uid`. */
  list(options?: { readonly uid?: string; readonly signal?: AbortSignal }): Promise<readonly ObservedPod[]>
  /** Does one step; throws `StepError` when it could not. */
  apply(step: Step, signal: AbortSignal): Promise<void>
  /** UIDs of pods to look at, '' for all; ends when the signal aborts. */
  events(signal: AbortSignal): AsyncIterable<string>
  /** Runs a command in a running container and collects at most 64 KiB of what it says. Throws `ExecTimeout` when its time is up. */
  exec(container: string, command: readonly string[], options: { readonly timeoutMs: number; readonly signal: AbortSignal }): Promise<ExecResult>
}

export interface ExecResult {
  readonly exitCode: number
  readonly output: string
}

export interface ObservedPod {
  readonly uid: string
  readonly name: string
  readonly namespace: string
  /** Newest first. */
  readonly sandboxes: readonly ObservedSandbox[]
  /** Newest attempt first. */
  readonly containers: readonly ObservedContainer[]
  /** The grace that the pod asked for, if the engine was told. */
  readonly graceSeconds?: number
}

export interface ObservedSandbox {
  readonly id: string
  readonly attempt: number
  readonly ready: boolean
  /** Milliseconds since 1970, as all times here; 0 when not known. */
  readonly createdAt: number
  readonly ips: readonly string[]
}

export interface ObservedContainer {
  readonly id: string
  readonly sandbox: string
  readonly name: string
  readonly attempt: number
  /** `starting`: the engine is at it; `created`: made and never started. */
  readonly state: 'starting' | 'created' | 'running' | 'exited' | 'unknown'
  /** The image as the pod named it. */
  readonly image: string
  readonly imageId: string
  readonly createdAt: number
  readonly startedAt: number
  readonly finishedAt: number
  readonly exitCode: number
  readonly reason: string
  readonly message: string
  /** Seconds that must pass after its end before the next attempt; decided when it was started. */
  readonly backoffSeconds: number
  /** Whom its first process began as, where the engine tells. */
  readonly user?: ContainerUser | undefined
}

export type Step =
  | { readonly do: 'start-sandbox'; readonly pod: Pod; readonly attempt: number }
  | {
      /** Pulls if needed, creates and starts; an attempt that runs already stays, one that never started is made anew. */
      readonly do: 'start-container'
      readonly pod: Pod
      readonly container: string
      readonly attempt: number
      readonly sandbox: ObservedSandbox
      readonly backoffSeconds: number
    }
  | {
      readonly do: 'stop-container'
      readonly uid: string
      readonly id: string
      readonly container: string
      readonly graceSeconds: number
      readonly why: string
    }
  /** Holds a running container to the resources of its spec. */
  | { readonly do: 'resize-container'; readonly pod: Pod; readonly container: string; readonly id: string }
  | { readonly do: 'remove-container'; readonly uid: string; readonly id: string }
  /** Stops what still runs in it and gives back its network. */
  | { readonly do: 'stop-sandbox'; readonly uid: string; readonly id: string }
  /** Removes a stopped sandbox with the containers in it. */
  | { readonly do: 'remove-sandbox'; readonly uid: string; readonly id: string }
  /** Removes all that is left of a pod: containers, sandboxes, volumes, logs, directories. */
  | { readonly do: 'remove-pod'; readonly uid: string }

/** Why a step failed, in the words that the pod's status then carries (`ErrImagePull`, `CreateContainerConfigError`, …). */
export class StepError extends Error {
  readonly reason: string
  /** What an event says of it: the message, but for what is new each time. */
  readonly told: string
  constructor(reason: string, message: string, { told = message, ...options }: ErrorOptions & { readonly told?: string } = {}) {
    super(message, options)
    this.name = 'StepError'
    this.reason = reason
    this.told = told
  }
}

/** A command was ended because it took longer than it was given. */
export class ExecTimeout extends Error {
  constructor(timeoutMs: number) {
    super(`the command took longer than ${timeoutMs / 1000}s`)
    this.name = 'ExecTimeout'
  }
}
