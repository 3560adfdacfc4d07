import assert from 'node:assert/strict'
import { type Duplex, duplexPair } from 'node:stream'
import { test } from 'node:test'
import { unavailable } from '../../api/meta/status.ts'
import type { NodeStats } from '../../api/node-stats.ts'
import { FakeClock } from '../../base/clock.ts'
import { silentLog } from '../../base/log.ts'
import { NodeStatsReader } from './node-stats.ts'

const usage = { at: 1, windowMs: 1000, cpuNanoCores: 5, cpuSeconds: 1, memoryBytes: 7 }
const GOOD: NodeStats = { node: usage, containers: [{ uid: 'u', container: 'c', ...usage }] }

/** Nodes that answer with a text, refuse (undefined), or say nothing at all ('…'). */
function rig(answers: Readonly<Record<string, string | undefined>>) {
  const clock = new FakeClock()
  const asked: string[] = []
  let open = 0
  let most = 0
  const links = {
    async open(node: string, _: unknown, signal: AbortSignal): Promise<Duplex> {
      asked.push(node)
      most = Math.max(most, ++open)
      const [ours, theirs] = duplexPair()
      ours.once('end', () => open--)
      signal.addEventListener('abort', () => ours.destroy(), { once: true })
      const answer = answers[node] ?? answers['*']
      if (answer === undefined) throw unavailable('not connected')
      if (answer !== '…') setImmediate(() => theirs.end(answer))
      return ours
    },
  }
  return { clock, asked, most: () => most, stats: new NodeStatsReader({ links, clock, log: silentLog }) }
}

test('each node says what it uses; what it said, or that it refused, holds for five seconds', async () => {
  const { clock, asked, stats } = rig({ n1: JSON.stringify(GOOD), n2: undefined })
  const expected = new Map([['n1', GOOD]])
  assert.deepEqual(await stats.read(['n1', 'n2', 'n1']), expected)
  clock.advance(4999)
  assert.deepEqual(await stats.read(['n1', 'n2']), expected)
  assert.deepEqual(asked, ['n1', 'n2'])
  clock.advance(1)
  assert.deepEqual(await stats.read(['n1']), expected)
  assert.deepEqual(asked, ['n1', 'n2', 'n1'])
})

test('a node that says nothing in time is left out', async () => {
  const { clock, stats } = rig({ n1: JSON.stringify(GOOD), n2: '…' })
  const reading = stats.read(['n1', 'n2'])
  await new Promise(setImmediate)
  clock.advance(4000)
  assert.deepEqual([...(await reading).keys()], ['n1'])
})

test('a node that says what is no statistics is left out', async () => {
  const bad = {
    text: 'nonsense',
    list: '{"containers":{}}',
    nobody: '{"containers":[null]}',
    negative: JSON.stringify({ node: { ...usage, at: -1 }, containers: [] }),
  }
  const { stats } = rig(bad)
  assert.deepEqual(await stats.read(Object.keys(bad)), new Map())
})

test('an answer waits for no more than half a minute, however many nodes are silent', async () => {
  const { clock, asked, stats } = rig({ '*': '…', good: JSON.stringify(GOOD) })
  const reading = stats.read(['good', ...Array.from({ length: 9000 }, (_, i) => `n${i}`)])
  for (let seconds = 0; seconds < 30; seconds++) {
    await new Promise(setImmediate)
    clock.advance(1000)
  }
  assert.deepEqual([...(await reading).keys()], ['good'])
  assert.ok(asked.length < 9001)
})

test('not all nodes are asked at once', async () => {
  const { asked, most, stats } = rig({ '*': JSON.stringify(GOOD) })
  assert.equal((await stats.read(Array.from({ length: 600 }, (_, i) => `n${i}`))).size, 600)
  assert.deepEqual([asked.length, most()], [600, 256])
})
