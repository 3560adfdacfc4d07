import type { Probe } from '../../api/types/core/probe.ts'

/** What a probe has come to: `undefined` until enough results in a row agree. */
export interface ProbeState {
  readonly verdict: boolean | undefined
  readonly inARow: number
  readonly last: boolean | undefined
}

export const UNKNOWN: ProbeState = { verdict: undefined, inARow: 0, last: undefined }

/** One more result. Thresholds count results in a row. */
export function judgeProbe(state: ProbeState, probe: Probe, passed: boolean): ProbeState {
  const inARow = state.last === passed ? state.inARow + 1 : 1
  const threshold = passed ? (probe.successThreshold ?? 1) : (probe.failureThreshold ?? 3)
  return { verdict: inARow >= threshold ? passed : state.verdict, inARow, last: passed }
}
