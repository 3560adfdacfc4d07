import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Metrics } from './metrics.ts'

test('counters, gauges and histograms are written in the text format', () => {
  const metrics = new Metrics()
  const requests = metrics.counter('requests_total', 'Requests answered.')
  requests.add(1, { code: '200' })
  requests.add(2, { code: '200' })
  requests.add(1, { code: 'a"b\\c\nd' })
  metrics.gauge('watches', 'Open watches.').set(3)
  metrics.measured('up_seconds', 'Time since the start.', () => 7)
  metrics.measured('cpu_seconds_total', 'Time used.', () => 9, 'counter')
  const seconds = metrics.histogram('seconds', 'How long.', [0.1, 1])
  for (const value of [0.05, 0.5, 5]) seconds.observe(value, { verb: 'get' })
  assert.equal(
    metrics.text(),
    `# HELP requests_total Requests answered.
# TYPE requests_total counter
requests_total{code="200"} 3
requests_total{code="a\\"b\\\\c\\nd"} 1
# HELP watches Open watches.
# TYPE watches gauge
watches 3
# HELP up_seconds Time since the start.
# TYPE up_seconds gauge
up_seconds 7
# HELP cpu_seconds_total Time used.
# TYPE cpu_seconds_total counter
cpu_seconds_total 9
# HELP seconds How long.
# TYPE seconds histogram
seconds_bucket{verb="get",le="0.1"} 1
seconds_bucket{verb="get",le="1"} 2
seconds_bucket{verb="get",le="+Inf"} 3
seconds_sum{verb="get"} 5.55
seconds_count{verb="get"} 3
`,
  )
  assert.equal(metrics.counter('requests_total', ''), requests)
})
