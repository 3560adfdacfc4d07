/** A node that is short of room: who makes room for a critical pod. With real containers. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { Node } from '../../src/api/types/core/node.ts'
import type { Pod } from '../../src/api/types/core/pod.ts'
import { leaksOf } from '../../tools/leaks.ts'
import { busyboxImage } from '../support/busybox-image.ts'
import { type Cluster, eventually, startCluster } from '../support/cluster.ts'
import { noContainers } from '../support/engine.ts'

const IMAGE = 'localhost/busybox:1'
const NODE = 'node-1'
const COMMAND = ['/bin/sh', '-c', "trap 'exit 0' TERM; sleep 1000 & wait"]

describe('a node that is short of room', { skip: noContainers() }, () => {
  let cluster: Cluster
  let directory: string
  let millis = 0

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'en-'))
    writeFileSync(join(directory, 'busybox.tar'), busyboxImage([IMAGE]))
    cluster = await startCluster(['--nodes', '1', '--images', directory], { dataDir: join(directory, 'data') })
    const node = async () => JSON.parse(await cluster.kubectl('get', 'node', NODE, '-o', 'json')) as Node
    const { status } = await eventually(node, ({ spec }) => !spec.taints?.length)
    millis = Number(status.allocatable?.['cpu']) * 1000
  })
  after(async () => {
    await cluster?.stop({ keepData: true })
    assert.deepEqual(await leaksOf(cluster.dataDir), [])
    rmSync(directory, { recursive: true, force: true })
  })

  const manifest = (name: string, cpuMillis: number, more: object = {}) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default' },
    spec: {
      nodeName: NODE,
      terminationGracePeriodSeconds: 5,
      containers: [{ name: 'c', image: IMAGE, command: COMMAND, resources: { requests: { cpu: `${cpuMillis}m` } } }],
      ...more,
    },
  })
  const create = async (...args: Parameters<typeof manifest>) => {
    const { code, stderr } = await cluster.tryKubectl(['create', '-f', '-'], { input: JSON.stringify(manifest(...args)) })
    assert.equal(code, 0, stderr)
  }
  const pod = async (name: string) => JSON.parse(await cluster.kubectl('get', 'pod', name, '-o', 'json')) as Pod
  const reaches = (name: string, phase: string) =>
    eventually(
      () => pod(name),
      ({ status }) => status.phase === phase,
    )

  /** What a pod that had to make room says of itself, and its events of that. */
  async function preempted(name: string) {
    const { status } = await reaches(name, 'Failed')
    const disruption = status.conditions?.find(({ type }) => type === 'DisruptionTarget')
    const select = `involvedObject.name=${name},reason=Preempting`
    const events = await eventually(
      () => cluster.kubectl('get', 'events', '--field-selector', select, '-o', 'jsonpath={range .items[*]}{.type} {.message}{"\\n"}{end}'),
      text => text !== '',
    )
    return {
      reason: status.reason,
      message: status.message,
      disruption: disruption && [disruption.status, disruption.reason, disruption.message],
      exitCode: status.containerStatuses?.[0]?.state?.terminated?.exitCode,
      events,
    }
  }
  const PREEMPTED = {
    reason: 'Preempting',
    message: 'Preempted in order to admit critical pod',
    disruption: ['True', 'TerminationByKubelet', 'Pod was preempted by Kubelet to accommodate a critical pod.'],
    exitCode: 0,
    events: 'Warning Preempted in order to admit critical pod\n',
  }

  it('ends the pod that comes nearest for a critical one, and refuses others', async () => {
    await create('small', 100)
    await create('large', millis - 200)
    for (const name of ['small', 'large']) await reaches(name, 'Running')
    await create('plain', 500)
    const { status } = await reaches('plain', 'Failed')
    assert.equal(status.reason, 'OutOfcpu')
    await create('critical', 500, { priorityClassName: 'system-node-critical' })
    await reaches('critical', 'Running')
    assert.deepEqual(await preempted('large'), PREEMPTED)
    await reaches('small', 'Running')
  })

  it('makes room for a static pod too, and for no critical pod beyond what it has', async () => {
    await create('filler', millis - 700)
    await reaches('filler', 'Running')
    const file = join(cluster.dataDir, 'nodes', NODE, 'agent', 'static-pods', 'fixed.json')
    const { nodeName: _, ...spec } = manifest('', 300).spec
    writeFileSync(file, JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'fixed' }, spec }))
    await eventually(
      () => cluster.tryKubectl(['get', 'pod', `fixed-${NODE}`, '-o', 'jsonpath={.status.phase}']),
      ({ stdout }) => stdout === 'Running',
    )
    assert.deepEqual(await preempted('filler'), PREEMPTED)
    rmSync(file)
    await create('giant', millis + 1, { priorityClassName: 'system-node-critical' })
    const { status } = await reaches('giant', 'Failed')
    assert.equal(status.reason, 'UnexpectedAdmissionError')
    for (const name of ['small', 'critical']) await reaches(name, 'Running')
  })
})
