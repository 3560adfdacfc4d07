/** Images from a real registry that asks for a password. */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { digestOf, imageBlobs, MANIFEST } from '../../src/agent/images/oci.ts'
import { idOf, netnsPrefix } from '../../src/agent/local-nodes/layout.ts'
import type { Pod } from '../../src/api/types/core/pod.ts'
import { missing } from '../../tools/testing/programs.ts'
import { describeBusybox } from '../support/busybox-image.ts'
import { type Cluster, eventually, startCluster } from '../support/cluster.ts'
import { noContainers } from '../support/engine.ts'

const skip = noContainers() || missing('docker-registry')
const IMAGE = 'localhost:5000/team/app:1'
/** `hush`, by bcrypt. */
const HTPASSWD = 'team:$2b$05$abcdefghijklmnopqrstuulzd.YqjLDl8lvpSmVj3De/fioSBHnUa\n'
const BASIC = `Basic ${Buffer.from('team:hush').toString('base64')}`
let cluster: Cluster
let registry: ChildProcess
let directory: string

describe('a registry that asks for a password', { skip }, () => {
  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'en-'))
    cluster = await startCluster(['--nodes', '1'], { dataDir: join(directory, 'data') })
    const address = await cluster.kubectl('get', 'node', 'node-1', '-o', 'jsonpath={.status.addresses[?(@.type=="InternalIP")].address}')
    registry = startRegistry()
    const url = `http://${address}:5000/v2/`
    await eventually(
      () =>
        fetch(url)
          .then(({ status }) => status)
          .catch(() => 0),
      status => status === 401,
    )
    await push(url)
  })
  after(async () => {
    registry?.kill('SIGKILL')
    await cluster?.stop({ keepData: true })
    rmSync(directory, { recursive: true, force: true })
  })

  const get = async (name: string): Promise<Pod> => JSON.parse(await cluster.kubectl('get', 'pod', name, '-o', 'json')) as Pod
  const create = async (name: string, spec: object = {}, image = IMAGE) => {
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec: { terminationGracePeriodSeconds: 0, containers: [{ name: 'c', image }], ...spec } }
    const { code, stderr } = await cluster.tryKubectl(['apply', '-f', '-'], { input: JSON.stringify(pod) })
    assert.equal(code, 0, stderr)
  }
  const waitsWith = (name: string, reason: string) =>
    eventually(
      () => get(name),
      pod => pod.status.containerStatuses?.[0]?.state?.waiting?.reason === reason,
    )
  const runs = (name: string) =>
    eventually(
      () => get(name),
      pod => pod.status.containerStatuses?.[0]?.state?.running !== undefined,
    )

  it('refuses a pod that does not know it, and the pod says so', async () => {
    await create('stranger')
    const pod = await waitsWith('stranger', 'ErrImagePull')
    assert.match(
      pod.status.containerStatuses?.[0]?.state?.waiting?.message ?? '',
      /localhost:5000\/team\/app:1.*(no basic auth credentials|401 Unauthorized|authorization failed)/,
    )
    await waitsWith('stranger', 'ImagePullBackOff')
    const events = await eventually(
      () => cluster.kubectl('get', 'events', '-o', 'jsonpath={range .items[?(@.involvedObject.name=="stranger")]}{.type} {.reason} {.message}{"\\n"}{end}'),
      text => text.includes('ImagePullBackOff'),
    )
    const said = [...new Set(events.split('\n').map(line => line.replace(/(Failed to pull image "[^"]*": rpc error: code = \w+ desc = ).*/, '$1…')))]
    assert.deepEqual(said.filter(line => / (Pulling|Failed|BackOff) /.test(line)).sort(), [
      `Normal BackOff Back-off pulling image "${IMAGE}"`,
      `Normal Pulling Pulling image "${IMAGE}"`,
      'Warning Failed Error: ErrImagePull',
      'Warning Failed Error: ImagePullBackOff',
      `Warning Failed Failed to pull image "${IMAGE}": rpc error: code = Unknown desc = …`,
    ])
  })

  it('does not make a policy of Never pull', async () => {
    await create('never', { containers: [{ name: 'c', image: IMAGE, imagePullPolicy: 'Never' }] })
    const pod = await waitsWith('never', 'ErrImageNeverPull')
    assert.equal(pod.status.containerStatuses?.[0]?.state?.waiting?.message, `Container image "${IMAGE}" is not present with pull policy of Never`)
  })

  it('serves a pod one of whose pull secrets holds the password, by tag and by digest', async () => {
    await cluster.kubectl('create', 'secret', 'docker-registry', 'team', '--docker-server=localhost:5000', '--docker-username=team', '--docker-password=hush')
    await cluster.kubectl('create', 'secret', 'docker-registry', 'old', '--docker-server=localhost:5000', '--docker-username=team', '--docker-password=wrong')
    const secrets = { imagePullSecrets: [{ name: 'gone' }, { name: 'old' }, { name: 'team' }] }
    await create('friend', { ...secrets, containers: [{ name: 'c', image: IMAGE, imagePullPolicy: 'Always' }] })
    const pod = await runs('friend')
    const about = ['--field-selector', 'involvedObject.name=friend,reason=Pulled', '-o', 'jsonpath={.items[*].message}']
    const pulled = await eventually(
      () => cluster.kubectl('get', 'events', ...about),
      text => text !== '',
    )
    const time = String.raw`(\d+ms|[\d.]+s)`
    assert.match(pulled, new RegExp(`^Successfully pulled image "${IMAGE}" in ${time} \\(${time} including waiting\\)\\. Image size: \\d+ bytes\\.$`))
    const { manifest } = imageBlobs(describeBusybox([IMAGE]))
    assert.match(pod.status.containerStatuses?.[0]?.imageID ?? '', /sha256:[0-9a-f]{64}/)
    await create('exact', secrets, `localhost:5000/team/app@${digestOf(manifest)}`)
    await runs('exact')
  })

  it('keeps an image that was pulled with a secret from pods that have none, and lets those in that have', async () => {
    await create('guest')
    await waitsWith('guest', 'ErrImagePull')
    await create('hermit', { containers: [{ name: 'c', image: IMAGE, imagePullPolicy: 'Never' }] })
    const pod = await waitsWith('hermit', 'ErrImageNeverPull')
    assert.equal(
      pod.status.containerStatuses?.[0]?.state?.waiting?.message,
      `Container image "${IMAGE}" is present with pull policy of "Never" but does not have the proper credentials to access the image`,
    )
    const member = { imagePullSecrets: [{ name: 'team' }], containers: [{ name: 'c', image: IMAGE, imagePullPolicy: 'Never' }] }
    await create('member', member)
    await runs('member')
  })

  it('names an image that cannot be one', async () => {
    await create('odd', {}, 'Not/AnImage')
    await waitsWith('odd', 'InvalidImageName')
  })

  /** In the node's namespace, where `localhost:5000` is its own and plain http is allowed. */
  function startRegistry(): ChildProcess {
    const store = join(directory, 'store')
    mkdirSync(store)
    writeFileSync(join(directory, 'htpasswd'), HTPASSWD)
    const config = {
      version: '0.1',
      log: { level: 'error', accesslog: { disabled: true } },
      storage: { filesystem: { rootdirectory: store } },
      http: { addr: ':5000' },
      auth: { htpasswd: { realm: 'test', path: join(directory, 'htpasswd') } },
    }
    writeFileSync(join(directory, 'registry.yml'), JSON.stringify(config))
    const netns = `/run/netns/${netnsPrefix(idOf(realpathSync(cluster.dataDir)))}1`
    return spawn('nsenter', [`--net=${netns}`, 'docker-registry', 'serve', join(directory, 'registry.yml')], { stdio: 'ignore' })
  }

  async function push(url: string): Promise<void> {
    const { layer, config, manifest } = imageBlobs(describeBusybox([IMAGE]))
    const headers = { authorization: BASIC }
    for (const blob of [layer, config]) {
      const { headers: begun } = await fetch(`${url}team/app/blobs/uploads/`, { method: 'POST', headers })
      const location = new URL(begun.get('location') ?? '', url)
      location.searchParams.set('digest', digestOf(blob))
      const done = await fetch(location, { method: 'PUT', headers: { ...headers, 'content-type': 'application/octet-stream' }, body: new Uint8Array(blob) })
      assert.equal(done.status, 201)
    }
    const done = await fetch(`${url}team/app/manifests/1`, { method: 'PUT', headers: { ...headers, 'content-type': MANIFEST }, body: new Uint8Array(manifest) })
    assert.equal(done.status, 201, await done.text())
  }
})
