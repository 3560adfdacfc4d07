import type { NodeStats, Usage } from '../../api/node-stats.ts'

/** One reading of what only grows, and of what is in use. */
export interface Reading {
  /** Milliseconds since 1970. */
  readonly at: number
  readonly cpuNanoSeconds: number
  readonly memoryBytes: number
}

export interface ContainerReading extends Reading {
  readonly uid: string
  readonly container: string
  /** What it has written over its image, where the runtime knows. */
  readonly layer?: { readonly bytes: number; readonly inodes: number }
}

/** Everything read at about the same time. */
export interface Sample {
  readonly node?: Reading | undefined
  /** By the engine's id of the container. */
  readonly containers: ReadonlyMap<string, ContainerReading>
}

/** Undefined when no time has passed between the two, or a counter began anew. */
export function usageBetween(before: Reading | undefined, after: Reading): Usage | undefined {
  if (!before || after.at <= before.at || after.cpuNanoSeconds < before.cpuNanoSeconds) return undefined
  const windowMs = after.at - before.at
  return {
    at: Math.round(after.at),
    windowMs,
    cpuNanoCores: Math.round(((after.cpuNanoSeconds - before.cpuNanoSeconds) / windowMs) * 1000),
    cpuSeconds: after.cpuNanoSeconds / 1e9,
    memoryBytes: after.memoryBytes,
  }
}

/** What was used between two samples; what is in the later one alone is left out. */
export function statsBetween(before: Sample, after: Sample): NodeStats {
  const node = after.node && usageBetween(before.node, after.node)
  return {
    ...(node && { node }),
    containers: [...after.containers].flatMap(([id, reading]) => {
      const usage = usageBetween(before.containers.get(id), reading)
      return usage ? [{ uid: reading.uid, container: reading.container, ...usage }] : []
    }),
  }
}
