import assert from 'node:assert/strict'
import { it } from 'node:test'
import { type NodeFacts, nodeStatusOf } from './describe.ts'

const MIB = 1024 * 1024
const FACTS: NodeFacts = {
  name: 'n1',
  addresses: ['10.0.0.1'],
  cpus: 2,
  memoryBytes: 1000 * MIB,
  ephemeralBytes: 5000 * MIB,
  maxPods: 110,
  reserved: { cpuMillis: 250, memoryBytes: 100 * MIB, ephemeralBytes: 500 * MIB },
  os: 'linux',
  arch: 'amd64',
  osImage: '',
  kernel: '',
  machineId: '',
  bootId: '',
  runtime: '',
  kubeletVersion: '',
  labels: {},
  taints: [],
}

it('gives pods what a node has, less what is kept from them', () => {
  const { capacity, allocatable } = nodeStatusOf(FACTS, {}, undefined, 0)
  assert.deepEqual(capacity, { cpu: '2', 'ephemeral-storage': '5000Mi', memory: '1000Mi', pods: '110' })
  assert.deepEqual(allocatable, { cpu: '1750m', 'ephemeral-storage': '4500Mi', memory: '900Mi', pods: '110' })
})
