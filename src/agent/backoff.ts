import { exponential } from '../base/backoff.ts'
import type { ObservedContainer } from './runtime/runtime.ts'

const FIRST_SECONDS = 10
const MOST_SECONDS = 300
/** A container that ran this long starts over with an empty slate (twice the longest pause, as upstream). */
const FORGIVEN_MS = 2 * MOST_SECONDS * 1000

/** When a container that ended may start again, in milliseconds since 1970. */
export function restartAt(ended: ObservedContainer): number {
  return forgiven(ended) ? ended.finishedAt : ended.finishedAt + ended.backoffSeconds * 1000
}

/** The pause that the attempt after `ended` will have to keep when it ends itself. The first restart is immediate. */
export function nextBackoffSeconds(ended: ObservedContainer | undefined): number {
  if (!ended) return 0
  if (forgiven(ended) || ended.backoffSeconds === 0) return FIRST_SECONDS
  return Math.min(MOST_SECONDS, ended.backoffSeconds * 2)
}

/** Milliseconds to wait after the nth failure in a row of pulling or creating. */
export const failureDelay = exponential(FIRST_SECONDS * 1000, MOST_SECONDS * 1000)
/** The same of any other step. */
export const stepDelay = exponential(1000, 60_000)

const forgiven = (ended: ObservedContainer): boolean => ended.startedAt > 0 && ended.finishedAt - ended.startedAt >= FORGIVEN_MS
