/** What a pod on a real container engine gets, says and survives. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { Pod } from '../../src/api/types/core/pod.ts'
import type { ContainerStatus } from '../../src/api/types/core/pod-status.ts'
import { leaksOf } from '../../tools/leaks.ts'
import { busyboxImage } from '../support/busybox-image.ts'
import { type Cluster, eventually, startCluster } from '../support/cluster.ts'
import { noContainers } from '../support/engine.ts'

const skip = noContainers()
const IMAGE = 'localhost/busybox:1'
let cluster: Cluster
let images: string

describe('a pod on a container engine', { skip }, () => {
  before(async () => {
    images = mkdtempSync(join(tmpdir(), 'en-images-'))
    writeFileSync(join(images, 'busybox.tar'), busyboxImage([IMAGE, 'localhost/busybox:2']))
    cluster = await startCluster(['--nodes', '1', '--images', images])
  })
  after(async () => {
    await cluster?.stop({ keepData: true })
    assert.deepEqual(await leaksOf(cluster.dataDir), [])
    for (const dir of [cluster.dataDir, images]) rmSync(dir, { recursive: true, force: true })
  })

  const apply = (...objects: readonly object[]) =>
    cluster
      .tryKubectl(['apply', '-f', '-'], { input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }) })
      .then(({ code, stderr }) => assert.equal(code, 0, stderr))
  const podNamed = (name: string, container: object, spec: object = {}) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { app: name } },
    spec: { terminationGracePeriodSeconds: 1, containers: [{ name: 'c', image: IMAGE, ...container }], ...spec },
  })
  const get = async (name: string): Promise<Pod> => JSON.parse(await cluster.kubectl('get', 'pod', name, '-o', 'json')) as Pod
  const until = (name: string, check: (pod: Pod) => boolean) => eventually(() => get(name), check)
  const isReady = (pod: Pod) => pod.status.conditions?.some(c => c.type === 'Ready' && c.status === 'True') ?? false
  const only = (pod: Pod): Partial<ContainerStatus> => pod.status.containerStatuses?.[0] ?? {}
  const logs = (name: string, ...more: readonly string[]) => cluster.kubectl('logs', name, ...more)

  it('finds its environment, volumes and names', async () => {
    await apply(
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings' }, data: { colour: 'green', 'a.conf': 'x=1' } },
      { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'keys' }, stringData: { password: 'hush' } },
      podNamed(
        'finds',
        {
          command: [
            'sh',
            '-c',
            [
              'echo "$NODE $COLOUR $PASSWORD $BOTH $LIMIT"; cat /conf/a.conf /secret/password /one /self/app /shared/made; id -u',
              'awk \'$5 ~ "^/(conf|one|secret|self|shared)$" { print $5, substr($6, 1, 2) }\' /proc/self/mountinfo | sort',
              'grep finds /etc/hosts; sleep 1000',
            ].join('\n'),
          ],
          env: [
            { name: 'NODE', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
            { name: 'COLOUR', valueFrom: { configMapKeyRef: { name: 'settings', key: 'colour' } } },
            { name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 'keys', key: 'password' } } },
            { name: 'BOTH', value: '$(COLOUR)/$(NODE)/$(NOBODY)/$$(NODE)' },
            { name: 'LIMIT', valueFrom: { resourceFieldRef: { resource: 'limits.memory', divisor: '1Mi' } } },
          ],
          resources: { limits: { memory: '64Mi', cpu: '200m' } },
          securityContext: { runAsUser: 1234 },
          volumeMounts: [
            { name: 'settings', mountPath: '/conf' },
            { name: 'settings', mountPath: '/one', subPath: 'colour' },
            { name: 'keys', mountPath: '/secret', readOnly: true },
            { name: 'self', mountPath: '/self' },
            { name: 'shared', mountPath: '/shared' },
          ],
        },
        {
          volumes: [
            { name: 'settings', configMap: { name: 'settings' } },
            { name: 'keys', secret: { secretName: 'keys' } },
            { name: 'self', downwardAPI: { items: [{ path: 'app', fieldRef: { fieldPath: "metadata.labels['app']" } }] } },
            { name: 'shared', emptyDir: {} },
          ],
          initContainers: [
            { name: 'first', image: IMAGE, command: ['sh', '-c', 'echo " made" > /shared/made'], volumeMounts: [{ name: 'shared', mountPath: '/shared' }] },
          ],
        },
      ),
    )
    const pod = await until('finds', isReady)
    const node = pod.spec.nodeName
    const said = await eventually(
      () => logs('finds'),
      text => text.includes('finds'),
    )
    assert.deepEqual(said.split('\n'), [
      `${node} green hush green/${node}/$(NOBODY)/$(NODE) 64`,
      'x=1hushgreenfinds made',
      '1234',
      '/conf ro',
      '/one ro',
      '/secret ro',
      '/self ro',
      '/shared rw',
      `${pod.status.podIP}\tfinds`,
      '',
    ])
    assert.equal(pod.status.initContainerStatuses?.[0]?.state?.terminated?.reason, 'Completed')
    assert.equal(pod.status.qosClass, 'Burstable')
  })

  it('sees a changed config map in its files', async () => {
    await apply({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings' }, data: { colour: 'red', 'a.conf': 'x=2' } })
    await eventually(
      () => cluster.kubectl('exec', 'finds', '--', 'cat', '/conf/a.conf'),
      text => text === 'x=2',
    )
  })

  it('waits, saying for what, until what it refers to is there', async () => {
    await apply(podNamed('waits', { envFrom: [{ configMapRef: { name: 'later' } }] }))
    const waiting = await until('waits', pod => only(pod).state?.waiting?.reason === 'CreateContainerConfigError')
    assert.equal(only(waiting).state?.waiting?.message, 'configmap "later" not found')
    await apply({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'later' }, data: { A: '1' } })
    await until('waits', isReady)
  })

  it('says how it ended, and backs off', async () => {
    await apply(podNamed('fails', { command: ['sh', '-c', 'echo going; printf gone > /dev/termination-log; exit 3'] }))
    const pod = await until('fails', p => only(p).state?.waiting?.reason === 'CrashLoopBackOff')
    const { exitCode, reason, message } = only(pod).lastState?.terminated ?? {}
    assert.deepEqual([only(pod).restartCount, exitCode, reason, message], [1, 3, 'Error', 'gone'])
    assert.match(only(pod).state?.waiting?.message ?? '', /^back-off 10s restarting failed container=c pod=fails_default\(/)
    assert.equal(await logs('fails', '--previous'), 'going\n')
  })

  it('is restarted in place when its image changes', async () => {
    await apply(podNamed('changes', { command: ['sleep', '1000'] }))
    const before = await until('changes', isReady)
    await cluster.kubectl('set', 'image', 'pod/changes', 'c=localhost/busybox:2')
    const now = await until('changes', p => isReady(p) && only(p).restartCount === 1)
    assert.equal(now.metadata.uid, before.metadata.uid)
    assert.equal(only(now).image, 'localhost/busybox:2')
  })

  it('is ready when its probe says so, and restarted when it no longer lives', async () => {
    const probe = (file: string, failureThreshold: number) => ({ exec: { command: ['test', '-e', file] }, periodSeconds: 1, failureThreshold })
    await apply(
      podNamed('probed', { command: ['sh', '-c', 'touch /alive; sleep 1000'], readinessProbe: probe('/ready', 1), livenessProbe: probe('/alive', 1) }),
    )
    await until('probed', p => p.status.containerStatuses?.[0]?.started === true && !isReady(p))
    await cluster.kubectl('exec', 'probed', '--', 'touch', '/ready')
    await until('probed', isReady)
    await cluster.kubectl('exec', 'probed', '--', 'rm', '/alive')
    await until('probed', p => only(p).restartCount === 1)
  })

  it('runs its hooks: one after the start, one before the end', async () => {
    const hook = (word: string) => ({ exec: { command: ['sh', '-c', `echo ${word} >> /shared/hooks`] } })
    const shared = { volumes: [{ name: 'shared', hostPath: { path: join(images, 'shared'), type: 'DirectoryOrCreate' } }] }
    await apply(
      podNamed(
        'hooked',
        {
          command: ['sleep', '1000'],
          lifecycle: { postStart: hook('started'), preStop: hook('stopping') },
          volumeMounts: [{ name: 'shared', mountPath: '/shared' }],
        },
        shared,
      ),
    )
    await until('hooked', isReady)
    await cluster.kubectl('delete', 'pod', 'hooked')
    const { readFileSync } = await import('node:fs')
    assert.equal(readFileSync(join(images, 'shared', 'hooks'), 'utf8'), 'started\nstopping\n')
  })

  it('can be entered, and tells the exit code', async () => {
    const { code, stdout, stderr } = await cluster.tryKubectl(['exec', '-i', 'finds', '-c', 'c', '--', 'sh', '-c', 'cat; echo bad >&2; exit 7'], {
      input: 'typed',
    })
    assert.deepEqual([code, stdout, stderr.split('\n')[0]], [7, 'typed', 'bad'])
  })

  it('is ended when it has been active long enough', async () => {
    await apply(podNamed('brief', { command: ['sleep', '1000'] }, { activeDeadlineSeconds: 1 }))
    const { status } = await until('brief', p => p.status.phase === 'Failed')
    assert.equal(status.reason, 'DeadlineExceeded')
    const told = await eventually(
      () => cluster.kubectl('get', 'events', '--field-selector', 'reason=DeadlineExceeded', '-o', 'jsonpath={.items[*].message}'),
      text => text !== '',
    )
    assert.equal(told, 'Pod was active on the node longer than the specified deadline')
  })

  it('promise 27: runs from a file of its node, is shown by the API, and cannot be deleted there', async () => {
    const file = join(cluster.dataDir, 'nodes', 'node-1', 'agent', 'static-pods', 'fixed.yaml')
    writeFileSync(file, JSON.stringify({ ...podNamed('fixed', { command: ['sleep', '1000'] }) }))
    await eventually(
      () => cluster.tryKubectl(['get', 'pod', 'fixed-node-1']),
      ({ code }) => code === 0,
    )
    const first = await until('fixed-node-1', isReady)
    const { containerID } = only(first)
    await cluster.kubectl('delete', 'pod', 'fixed-node-1')
    const again = await eventually(
      () => cluster.tryKubectl(['get', 'pod', 'fixed-node-1', '-o', 'json']).then(({ code, stdout }) => (code === 0 ? (JSON.parse(stdout) as Pod) : undefined)),
      pod => pod !== undefined && pod.metadata.uid !== first.metadata.uid && isReady(pod),
    )
    assert.equal(only(again!).containerID, containerID)
    rmSync(file)
    await eventually(
      () => cluster.tryKubectl(['get', 'pod', 'fixed-node-1']),
      ({ code }) => code !== 0,
    )
  })

  it('names the volume that this node cannot provide', async () => {
    await apply(podNamed('claims', {}, { volumes: [{ name: 'data', nfs: { server: 'x', path: '/' } }] }))
    const events = () =>
      cluster.kubectl('get', 'events', '--field-selector', 'involvedObject.name=claims,reason=FailedMount', '-o', 'jsonpath={.items[*].message}')
    assert.match(await eventually(events, text => text !== ''), /volume "data" : it is of type nfs, which needs a driver/)
  })

  it('comes back after the whole program was killed, and nothing of the old run is left', async () => {
    const before = await get('changes')
    await cluster.kill()
    cluster = await startCluster(['--nodes', '1'], { dataDir: cluster.dataDir })
    const now = await until('changes', p => isReady(p) && (only(p).restartCount ?? 0) > (only(before).restartCount ?? 0))
    assert.equal(now.metadata.uid, before.metadata.uid)
  })
})
