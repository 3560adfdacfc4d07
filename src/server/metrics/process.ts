import type { Metrics } from '../../base/metrics.ts'
import { busyShare } from '../../base/node/busy-share.ts'

/** Milliseconds between two looks. */
const PERIOD_MS = 20
/** The same while the loop waits for most of the time: fifty looks a second would be half of all that a server at rest does. */
const CALM_PERIOD_MS = 500
/** The part of its time that a calm loop works at most. */
const CALM = 0.05
const BUCKETS = [0.001, 0.0025, 0.005, 0.0075, 0.01, 0.015, 0.02, 0.025, 0.03, 0.04, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1, 2.5]

/**
 * Measures how late the event loop is, until the signal aborts, and what the process holds when the metrics are read. A look comes
 * late when something kept the loop busy, so that each stretch of work is seen once, however long it was. Looks are rare while nothing much happens.
 */
export function measureProcess(metrics: Metrics, signal: AbortSignal): void {
  const delay = metrics.histogram(
    'everynode_event_loop_delay_seconds',
    'How late the event loop came to what was due, looked at every 20 ms while it works.',
    BUCKETS,
  )
  metrics.measured('process_resident_memory_bytes', 'Memory of the process that is in RAM.', () => process.memoryUsage.rss())
  const cpuSeconds = () => {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1e6
  }
  metrics.measured('process_cpu_seconds_total', 'CPU time that the process has used.', cpuSeconds, 'counter')
  let due = performance.now() + PERIOD_MS
  const busy = busyShare()
  const look = () => {
    const now = performance.now()
    delay.observe(Math.max(0, now - due) / 1000)
    const period = busy() <= CALM ? CALM_PERIOD_MS : PERIOD_MS
    due = now + period
    timer = setTimeout(look, period).unref()
  }
  let timer = setTimeout(look, PERIOD_MS).unref()
  signal.addEventListener('abort', () => clearTimeout(timer), { once: true })
}
