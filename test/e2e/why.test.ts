/** Why a node has, or has not, the pod of a set: over the API, on the command line, and for a cluster that shows only Kubernetes' own objects. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { PlacementAnswer } from '../../src/judge/daemonset/why-types.ts'
import { type Cluster, eventually, ROOT, run, startCluster } from '../support/cluster.ts'

let cluster: Cluster
before(async () => {
  cluster = await startCluster(['--nodes', '0', '--simulated', '3'])
})
after(() => cluster.stop())

const SET = `
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent}
spec:
  selector: {matchLabels: {app: agent}}
  template:
    metadata: {labels: {app: agent}}
    spec:
      nodeSelector: {kubernetes.io/os: linux}
      containers: [{name: main, image: registry.example/agent:1}]
`
const placement = async (query = ''): Promise<PlacementAnswer> =>
  JSON.parse(await cluster.kubectl('get', '--raw', `/apis/everynode.dev/v1/namespaces/default/daemonsets/agent/placement${query}`)) as PlacementAnswer
const why = (...words: readonly string[]) =>
  run(process.execPath, ['--disable-warning=ExperimentalWarning', join(ROOT, 'src/main/cli.ts'), 'why', ...words, '--kubeconfig', cluster.kubeconfig])

test('every node is in the answer, with all that keeps the set away and what would change it', async () => {
  const { code, stderr } = await cluster.tryKubectl(['apply', '-f', '-'], { input: SET })
  assert.equal(code, 0, stderr)
  await cluster.kubectl('taint', 'node', 'sim-1', 'dedicated=db:NoExecute')
  await cluster.kubectl('label', 'node', 'sim-2', 'kubernetes.io/os=plan9', '--overwrite')
  const answer = await eventually(placement, ({ nodes }) => nodes.map(({ verdict }) => verdict).join() === 'excluded,excluded,runs', 30_000)
  assert.deepEqual(
    answer.nodes.map(({ name, runs, should, reasons }) => [name, runs, should, reasons.map(({ type }) => type)]),
    [
      ['sim-1', false, false, ['taint']],
      ['sim-2', false, false, ['node-selector']],
      ['sim-3', true, true, []],
    ],
  )
  const [taint] = answer.nodes[0]!.reasons
  assert.deepEqual([taint?.taint, taint?.toleration], ['dedicated=db:NoExecute', { key: 'dedicated', operator: 'Equal', value: 'db', effect: 'NoExecute' }])
  assert.deepEqual([answer.desired, answer.available], [1, 1])
})

test('one node may be asked for, and one that does not exist is told as such', async () => {
  assert.deepEqual(
    (await placement('?node=sim-2')).nodes.map(({ name }) => name),
    ['sim-2'],
  )
  assert.deepEqual(
    (await placement('?node=nowhere')).nodes.map(({ verdict }) => verdict),
    ['node-missing'],
  )
})

test('the command says it for people and as JSON, from objects that any Kubernetes shows', async () => {
  const told = await why('ds/agent', 'sim-1')
  assert.equal(told.code, 0, told.stderr)
  assert.match(
    told.stdout,
    /^daemonset.apps\/agent in default: 1 desired, 1 current, 1 up to date, 1 available \(RollingUpdate, maxUnavailable 1\)\n\nsim-1: excluded, not wanted here\n {2}- the node has the taint dedicated=db:NoExecute/,
  )
  assert.match(told.stdout, /add to spec.template.spec.tolerations: \{"key":"dedicated","operator":"Equal","value":"db","effect":"NoExecute"\}/)
  const json = JSON.parse((await why('agent', '-o', 'json')).stdout) as PlacementAnswer
  const served = await placement()
  assert.deepEqual(json, served)
})

test('a set that does not exist is an error that says so', async () => {
  const { code, stderr } = await why('ds/nothing')
  assert.deepEqual([code, stderr], [1, 'everynode: there is no DaemonSet nothing in namespace default\n'])
  const raw = await cluster.tryKubectl(['get', '--raw', '/apis/everynode.dev/v1/namespaces/default/daemonsets/nothing/placement'])
  assert.match(raw.stderr, /NotFound/)
})
