import assert from 'node:assert/strict'
import { test } from 'node:test'
import { podLimits } from '../resources.ts'
import { contractPod } from '../runtime/contract.ts'
import { cgroupWrites } from './cgroup-limits.ts'

const limitsOf = (resources: object) => podLimits(contractPod('p', { resources }))
const said = (limits: object, version: 1 | 2) => cgroupWrites('/e/podu', limits, version).map(({ file, value }) => `${file} ${value}`)

const MIB = 2 ** 20

test('a pod as a whole is held to what it names', () => {
  assert.deepEqual(limitsOf({ limits: { cpu: '500m', memory: '64Mi' } }), { cpuShares: 512, cpuQuotaUs: 50_000, memoryBytes: 64 * MIB })
  assert.deepEqual(limitsOf({ requests: { cpu: '250m', memory: '1Mi' }, limits: { cpu: '1' } }), { cpuShares: 256, cpuQuotaUs: 100_000 })
})

test('else it has the share of what its containers ask for, and their limits together if each has one', () => {
  const container = (limits: object, requests: object = {}, extra: object = {}) => ({ name: 'c', image: 'i', resources: { limits, requests }, ...extra })
  const of = (containers: readonly object[], initContainers: readonly object[] = []) => podLimits(contractPod('p', { containers, initContainers } as never))
  const both = container({ cpu: '500m', memory: '64Mi' }, { cpu: '250m' })
  assert.deepEqual(of([container({})]), { cpuShares: 2 })
  assert.deepEqual(of([both, both]), { cpuShares: 512, cpuQuotaUs: 100_000, memoryBytes: 128 * MIB })
  assert.deepEqual(of([both, container({ cpu: '1' })]), { cpuShares: 1280, cpuQuotaUs: 150_000 })
  const sidecar = container({ cpu: '500m', memory: '32Mi' }, {}, { restartPolicy: 'Always' })
  const start = container({ cpu: '500m', memory: '1Gi' })
  assert.deepEqual(of([both], [sidecar, start]), { cpuShares: 1024, cpuQuotaUs: 100_000, memoryBytes: 1056 * MIB })
})

test('they are written to a tree for each controller with cgroup v1, to one with v2', () => {
  const limits = { cpuShares: 512, cpuQuotaUs: 50_000, memoryBytes: 4096 }
  assert.deepEqual(said(limits, 1), [
    '/sys/fs/cgroup/cpu/e/podu/cpu.shares 512',
    '/sys/fs/cgroup/cpu/e/podu/cpu.cfs_period_us 100000',
    '/sys/fs/cgroup/cpu/e/podu/cpu.cfs_quota_us 50000',
    '/sys/fs/cgroup/memory/e/podu/memory.limit_in_bytes 4096',
  ])
  assert.deepEqual(said(limits, 2), [
    '/sys/fs/cgroup/cgroup.subtree_control +cpu +memory',
    '/sys/fs/cgroup/e/cgroup.subtree_control +cpu +memory',
    '/sys/fs/cgroup/e/podu/cpu.weight 20',
    '/sys/fs/cgroup/e/podu/cpu.max 50000 100000',
    '/sys/fs/cgroup/e/podu/memory.max 4096',
  ])
  assert.deepEqual(said({ memoryBytes: 1 }, 1), ['/sys/fs/cgroup/memory/e/podu/memory.limit_in_bytes 1'])
})
