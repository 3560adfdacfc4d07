import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Pod } from '../api/types/core/pod.ts'
import { shortagesOf } from '../judge/scheduling/node-filters.ts'
import { NodeInfo } from '../judge/scheduling/node-info.ts'
import { aNode, aPod } from '../judge/scheduling/terse-world.ts'
import { missingText, planPreemption } from './preempt.ts'

const NODE_CRITICAL = 2_000_001_000
const CLUSTER_CRITICAL = 2_000_000_000

/** `name class cpu memory [priority]`: `be` asks for nothing, `bu` less than its limit, `gu` as much. */
function pod(line: string): Pod {
  const [name = '', kind, cpu = '0', memory = '0', priority = '0'] = line.split(' ')
  const asked = { cpu: `${cpu}m`, memory: `${memory}Mi` }
  const resources = kind === 'be' ? {} : { requests: asked, ...(kind === 'gu' && { limits: asked }) }
  return aPod(name, { on: 'n1', priority: Number(priority), spec: { containers: [{ name: 'c', resources }] } as never })
}

const node = aNode('n1', { gives: { cpu: '1', memory: '1000Mi', pods: '4' } })

function preempted(newcomer: string, others: readonly string[]): string {
  const info = new NodeInfo(node)
  const pods = others.map(pod)
  for (const other of pods) info.add(other)
  const critical = pod(newcomer)
  const short = shortagesOf(critical, info)
  const plan = planPreemption(critical, pods, short)
  return plan ? plan.map(({ metadata }) => metadata.name).join(' ') : missingText(short)
}

const CASES: readonly (readonly [name: string, newcomer: string, others: readonly string[], expected: string])[] = [
  ['whom it takes when one is enough: the one that is nearest', `new bu 500 0 ${NODE_CRITICAL}`, ['a bu 300 0', 'b bu 700 0'], 'b'],
  ['the smaller of two that are enough', `new bu 300 0 ${NODE_CRITICAL}`, ['a bu 500 0', 'b bu 400 0'], 'b'],
  ['burstable pods before guaranteed ones', `new bu 500 0 ${NODE_CRITICAL}`, ['a gu 500 10', 'b bu 500 10'], 'b'],
  ['guaranteed pods where the others do not do', `new bu 900 0 ${NODE_CRITICAL}`, ['a gu 600 10', 'b bu 400 10'], 'b a'],
  ['as few of the others as the guaranteed ones leave', `new bu 500 0 ${NODE_CRITICAL}`, ['a gu 900 10', 'b bu 100 10'], 'a'],
  ['a pod that asks for nothing, for its place', `new bu 1 0 ${NODE_CRITICAL}`, ['a bu 10 0', 'b be', 'c bu 10 0', 'd gu 10 1'], 'b'],
  ['several, for several resources', `new bu 800 800 ${NODE_CRITICAL}`, ['a bu 900 0', 'b bu 0 900', 'c bu 50 50'], 'a b'],
  ['critical pods only where it is above them', `new bu 500 0 ${NODE_CRITICAL}`, [`a bu 800 0 ${CLUSTER_CRITICAL}`], 'a'],
  ['no critical pod that is its equal', `new bu 500 0 ${NODE_CRITICAL}`, [`a bu 800 0 ${NODE_CRITICAL}`], '[(res: cpu, q: 300), ]'],
  ['nobody where all are not enough', `new bu 1500 0 ${NODE_CRITICAL}`, ['a bu 800 0'], '[(res: cpu, q: 1300), ]'],
]

describe('a critical pod preempts', () => {
  for (const [name, newcomer, others, expected] of CASES) it(name, () => assert.equal(preempted(newcomer, others), expected))
})
