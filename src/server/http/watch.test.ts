import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConfigMaps } from '../../api/kinds/core/config-map.ts'
import type { ConfigMap } from '../../api/types/core/config.ts'
import { FakeClock } from '../../base/clock.ts'
import { ChangeEvent } from '../cache/event.ts'
import type { CacheEvent } from '../cache/types.ts'
import type { WatchStream } from '../registry/request.ts'
import { BaseExchange } from './base-exchange.ts'
import { Closing } from './closing.ts'
import type { Exchange } from './exchange.ts'
import { Turns } from './turns.ts'
import { sendWatch } from './watch.ts'
import { WatchFrames } from './watch-frames.ts'

const object = (name: string): ConfigMap =>
  ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'a', resourceVersion: '8' }, data: {} }) as unknown as ConfigMap
const change = (name: string, decidedAt?: number): CacheEvent => new ChangeEvent('MODIFIED', `a/${name}`, 8, object(name), undefined, decidedAt)

/** A watch whose events are given here, and what is said of its deliveries. */
function opened() {
  const clock = new FakeClock(0)
  const told: string[] = []
  let give: (result: IteratorResult<readonly CacheEvent[]>) => void = () => {}
  const events: WatchStream = {
    next: () =>
      new Promise(resolve => {
        give = resolve
      }),
    return: async () => ({ done: true, value: undefined }),
    whenReady: reader => reader.ready(),
    [Symbol.asyncIterator]: () => events,
  }
  const outlet = {
    destroyed: false,
    write: (piece: Buffer | string) => {
      told.push(`write ${[...String(piece).matchAll(/"name":"(\w+)"/g)].map(([, name]) => name).join(' ')}`)
      return true
    },
    drained: async () => {},
    end: () => told.push('end'),
  }
  const exchange = Object.assign(new (class extends BaseExchange {})(''), { openOutlet: () => outlet }) as unknown as Exchange
  const turns = new Turns({ perTurn: 100, each: 16 })
  const served = { at: ConfigMaps, kind: ConfigMaps } as never
  const onDelivered = (milliseconds: number) => told.push(milliseconds >= 0 && milliseconds < 60_000 ? 'delivered' : `delivered ${milliseconds}`)
  sendWatch(
    {
      clock,
      turns,
      slices: turns,
      closing: new Closing(),
      onDelivered,
      onError: (_, error) => told.push(String(error)),
      onOver: ({ identity, resource }) => told.push(`over ${identity} ${resource}`),
    },
    {
      exchange,
      events,
      frames: new WatchFrames({ form: { as: 'object' }, include: 'Metadata' } as never, served, clock),
      identity: 'agent',
      resource: 'configmaps',
    },
    {},
  )
  return {
    async give(...batch: readonly CacheEvent[]) {
      give({ done: false, value: batch })
      for (let n = 0; n < 3; n++) await new Promise(setImmediate)
      return told.splice(0)
    },
  }
}

test('each change that became durable while a watch was open is told of once it was handed over', async () => {
  const watch = opened()
  const now = performance.now()
  assert.deepEqual(await watch.give(change('x', now), change('y', now)), ['write x y', 'delivered', 'delivered'])
})

test('what was before the watch, what no medium has decided, and bookmarks are no deliveries', async () => {
  const before = performance.now() - 1
  const watch = opened()
  const bookmark: CacheEvent = { type: 'BOOKMARK', revision: 9, initialEventsEnd: false }
  assert.deepEqual(await watch.give(change('old', before), change('memory'), bookmark), ['write old memory'])
})
