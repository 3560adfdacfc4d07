import assert from 'node:assert/strict'
import { test } from 'node:test'
import { machineReading } from './read.ts'
import { type Sample, statsBetween } from './usage.ts'

const reading = (at: number, cpuNanoSeconds: number, memoryBytes = 4096) => ({ at, cpuNanoSeconds, memoryBytes })
const sample = (at: number, nodeCpu: number, containers: Readonly<Record<string, number>>): Sample => ({
  node: reading(at, nodeCpu),
  containers: new Map(Object.entries(containers).map(([id, cpu]) => [id, { uid: 'u', container: id, ...reading(at, cpu) }])),
})

test('CPU is a rate between two samples, memory what the later one shows', () => {
  const after = sample(3000, 5e9, { busy: 2e9, idle: 7 })
  const usage = { at: 3000, windowMs: 2000, memoryBytes: 4096 }
  assert.deepEqual(statsBetween(sample(1000, 1e9, { busy: 1e9, idle: 7 }), after), {
    node: { ...usage, cpuNanoCores: 2e9, cpuSeconds: 5 },
    containers: [
      { uid: 'u', container: 'busy', ...usage, cpuNanoCores: 5e8, cpuSeconds: 2 },
      { uid: 'u', container: 'idle', ...usage, cpuNanoCores: 0, cpuSeconds: 7e-9 },
    ],
  })
})

test('what is new, has begun anew or was read twice in one moment has no rate', () => {
  const before = sample(1000, 1e9, { again: 500 })
  assert.deepEqual(statsBetween(before, sample(2000, 2e9, { again: 3, new: 5 })).containers, [])
  assert.deepEqual(statsBetween(before, before), { containers: [] })
})

test('a machine uses what is neither idle nor waiting, and the memory that is not available', () => {
  const stat = 'cpu  100 20 30 9999 8888 4 5 6 50 0\ncpu0 1 1 1 1\n'
  const meminfo = 'MemTotal:       1000 kB\nMemFree:         100 kB\nMemAvailable:    400 kB\n'
  assert.deepEqual(machineReading(stat, meminfo, 7), { at: 7, cpuNanoSeconds: 1.65e9, memoryBytes: 600 * 1024 })
  assert.equal(machineReading(stat, '', 7), undefined)
  assert.equal(machineReading('', meminfo, 7), undefined)
})
