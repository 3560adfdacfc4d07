import type { Event } from '../../api/types/core/event.ts'

/** How often the daemon of one node has failed of late, and how long its next replacement waits. */
export interface Failure {
  /** `status.observedGeneration` when it failed: a change of the spec starts afresh. */
  readonly generation: number
  /** When the pod that failed last was deleted, in milliseconds since 1970. */
  readonly since: number
  readonly delayMs: number
}
/** By node name, of one set. */
export type Failures = ReadonlyMap<string, Failure>

const FIRST_MS = 1000
const LONGEST_MS = 15 * 60_000

/** Until when a failed pod of this node must be left; undefined when it may be deleted now. */
export function backingOffUntil(failure: Failure | undefined, generation: number, now: number): number | undefined {
  if (!failure || failure.generation !== generation || forgotten(failure, now)) return undefined
  const until = failure.since + failure.delayMs
  return now < until ? until : undefined
}

/** The record after a failed pod was deleted at `now`. */
export function nextFailure(failure: Failure | undefined, generation: number, now: number): Failure {
  const again = failure && failure.generation === generation && !forgotten(failure, now)
  return { generation, since: now, delayMs: again ? Math.min(LONGEST_MS, failure.delayMs * 2) : FIRST_MS }
}

/** A node that has been quiet for twice the longest delay starts afresh. */
export const forgotten = (failure: Failure, now: number): boolean => now - failure.since > 2 * LONGEST_MS

const UNTIL = 'everynode.dev/backs-off-until'
const GENERATION = 'everynode.dev/observed-generation'

/** What the event about a failed pod says of the back-off that its deletion begins, so that others need not work it out. */
export const failureAnnotations = ({ generation, since, delayMs }: Failure): Readonly<Record<string, string>> => ({
  [GENERATION]: String(generation),
  [UNTIL]: new Date(since + delayMs).toISOString(),
})

/**
 * The back-off of each node, as the controller's events tell it. Those of another Kubernetes do not say how long it is: it is then replayed from how often
 * they came, as far back as there are any.
 */
export function failuresFrom(events: Iterable<Event>, generation: number): ReadonlyMap<string, Failure> {
  const told: { readonly node: string; readonly at: number; readonly until: number; readonly of: number }[] = []
  for (const { reason, message, lastTimestamp, metadata } of events) {
    const node = reason === 'FailedDaemonPod' ? / on node (\S+), will try to kill it$/.exec(message ?? '')?.[1] : undefined
    if (node === undefined || !lastTimestamp) continue
    const { [UNTIL]: until = '', [GENERATION]: of = generation } = metadata?.annotations ?? {}
    told.push({ node, at: Date.parse(lastTimestamp), until: Date.parse(until), of: Number(of) })
  }
  const failures = new Map<string, Failure>()
  for (const { node, at, until, of } of told.sort((a, b) => a.at - b.at))
    failures.set(node, until >= at ? { generation: of, since: at, delayMs: until - at } : nextFailure(failures.get(node), of, at))
  return failures
}
