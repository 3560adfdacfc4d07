import type { Duplex } from 'node:stream'
import type { NodeHealth } from '../node/describe.ts'
import type { ContainerReading } from '../stats/usage.ts'
import type { CommandStreams } from '../streams/command.ts'
import type { ObservedContainer, ObservedSandbox, Runtime } from './runtime.ts'

/** What a node runs its pods on: the runtime, and what an agent asks of it beside running pods. */
export interface Backend {
  readonly runtime: Runtime
  readonly doors: Doors
  /** How it is. Never throws. */
  health(): Promise<NodeHealth>
  /** The logs that are being written to. */
  openLogs(): Promise<readonly OpenLog[]>
  /** What each container uses and has used so far, by its id. */
  readings(): Promise<ReadonlyMap<string, ContainerReading>>
  /** How many processes and threads a pod has. */
  processes(uid: string): Promise<number>
  /** Absent where there are no images. */
  readonly images?: ImageStock
  close(): void
}

export interface OpenLog {
  readonly path: string
  /** Makes its writer open the path anew. */
  reopen(): Promise<unknown>
}

export interface ImageStock {
  list(): Promise<{
    readonly present: readonly { readonly id: string; readonly bytes: number; readonly pinned: boolean }[]
    readonly inUse: ReadonlySet<string>
  }>
  remove(id: string): Promise<unknown>
  /** Where they lie, when the engine says so. */
  directory(): Promise<string | undefined>
}

/** How streams get to what runs. `onOpen` is called once it stands, before the first byte; what fails before that is thrown. */
export interface Doors {
  /** `stream` carries frames (`channel-frames.ts`). */
  exec(container: ObservedContainer, command: readonly string[], wanted: CommandStreams, stream: Duplex, onOpen: () => void, signal: AbortSignal): Promise<void>
  attach(container: ObservedContainer, wanted: CommandStreams, stream: Duplex, onOpen: () => void, signal: AbortSignal): Promise<void>
  /** `stream` carries the bytes of one connection. */
  connect(sandbox: ObservedSandbox, port: number, stream: Duplex, onOpen: () => void, signal: AbortSignal): Promise<void>
}
