import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Job, runJobs } from './jobs.ts'

/** Jobs written `NAME COST [ALONE]`; resolves with what was running whenever one began. */
async function order(words: readonly string[], atOnce: number): Promise<string[]> {
  const running = new Set<string>()
  const seen: string[] = []
  const jobs = words.map((word): Job => {
    const [name = '', cost, alone] = word.split(' ')
    const run = async () => {
      running.add(name)
      seen.push([...running].join('+'))
      // As many turns as it costs.
      for (let turn = 0; turn < Number(cost); turn++) await new Promise(resolve => setImmediate(resolve))
      running.delete(name)
    }
    return { cost: Number(cost), ...(alone && { alone }), run }
  })
  await runJobs(jobs, atOnce)
  return seen
}

test('the longest begin first, and each that ends makes room for the next', async () => {
  assert.deepEqual(await order(['a 1', 'b 20', 'c 3', 'd 2'], 2), ['b', 'b+c', 'b+d', 'b+a'])
})

test('those that must be alone come first, one after the other, beside the others', async () => {
  assert.deepEqual(await order(['a 9', 'b 4 engine', 'c 2 engine', 'd 30'], 2), ['b', 'b+d', 'd+c', 'd+a'])
})

test('nobody waits for a turn: when only such are left, one goes on with them', async () => {
  assert.deepEqual(await order(['a 5 engine', 'b 4 engine', 'c 1'], 3), ['a', 'a+c', 'b'])
})

test('a job that fails fails the whole', async () => {
  const failing: Job = { cost: 1, run: () => Promise.reject(new Error('no')) }
  await assert.rejects(runJobs([failing], 2), /^Error: no$/)
})
