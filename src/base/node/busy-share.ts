import { performance } from 'node:perf_hooks'

/** Says which share of the time since it was last asked, or made, the event loop was busy. */
export function busyShare(): () => number {
  let before = performance.eventLoopUtilization()
  return () => {
    const now = performance.eventLoopUtilization()
    const { utilization } = performance.eventLoopUtilization(now, before)
    before = now
    return utilization
  }
}
