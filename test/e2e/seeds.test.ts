/** The manifests that the project starts from, walked through with a real kubectl over simulated nodes. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { missing } from '../../tools/testing/programs.ts'
import { eventually, SHARED, startCluster } from '../support/cluster.ts'

const seeds = join(SHARED, 'manifests/seeds')
const skip = !existsSync(seeds) ? 'missing folder ../shared/manifests/seeds' : missing('kubectl')
const seed = (name: string) => join(seeds, `${name}.yaml`)

for (const [how, env] of [
  ['as kubectl comes', {}],
  ['with streaming lists', { KUBE_FEATURE_WatchListClient: 'true' }],
] as const) {
  test(`the seed manifests can be walked through, ${how}`, { skip }, async () => {
    const cluster = await startCluster(['--nodes', '0', '--simulated', '3'])
    const kubectl = async (...words: readonly string[]) => {
      const { code, stdout, stderr } = await cluster.tryKubectl(words, { env, timeout: 40_000 })
      if (code !== 0) throw new Error(`kubectl ${words.join(' ')}: ${stderr}`)
      return stdout
    }
    const json = async (...words: readonly string[]) => JSON.parse(await kubectl('get', ...words, '-o', 'json'))
    const running = (selector: string, count: number, ...where: readonly string[]) =>
      eventually(
        async () => (await json('pods', '-l', selector, ...where)).items.filter((p: { status: { phase: string } }) => p.status.phase === 'Running').length,
        n => n === count,
      )
    try {
      await kubectl('apply', '-f', seed('fluentd-elasticsearch'))
      await kubectl('rollout', 'status', 'ds/fluentd-elasticsearch', '-n', 'kube-system', '--timeout=30s')
      await running('name=fluentd-elasticsearch', 3, '-n', 'kube-system')
      await kubectl('apply', '-f', seed('nginx-everywhere-daemonset'))
      await kubectl('rollout', 'status', 'ds/nginx', '--timeout=30s')
      await running('app=nginx', 3)

      const refused = await cluster.tryKubectl(['apply', '-f', seed('frontend-rolling-as-printed')], { env })
      assert.notEqual(refused.code, 0)
      assert.match(refused.stderr, /spec\.updateStrategy/)
      await kubectl('apply', '-f', seed('frontend-extensions-v1beta1'))
      assert.deepEqual((await json('ds', 'frontend')).spec.updateStrategy, { type: 'OnDelete' })
      await running('app=frontend-webserver', 0)
      await kubectl('label', 'node', 'sim-1', 'sim-2', 'app=frontend-node')
      await running('app=frontend-webserver', 2)
      await kubectl('label', 'node', 'sim-1', 'app-')
      await running('app=frontend-webserver', 1)
      await kubectl('apply', '-f', seed('frontend-rolling'))
      assert.deepEqual((await json('ds', 'frontend')).spec.updateStrategy, { type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } })
      await kubectl('set', 'image', 'ds/frontend', 'webserver=nginx:1.25')
      await kubectl('rollout', 'status', 'ds/frontend', '--timeout=30s')

      await kubectl('set', 'image', 'ds/nginx', 'nginx=nginx:1.20')
      await kubectl('rollout', 'status', 'ds/nginx', '--timeout=30s')
      await kubectl('patch', 'ds', 'nginx', '-p', '{"spec":{"minReadySeconds":0,"template":{"metadata":{"annotations":{"a":"b"}}}}}')
      await kubectl('rollout', 'status', 'ds/nginx', '--timeout=30s')
      const edit = await cluster.tryKubectl(['edit', 'ds', 'nginx'], { env: { ...env, KUBE_EDITOR: 'sed -i s/nginx:1.20/nginx:1.21/' } })
      assert.equal(edit.code, 0, edit.stderr)
      await kubectl('rollout', 'restart', 'ds/nginx')
      await kubectl('rollout', 'status', 'ds/nginx', '--timeout=30s')
      assert.deepEqual((await kubectl('rollout', 'history', 'ds/nginx')).match(/^\d+/gm), ['1', '2', '3', '4', '5'])
      await kubectl('rollout', 'undo', 'ds/nginx')
      await kubectl('rollout', 'status', 'ds/nginx', '--timeout=30s')
      assert.equal((await json('ds', 'nginx')).spec.template.spec.containers[0].image, 'nginx:1.21')

      const uids = async () => (await json('pods', '-l', 'app=nginx')).items.map((p: { metadata: { uid: string } }) => p.metadata.uid).sort()
      const before = await uids()
      await kubectl('delete', 'ds', 'nginx', '--cascade=orphan', '--timeout=30s')
      assert.deepEqual(await uids(), before)
      // Another set of the same selector takes the pods and replaces them by its own template, one at a time.
      await kubectl('apply', '-f', seed('nginx-daemonset'))
      await kubectl('rollout', 'status', 'ds/nginx-daemonset', '--timeout=60s')
      const owners = (await json('pods', '-l', 'app=nginx')).items.map(
        (p: { metadata: { ownerReferences: { name: string }[] } }) => p.metadata.ownerReferences[0]?.name,
      )
      assert.deepEqual(owners, ['nginx-daemonset', 'nginx-daemonset', 'nginx-daemonset'])
      await kubectl('delete', 'ds', '--all', '--timeout=40s')
      await kubectl('delete', 'ds', '--all', '-n', 'kube-system', '--timeout=40s')
      await eventually(
        async () => (await json('pods', '-A')).items.length,
        n => n === 0,
        40_000,
      )
    } finally {
      await cluster.stop()
    }
  })
}
