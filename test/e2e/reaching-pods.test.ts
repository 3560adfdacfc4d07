/** How pods are reached on a real container engine: probed over gRPC, entered by `kubectl debug`, through host ports of SCTP. */
import assert from 'node:assert/strict'
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { idOf, netnsPrefix } from '../../src/agent/local-nodes/layout.ts'
import type { Pod } from '../../src/api/types/core/pod.ts'
import type { ContainerStatus } from '../../src/api/types/core/pod-status.ts'
import { leaksOf } from '../../tools/leaks.ts'
import { busyboxImage } from '../support/busybox-image.ts'
import { type Cluster, eventually, mustRun, ROOT, run, startCluster } from '../support/cluster.ts'
import { noContainers } from '../support/engine.ts'

const IMAGE = 'localhost/busybox:1'
/** A health server of the reference library: the state of a service is the number in the file of its name, of the whole in `all`. */
const HEALTH = `
const grpc = require('/node_modules/@grpc/grpc-js')
const { readFileSync } = require('fs')
const asIs = bytes => bytes
const whole = { path: '/grpc.health.v1.Health/Check', requestStream: false, responseStream: false }
const server = new grpc.Server()
server.addService({ check: { ...whole, requestSerialize: asIs, requestDeserialize: asIs, responseSerialize: asIs, responseDeserialize: asIs } }, {
  check({ request }, done) {
    const service = request.subarray(2).toString()
    try {
      done(null, Buffer.from([8, Number(readFileSync('/state/' + (service || 'all'), 'utf8'))]))
    } catch {
      done({ code: grpc.status.NOT_FOUND, details: 'unknown service ' + service })
    }
  },
})
process.on('SIGTERM', () => process.exit(0))
server.bindAsync('0.0.0.0:9000', grpc.ServerCredentials.createInsecure(), () => console.log('bound'))
`
const SERVING = 1
const NOT_SERVING = 2

