/**
 * One identity floods a server with lists and watches; another's small GETs are timed before and meanwhile. `--objects` in each
 * list, `--watchers` of the flood, `--seconds` of each half.
 */
import { floodAndGet } from '../test/support/flood.ts'
import type { Bench } from './run.ts'
import { quantile } from './world/times.ts'

export const fairness: Bench = async ({ more }, print) => {
  const { idle, flooded, floodAnswers, tooMany, notReady } = await floodAndGet({
    objects: Number(more['objects'] ?? 2000),
    watchers: Number(more['watchers'] ?? 300),
    seconds: Number(more['seconds'] ?? 5),
  })
  for (const [figure, times] of [
    ['idle GET', idle],
    ['GET under a flood', flooded],
  ] as const) {
    print({
      bench: 'fairness',
      figure,
      value: quantile(times, 0.99),
      unit: 'ms p99',
      p50: quantile(times, 0.5),
      max: quantile(times, 1),
      count: times.length,
    })
  }
  print({ bench: 'fairness', figure: 'flood answers', value: floodAnswers, unit: 'answers', tooMany, nodesNotReady: notReady.length })
}
