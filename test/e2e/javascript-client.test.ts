/** The JavaScript client of the Kubernetes project: an informer over a restart of the server, apply, exec and logs. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { after, before, describe, it } from 'node:test'
import { ApiException, AppsV1Api, CoreV1Api, Exec, KubeConfig, KubernetesObjectApi, Log, makeInformer, PatchStrategy } from '@kubernetes/client-node'
import { busyboxImage } from '../support/busybox-image.ts'
import { type Cluster, eventually, startCluster } from '../support/cluster.ts'
import { noContainers } from '../support/engine.ts'

const IMAGE = 'localhost/busybox:1'
const daemon = (name: string, container: object) => ({
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: { name, namespace: 'default' },
  spec: {
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: { terminationGracePeriodSeconds: 0, containers: [{ name: 'c', image: IMAGE, ...container }] },
    },
  },
})
const configOf = (cluster: Cluster): KubeConfig => {
  const config = new KubeConfig()
  config.loadFromFile(cluster.kubeconfig)
  return config
}

describe("the JavaScript client's objects and informers", () => {
  let cluster: Cluster
  let config: KubeConfig
  before(async () => {
    cluster = await startCluster(['--nodes', '0', '--simulated', '2'])
    config = configOf(cluster)
  })
  after(() => cluster.stop())

  it('apply, conflict as anybody does, and are forced', async () => {
    const objects = KubernetesObjectApi.makeApiClient(config)
    const apply = (image: string, manager: string, force: boolean) =>
      objects.patch(daemon('applied', { image }), undefined, undefined, manager, force, PatchStrategy.ServerSideApply)
    await apply('one', 'first', false)
    const refusal = await apply('two', 'second', false).catch((error: unknown) => error)
    assert.ok(refusal instanceof ApiException)
    const status = JSON.parse(refusal.body) as { message: string; reason: string }
    assert.deepEqual(
      [refusal.code, status.reason, status.message],
      [409, 'Conflict', 'Apply failed with 1 conflict: conflict with "first": .spec.template.spec.containers[name="c"].image'],
    )
    await apply('two', 'second', true)
    const set = await config.makeApiClient(AppsV1Api).readNamespacedDaemonSet({ namespace: 'default', name: 'applied' })
    assert.equal(set.spec.template.spec.containers[0]?.image, 'two')
    await objects.delete(daemon('applied', {}))
  })

  it('are followed over a restart of the server', async () => {
    const core = config.makeApiClient(CoreV1Api)
    const namespace = 'default'
    const create = (name: string) => core.createNamespacedConfigMap({ namespace, body: { metadata: { name, labels: { followed: 'yes' } } } })
    const heard: string[] = []
    const path = `/api/v1/namespaces/${namespace}/configmaps`
    const list = () => core.listNamespacedConfigMap({ namespace, labelSelector: 'followed=yes' })
    const informer = makeInformer(config, path, list, 'followed=yes')
    for (const event of ['add', 'update', 'delete'] as const) informer.on(event, ({ metadata }) => heard.push(`${event} ${metadata.name}`))
    // Whoever follows starts again, as the client's documentation says.
    let again = Promise.resolve()
    let following = true
    informer.on('error', () => {
      again = again.then(async () => {
        while (following) {
          const started = await informer.start().then(
            () => true,
            () => false,
          )
          if (started) return
          await new Promise(resolve => setTimeout(resolve, 100))
        }
      })
    })
    const hears = (event: string) =>
      eventually(
        () => heard,
        found => found.includes(event),
      )
    try {
      await create('before')
      await informer.start()
      await create('meanwhile')
      await hears('add meanwhile')
      const { dataDir } = cluster
      const { host } = new URL(cluster.url)
      await cluster.stop({ keepData: true })
      cluster = await startCluster(['--nodes', '0', '--simulated', '2', '--listen', host], { dataDir })
      await create('after')
      await hears('add after')
      await core.deleteNamespacedConfigMap({ namespace, name: 'before' })
      await hears('delete before')
      assert.deepEqual(heard, ['add before', 'add meanwhile', 'add after', 'delete before'])
      assert.deepEqual(
        informer
          .list()
          .map(({ metadata }) => metadata.name)
          .sort(),
        ['after', 'meanwhile'],
      )
    } finally {
      following = false
      await informer.stop()
      await again
    }
  })
})

const skip = noContainers()
describe("the JavaScript client's streams", { skip }, () => {
  let cluster: Cluster
  let images: string
  let config: KubeConfig
  let pod: string
  before(async () => {
    images = mkdtempSync(join(tmpdir(), 'en-images-'))
    writeFileSync(join(images, 'busybox.tar'), busyboxImage([IMAGE]))
    cluster = await startCluster(['--nodes', '1', '--images', images])
    config = configOf(cluster)
    const command = ['sh', '-c', 'echo first; echo second; sleep 1000000']
    await KubernetesObjectApi.makeApiClient(config).create(daemon('talks', { command }))
    await eventually(
      () => config.makeApiClient(AppsV1Api).readNamespacedDaemonSet({ namespace: 'default', name: 'talks' }),
      ({ status }) => status.numberReady === 1,
    )
    const { items } = await config.makeApiClient(CoreV1Api).listNamespacedPod({ namespace: 'default', labelSelector: 'app=talks' })
    pod = items[0]!.metadata.name
  })
  after(async () => {
    await cluster?.stop()
    rmSync(images, { recursive: true, force: true })
  })

  it('exec runs a command with input, output, errors and an exit code', async () => {
    const out = new PassThrough()
    const err = new PassThrough()
    const command = ['sh', '-c', 'read line; echo "got $line"; echo careful >&2; exit 7']
    const status = await new Promise<object>((done, fail) => {
      new Exec(config).exec('default', pod, 'c', command, out, err, Readable.from(['hello\n']), false, done).catch(fail)
    })
    out.end()
    err.end()
    assert.deepEqual([await text(out), await text(err)], ['got hello\n', 'careful\n'])
    assert.deepEqual(status, {
      metadata: {},
      status: 'Failure',
      message: `command terminated with non-zero exit code: error executing command [${command.join(' ')}], exit code 7`,
      reason: 'NonZeroExitCode',
      details: { causes: [{ reason: 'ExitCode', message: '7' }] },
    })
  })

  it('logs are read from their end, and followed', async () => {
    const tail = new PassThrough()
    await new Log(config).log('default', pod, 'c', tail, { tailLines: 1 })
    assert.equal(await text(tail), 'second\n')
    const followed = new PassThrough()
    await new Log(config).log('default', pod, 'c', followed, { follow: true })
    const [chunk] = (await once(followed, 'data')) as [Buffer]
    assert.match(String(chunk), /^first\n/)
    followed.destroy()
  })
})
