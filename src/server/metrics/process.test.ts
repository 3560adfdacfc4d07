import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Metrics } from '../../base/metrics.ts'
import { measureProcess } from './process.ts'

test('a stretch of work that holds up the event loop is seen, as long as it was', async () => {
  const metrics = new Metrics()
  const stop = new AbortController()
  measureProcess(metrics, stop.signal)
  const end = performance.now() + 200
  while (performance.now() < end);
  await new Promise(resolve => setTimeout(resolve))
  stop.abort()
  const value = (name: string) => Number(new RegExp(`^${name.replace(/[{}"+]/g, '.')} (.*)$`, 'm').exec(metrics.text())?.[1])
  const over = value('everynode_event_loop_delay_seconds_count') - value('everynode_event_loop_delay_seconds_bucket{le="0.15"}')
  assert.deepEqual([value('everynode_event_loop_delay_seconds_count'), over], [1, 1])
  assert.ok(value('process_resident_memory_bytes') > 1e6)
  assert.ok(value('process_cpu_seconds_total') > 0.1)
})