describe('a pod is reached', { skip: noContainers() }, () => {
  let cluster: Cluster
  let images: string

  before(async () => {
    images = mkdtempSync(join(tmpdir(), 'en-images-'))
    writeFileSync(join(images, 'busybox.tar'), busyboxImage([IMAGE]))
    cluster = await startCluster(['--nodes', '1', '--images', images])
  })
  after(async () => {
    await cluster?.stop({ keepData: true })
    assert.deepEqual(await leaksOf(cluster.dataDir), [])
    for (const dir of [cluster.dataDir, images]) rmSync(dir, { recursive: true, force: true })
  })

  const apply = async (...items: readonly object[]) => {
    const { code, stderr } = await cluster.tryKubectl(['apply', '-f', '-'], { input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items }) })
    assert.equal(code, 0, stderr)
  }
  const podNamed = (name: string, container: object, spec: object = {}) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: { terminationGracePeriodSeconds: 2, containers: [{ name: 'c', image: IMAGE, ...container }], ...spec },
  })
  const get = async (name: string) => JSON.parse(await cluster.kubectl('get', 'pod', name, '-o', 'json')) as Pod
  const statusOnce = async (ask: () => Promise<ContainerStatus | undefined>, check: (status: ContainerStatus) => boolean): Promise<ContainerStatus> =>
    (await eventually(ask, status => status !== undefined && check(status)))!
  const until = (name: string, check: (status: ContainerStatus) => boolean) => statusOnce(async () => (await get(name)).status.containerStatuses?.[0], check)
  const saidOf = (name: string, reason: string, message: string) =>
    eventually(
      async () =>
        (
          await cluster.kubectl(
            'get',
            'events',
            '--field-selector',
            `involvedObject.name=${name},reason=${reason}`,
            '-o',
            'jsonpath={range .items[*]}{.message}{"\\n"}{end}',
          )
        ).split('\n'),
      messages => messages.includes(message),
    )

  it('over gRPC: started, ready and alive as its health service says of each', async () => {
    const machine = (path: string) => ({ hostPath: { path: realpathSync(path) } })
    const grpc = (service?: string) => ({ grpc: { port: 9000, ...(service && { service }) }, periodSeconds: 2, timeoutSeconds: 5 })
    const places = { state: '/state', script: '/script', program: '/program', modules: '/node_modules', lib: '/lib', lib64: '/lib64' }
    await apply(
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'health' }, data: { 'server.js': HEALTH } },
      podNamed(
        'health',
        {
          command: [`/program/${basename(realpathSync(process.execPath))}`, '/script/server.js'],
          startupProbe: { ...grpc('begun'), failureThreshold: 30 },
          readinessProbe: { ...grpc('open'), failureThreshold: 1 },
          livenessProbe: { ...grpc(), failureThreshold: 1 },
          volumeMounts: Object.entries(places).map(([name, mountPath]) => ({ name, mountPath })),
        },
        {
          volumes: [
            { name: 'state', emptyDir: {} },
            { name: 'script', configMap: { name: 'health' } },
            { name: 'program', ...machine(dirname(realpathSync(process.execPath))) },
            { name: 'modules', ...machine(join(ROOT, 'node_modules')) },
            { name: 'lib', ...machine('/lib') },
            { name: 'lib64', ...machine('/lib64') },
          ],
        },
      ),
    )
    const set = (service: string, state: number) => cluster.kubectl('exec', 'health', '--', '/bin/sh', '-c', `echo ${state} > /state/${service}`)
    await saidOf('health', 'Unhealthy', 'Startup probe failed: error: health rpc probe failed: rpc error: code = NotFound desc = unknown service begun')
    const before = await until('health', ({ state }) => state?.running !== undefined)
    assert.deepEqual([before.started, before.ready], [false, false])
    await set('all', SERVING)
    await set('begun', SERVING)
    await until('health', ({ started, ready }) => started === true && !ready)
    await set('open', SERVING)
    await until('health', ({ ready }) => ready)
    await set('open', NOT_SERVING)
    await until('health', ({ ready }) => !ready)
    await saidOf('health', 'Unhealthy', 'Readiness probe failed: service unhealthy (responded with "NOT_SERVING")')
    await set('all', NOT_SERVING)
    await saidOf('health', 'Unhealthy', 'Liveness probe failed: service unhealthy (responded with "NOT_SERVING")')
    await saidOf('health', 'Killing', 'Container c failed liveness probe, will be restarted')
    const { lastState } = await until('health', ({ restartCount }) => restartCount > 0)
    assert.equal(lastState?.terminated?.exitCode, 0)
  })

  const debug = (words: readonly string[], command: readonly string[], input?: string) =>
    cluster.tryKubectl(['debug', 'target', `--image=${IMAGE}`, ...words, '--', ...command], input === undefined ? {} : { input })
  const added = (name: string, check: (status: ContainerStatus) => boolean) =>
    statusOnce(async () => (await get('target')).status.ephemeralContainerStatuses?.find(status => status.name === name), check)
  const isRunning = ({ state }: ContainerStatus) => state?.running !== undefined

  it('by kubectl debug: with processes of its own, or with those of a container', async () => {
    await apply(podNamed('target', { command: ['sleep', '1234'] }))
    await until('target', isRunning)
    const command = ['sh', '-c', 'ps -o args | grep -c "[s]leep 1234"; sleep 4321']
    for (const [name, more] of Object.entries({ own: [], theirs: ['--target=c'] })) {
      const { code, stderr } = await debug(['-c', name, '--attach=false', ...more], command)
      assert.equal(code, 0, stderr)
      const { ready, started, restartCount } = await added(name, isRunning)
      assert.deepEqual({ ready, started, restartCount }, { ready: false, started: undefined, restartCount: 0 }, 'nobody waits for it')
    }
    const logs = (name: string) =>
      eventually(
        () => cluster.kubectl('logs', 'target', '-c', name),
        text => text !== '',
      )
    assert.deepEqual([await logs('own'), await logs('theirs')], ['0\n', '1\n'])
    const first = (name: string) => cluster.kubectl('exec', 'target', '-c', name, '--', 'sh', '-c', "tr '\\0' ' ' < /proc/1/cmdline")
    assert.match(await first('own'), /sleep 4321/)
    assert.match(await first('theirs'), /^sleep 1234/)
    assert.equal((await get('target')).status.conditions?.find(({ type }) => type === 'Ready')?.status, 'True')
  })

  it('by what is typed into a debug container, which tells how it ended and is not started again', async () => {
    const { code, stderr } = await debug(['-c', 'typed', '-i', '--attach=false'], ['sh', '-c', 'while read -r line; do echo "got $line"; done; exit 3'])
    assert.equal(code, 0, stderr)
    await added('typed', isRunning)
    const attached = await run(
      'sh',
      ['-c', '(echo one; until kubectl logs target -c typed | grep -q one; do sleep 0.1; done) | kubectl attach -i target -c typed'],
      { env: { KUBECONFIG: cluster.kubeconfig } },
    )
    assert.deepEqual([attached.code, attached.stdout], [0, 'got one\n'])
    const terminal =
      'until kubectl get pod target -o jsonpath="{.status.ephemeralContainerStatuses[?(@.name==\'screen\')].state.running}" | grep -q started; do sleep 0.1; done'
    const screen = await run(
      'sh',
      ['-c', `(${terminal}; echo "tty; exit 4"; sleep 2) | script -qec "kubectl debug -it target --image=${IMAGE} -c screen -- sh" /dev/null`],
      { env: { KUBECONFIG: cluster.kubeconfig, HOME: cluster.dataDir } },
    )
    assert.match(screen.stdout, /\/dev\/pts\/0/)
    const ended = await added('screen', ({ state }) => state?.terminated !== undefined)
    assert.deepEqual([ended.state?.terminated?.exitCode, ended.state?.terminated?.reason, ended.restartCount], [4, 'Error', 0])
  })

  it('by a debug container that may do everything, and says why one cannot start', async () => {
    assert.equal(
      (await debug(['-c', 'mighty', '--profile=sysadmin', '--attach=false'], ['sh', '-c', 'mount -t tmpfs t /tmp && echo mounted; sleep 4321'])).code,
      0,
    )
    await added('mighty', isRunning)
    await eventually(
      () => cluster.kubectl('logs', 'target', '-c', 'mighty'),
      text => text === 'mounted\n',
    )
    const refused = await debug(['-c', 'lost', '--target=nobody', '--attach=false'], ['true'])
    assert.match(refused.stderr, /spec\.ephemeralContainers\[\d\]\.targetContainerName: Not found: "nobody"/)
    await cluster.tryKubectl(['debug', 'target', '--image=localhost/none:1', '-c', 'none', '--attach=false', '--', 'true'])
    const { state } = await added('none', status => status.state?.waiting?.reason === 'ImagePullBackOff')
    assert.match(state?.waiting?.message ?? '', /^Back-off pulling image "localhost\/none:1": ErrImagePull: /)
  })

  it('through a host port of SCTP, which a host that knows the protocol leads into it', async () => {
    await apply(podNamed('sctp', { command: ['sleep', '1000'], ports: [{ containerPort: 90, hostPort: 9090, protocol: 'SCTP' }] }))
    await until('sctp', isRunning)
    const netns = `${netnsPrefix(idOf(cluster.dataDir))}1`
    const rules = async () =>
      (await mustRun('ip', ['netns', 'exec', netns, 'iptables', '-t', 'nat', '-S'])).split('\n').filter(rule => rule.includes('-p sctp'))
    const { status } = await get('sctp')
    assert.ok((await rules()).some(rule => rule.endsWith(`-p sctp -m sctp --dport 9090 -j DNAT --to-destination ${status.podIP}:90`)))
    await cluster.kubectl('delete', 'pod', 'sctp')
    assert.deepEqual(await rules(), [])
  })
})
