/** Promises that hold across restarts, and what `everynode why` says of a node that is not ready. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { DaemonSets } from '../../src/api/kinds/apps/daemon-set.ts'
import { Pods } from '../../src/api/kinds/core/pod.ts'
import type { Pod } from '../../src/api/types/core/pod.ts'
import { HttpApi } from '../../src/client/http/rest.ts'
import { readKubeconfig } from '../../src/client/node/kubeconfig.ts'
import { missing } from '../../tools/testing/programs.ts'
import { type Cluster, eventually, ROOT, run, startCluster } from '../support/cluster.ts'
import { daemonSet } from '../support/manifests.ts'

const skip = missing('kubectl')
const ROUNDS = 20

test('promise 2: never two copies on one node, however often controller and agents are killed in the middle of a roll', { skip }, async () => {
  const directory = mkdtempSync(join(tmpdir(), 'everynode-twice-'))
  const target = { kind: DaemonSets, namespace: 'default', name: 'once' }
  const wrong: string[] = []
  let cluster: Cluster | undefined
  let seen = 0
  try {
    for (let round = 0; round <= ROUNDS; round++) {
      cluster = await startCluster(['--nodes', '0', '--simulated', '4'], { dataDir: join(directory, 'data') })
      const api = new HttpApi(await readKubeconfig({ file: cluster.kubeconfig }))
      const stop = new AbortController()
      const pods = new Map<string, Pod>()
      const watching = (async () => {
        for await (const events of api.watch({ kind: Pods, namespace: 'default' }, { initialEvents: true, bookmarks: true, signal: stop.signal })) {
          for (const event of events) {
            if (event.type === 'BOOKMARK') continue
            seen++
            if (event.type === 'DELETED') pods.delete(event.object.metadata.uid)
            else pods.set(event.object.metadata.uid, event.object)
            wrong.push(...doubles(pods.values()).map(node => `round ${round}, revision ${event.object.metadata.resourceVersion}: two pods on ${node}`))
          }
        }
      })().catch(() => {})
      if (round === 0) {
        const applied = await cluster.tryKubectl(['apply', '-f', '-'], { input: daemonSet({ name: 'once' }) })
        assert.equal(applied.code, 0, applied.stderr)
        await cluster.kubectl('rollout', 'status', 'ds/once', '--timeout=20s')
      }
      const image = {
        spec: {
          template: { spec: { containers: [{ name: 'main', image: `example.org/agent:${round + 2}` }] } },
          updateStrategy: { rollingUpdate: { maxUnavailable: 3 } },
        },
      }
      await api.patch(target, { type: 'strategic', body: image })
      if (round === ROUNDS) await cluster.kubectl('rollout', 'status', 'ds/once', '--timeout=30s')
      else {
        // The roll takes a few milliseconds a pod: the kill falls into it, at another place each time.
        await new Promise(resolve => setTimeout(resolve, (round * 7) % 60))
        await cluster.kill()
      }
      stop.abort()
      api.close()
      await watching
    }
    assert.deepEqual(wrong, [])
    assert.ok(seen > ROUNDS * 4, `${seen} events`)
    const { items } = JSON.parse(await cluster!.kubectl('get', 'pods', '-l', 'app=once', '-o', 'json')) as { items: Pod[] }
    assert.deepEqual(
      items.map(pod => `${pod.spec.nodeName} ${pod.spec.containers[0]?.image}`).sort(),
      ['sim-1', 'sim-2', 'sim-3', 'sim-4'].map(node => `${node} example.org/agent:${ROUNDS + 2}`),
    )
  } finally {
    await cluster?.stop({ keepData: true })
    rmSync(directory, { recursive: true, force: true })
  }
})

/** Nodes with more than one pod that is not over. */
function doubles(pods: Iterable<Pod>): string[] {
  const counts = new Map<string, number>()
  for (const { spec, status } of pods) {
    if (!spec.nodeName || status.phase === 'Succeeded' || status.phase === 'Failed') continue
    counts.set(spec.nodeName, (counts.get(spec.nodeName) ?? 0) + 1)
  }
  return [...counts].filter(([, count]) => count > 1).map(([node]) => node)
}

test('promise 11: on a node that is not ready only a set that tolerates it runs, and why names the taint and the line to add', { skip }, async () => {
  const cluster = await startCluster(['--nodes', '0', '--simulated', '2'])
  try {
    // A node that has registered and is not ready yet: nothing has said that it is.
    const bare = JSON.stringify({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'bare', labels: { 'kubernetes.io/hostname': 'bare' } } })
    const tolerations = [{ key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoSchedule' }]
    for (const input of [bare, daemonSet({ name: 'plain' }), daemonSet({ name: 'network', pod: { tolerations } })]) {
      const { code, stderr } = await cluster.tryKubectl(['apply', '-f', '-'], { input })
      assert.equal(code, 0, stderr)
    }
    const room = '{"status":{"allocatable":{"cpu":"1","memory":"1Gi","pods":"10"},"capacity":{"cpu":"1","memory":"1Gi","pods":"10"}}}'
    await cluster.kubectl('patch', 'node', 'bare', '--subresource=status', '--type=merge', '-p', room)
    const nodes = async (app: string) =>
      (await cluster.kubectl('get', 'pods', '-l', `app=${app}`, '-o', 'jsonpath={.items[*].spec.nodeName}')).split(' ').filter(Boolean).sort()
    await eventually(
      async () => ({ plain: await nodes('plain'), network: await nodes('network') }),
      found => JSON.stringify(found) === JSON.stringify({ plain: ['sim-1', 'sim-2'], network: ['bare', 'sim-1', 'sim-2'] }),
    )
    const words = ['why', 'ds/plain', 'bare', '--kubeconfig', cluster.kubeconfig]
    const answer = await run(process.execPath, ['--disable-warning=ExperimentalWarning', join(ROOT, 'src/main/cli.ts'), ...words])
    assert.equal(answer.code, 0, answer.stderr)
    assert.match(answer.stdout, /node\.kubernetes\.io\/not-ready/)
    assert.match(answer.stdout, /operator: Exists|Exists/)
  } finally {
    await cluster.stop()
  }
})
