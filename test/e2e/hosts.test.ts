/** Agents on hosts of their own: how they join, what they do while they are cut off, and who may be which node. */
import assert from 'node:assert/strict'
import { basename, dirname, join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { Node } from '../../src/api/types/core/node.ts'
import type { Pod } from '../../src/api/types/core/pod.ts'
import { FakeClock } from '../../src/base/clock.ts'
import { readKubeconfig } from '../../src/client/node/kubeconfig.ts'
import { writeKubeconfig } from '../../src/client/node/write-kubeconfig.ts'
import { openAuthority } from '../../src/server/tls/authority.ts'
import { nodeRequest } from '../../src/server/tls/requests.ts'
import { leaksOf } from '../../tools/leaks.ts'
import { eventually } from '../support/cluster.ts'
import { noContainers } from '../support/engine.ts'
import { type Agent, Hosts } from '../support/hosts.ts'
import { processesOnNode } from '../support/local-processes.ts'
import { daemonSet } from '../support/manifests.ts'

const skip = noContainers()
const IMAGE = 'localhost/busybox:1'
let hosts: Hosts
const DAEMON = 'sleep 123456'
const ALL = ['h1', 'h2', 'h3']
const agents: Record<string, Agent> = {}
/** The network of h3, which it does not have to begin with. */
let network: { readonly held: string; readonly wanted: string }

describe('agents on several hosts', { skip }, () => {
  before(async () => {
    hosts = await Hosts.start(3)
  })
  after(async () => {
    await hosts?.close()
    assert.deepEqual(await leaksOf(hosts.dataDir), [])
  })

  const nodeOf = async (name: string) => JSON.parse(await hosts.kubectl('get', 'node', name, '-o', 'json')) as Node
  const isReady = ({ status }: Node | Pod) => status.conditions?.find(c => c.type === 'Ready')?.status
  const podsOf = async (app: string): Promise<readonly Pod[]> =>
    (JSON.parse(await hosts.kubectl('get', 'pods', '-l', `app=${app}`, '-o', 'json')) as { items: Pod[] }).items
  const running = async (app: string, nodes: readonly string[]) =>
    eventually(
      () => podsOf(app),
      pods => nodes.length === pods.length && nodes.every(node => pods.some(p => p.spec.nodeName === node && isReady(p) === 'True')),
      40_000,
    )
  /** What must not change when an agent comes and goes. */
  const identity = (pods: readonly Pod[]) =>
    pods.map(({ metadata, status }) => `${metadata.name} ${metadata.uid} ${status.containerStatuses?.map(s => `${s.containerID} ${s.restartCount}`)}`).sort()

  it('join with the line that token create prints; a wrong, expired or spent token and a wrong server say which at once', async () => {
    const line = await hosts.joinLine('--uses', '3')
    const swapped = (flag: string, value: string) => line.map((word, i) => (line[i - 1] === flag ? value : word))
    const refusals = [
      [swapped('--token', 'abcdef.0123456789abcdef'), /it does not know the token/],
      [swapped('--token', 'nonsense'), /--token is no join token/],
      [swapped('--ca-hash', `sha256:${'0'.repeat(64)}`), /is not the server that the token is for/],
      [await hosts.joinLine('--ttl', '1s'), /the token expired at \d{4}-/],
    ] as const
    await eventually(
      () => hosts.everynode('token', 'list'),
      ({ stdout }) => / expired /.test(stdout),
    )
    await Promise.all(refusals.map(([words, complaint]) => assert.rejects(hosts.agent('h1', words).registered, complaint)))
    network = await hosts.takeNetwork('h3')
    for (const name of ALL) agents[name] = hosts.agent(name, line)
    await Promise.all(ALL.map(name => agents[name]!.registered))
    const fourth = hosts.agent('h2', line, { dataDir: join(hosts.dataDir, 'fourth') })
    await assert.rejects(fourth.registered, /the token has been used as often as it may be/)
    for (const name of ALL) {
      const node = await eventually(
        () => nodeOf(name),
        found => isReady(found) === (name === 'h3' ? 'False' : 'True'),
      )
      assert.equal(node.status.addresses?.find(a => a.type === 'InternalIP')?.address, hosts.host(name).address)
    }
  })

  it('promise 11: without a network are not ready and run only the daemon that tolerates it, which makes them ready', async () => {
    const { status } = await nodeOf('h3')
    assert.match(
      status.conditions?.find(c => c.type === 'Ready')?.message ?? '',
      /container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady/,
    )
    const early = { name: 'early', namespace: 'default' }
    const spec = { nodeName: 'h3', containers: [{ name: 'c', image: IMAGE, command: DAEMON.split(' ') }] }
    await hosts.apply(JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: early, spec }))
    const told = ['get', 'events', '--field-selector', 'involvedObject.name=early,reason=NetworkNotReady', '-o', 'jsonpath={.items[*].message}']
    const message = await eventually(
      () => hosts.kubectl(...told),
      text => text !== '',
    )
    assert.match(message, /^network is not ready: container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:/)
    await hosts.kubectl('delete', 'pod', 'early')
    await hosts.apply(
      daemonSet({
        name: 'steady',
        image: IMAGE,
        container: { command: DAEMON.split(' '), readinessProbe: { exec: { command: ['true'] }, periodSeconds: 1 } },
      }),
    )
    await running('steady', ['h1', 'h2'])
    assert.deepEqual((await podsOf('steady')).map(p => p.spec.nodeName).sort(), ['h1', 'h2'])
    await hosts.apply(
      daemonSet({
        name: 'plugin',
        image: IMAGE,
        pod: {
          hostNetwork: true,
          nodeSelector: { 'kubernetes.io/hostname': 'h3' },
          tolerations: [{ key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoSchedule' }],
          volumes: [{ name: 'engine', hostPath: { path: dirname(network.held) } }],
        },
        container: {
          command: ['sh', '-c', `cp /engine/${basename(network.held)} /engine/cni/${basename(network.wanted)}; sleep 100000`],
          volumeMounts: [{ name: 'engine', mountPath: '/engine' }],
        },
      }),
    )
    await running('plugin', ['h3'])
    await running('steady', ALL)
    await hosts.kubectl('delete', 'ds', 'plugin')
  })

  it('restart no container and take no pod out of Ready when they are started again, also without a token', async () => {
    const before = await running('steady', ALL)
    const readySince = (pods: readonly Pod[]) => pods.map(p => p.status.conditions?.find(c => c.type === 'Ready')?.lastTransitionTime).sort()
    await agents['h1']!.end('SIGKILL')
    agents['h1'] = hosts.agent('h1')
    await agents['h1'].registered
    await new Promise(resolve => setTimeout(resolve, 3000))
    const after = await running('steady', ALL)
    assert.deepEqual(identity(after), identity(before))
    assert.deepEqual(readySince(after), readySince(before))
  })

  it('promise 17: start their daemons alone after a reboot without the server, in the same pods', async () => {
    const before = await running('steady', ALL)
    const cards = await hosts.networkCards('h1')
    await hosts.killServer()
    await hosts.reboot('h1')
    assert.deepEqual(await hosts.networkCards('h1'), cards)
    agents['h1'] = hosts.agent('h1')
    await eventually(
      () => processesOnNode(hosts.dataDir, 'h1', DAEMON),
      pids => pids.length === 1,
      40_000,
    )
    await hosts.startServer()
    await agents['h1'].registered
    const after = await eventually(
      () => running('steady', ALL),
      pods => pods.some(p => p.spec.nodeName === 'h1' && p.status.containerStatuses?.[0]?.restartCount === 1),
      40_000,
    )
    const elsewhere = (pods: readonly Pod[]) => pods.filter(p => p.spec.nodeName !== 'h1')
    assert.deepEqual(identity(elsewhere(after)), identity(elsewhere(before)))
    assert.deepEqual(after.map(p => p.metadata.uid).sort(), before.map(p => p.metadata.uid).sort())
    assert.equal((await processesOnNode(hosts.dataDir, 'h1', DAEMON)).length, 1)
  })

  it('refuse to be a second agent of a node, naming the first', async () => {
    const { spec } = JSON.parse(await hosts.kubectl('get', 'lease', 'h1', '-n', 'kube-node-lease', '-o', 'json')) as { spec: { holderIdentity: string } }
    const kubeconfig = join(hosts.host('h1').dir, 'agent', 'kubeconfig')
    const second = hosts.agent('h1', ['agent', '--kubeconfig', kubeconfig], { dataDir: join(hosts.dataDir, 'second') })
    await assert.rejects(second.registered, new RegExp(`node h1 is served by another agent \\(${spec.holderIdentity}\\)`))
  })

  it('are cut off: the node is NotReady, pods go elsewhere as they tolerate it, and those that stay come back as they were', async () => {
    const short = [{ key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 1 }]
    await hosts.apply(
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'flees', labels: { app: 'flees' } },
        spec: { nodeName: 'h2', tolerations: short, terminationGracePeriodSeconds: 1, containers: [{ name: 'c', image: IMAGE, command: ['sleep', '100000'] }] },
      }),
    )
    await running('flees', ['h2'])
    const before = await running('steady', ALL)
    const stays = before.find(p => p.spec.nodeName === 'h2')!.metadata.name
    // The server was killed before: the link to it comes back by itself, within a quarter of a minute.
    const answers = () =>
      hosts.kubectl('logs', stays).then(
        () => true,
        () => false,
      )
    await eventually(answers, Boolean, 40_000)
    // Pods of a deleted node wait as long as those of one that is cut off: the next test looks at them.
    const changed = before.find(p => p.spec.nodeName === 'h3')!.metadata.name
    await hosts.kubectl('set', 'image', `pod/${changed}`, 'main=localhost/busybox:2')
    await hosts.kubectl('delete', 'node', 'h3')
    await hosts.setCable('h2', 'down')
    await eventually(
      () => nodeOf('h2'),
      node => isReady(node) === 'Unknown' && (node.spec.taints ?? []).some(t => t.key === 'node.kubernetes.io/unreachable' && t.effect === 'NoExecute'),
      70_000,
    )
    await assert.rejects(hosts.kubectl('logs', stays), /node h2 (is not connected since|did not open the stream)/)
    await assert.rejects(hosts.kubectl('logs', stays), /node h2 is not connected since/)
    const [fled] = await eventually(
      () => podsOf('flees'),
      ([pod]) => pod?.metadata.deletionTimestamp !== undefined,
    )
    assert.equal(fled?.spec.nodeName, 'h2')
    assert.deepEqual(
      (await podsOf('steady')).filter(p => p.metadata.deletionTimestamp !== undefined),
      [],
    )
    await hosts.setCable('h2', 'up')
    await eventually(
      () => nodeOf('h2'),
      node => isReady(node) === 'True' && (node.spec.taints ?? []).length === 0,
      60_000,
    )
    await eventually(
      () => podsOf('flees'),
      pods => pods.length === 0,
      30_000,
    )
    const left = (pods: readonly Pod[]) => pods.filter(p => p.spec.nodeName !== 'h3')
    assert.deepEqual(identity(left(await podsOf('steady'))), identity(left(before)))
  })

  it('promise 19: whose node was deleted stop its pods, and run what the template says once they are started again', async () => {
    await eventually(
      () => podsOf('steady'),
      pods => pods.every(p => p.spec.nodeName !== 'h3'),
      90_000,
    )
    assert.match(agents['h3']!.said(), /the node has been deleted/)
    assert.equal(agents['h3']!.process.exitCode, null)
    await agents['h3']!.end()
    agents['h3'] = hosts.agent('h3')
    await agents['h3'].registered
    const back = (await running('steady', ALL)).find(p => p.spec.nodeName === 'h3')
    assert.equal(back?.spec.containers[0]?.image, IMAGE)
  })

  it('say at once that their certificate ran out, and with a new token are the same node with the same containers', async () => {
    const before = await running('steady', ALL)
    const { uid } = (await nodeOf('h1')).metadata
    await agents['h1']!.end()
    await expire('h1')
    const refused = hosts.agent('h1')
    await assert.rejects(refused.registered, /the certificate of this node ran out on 20\d\d-.*everynode token create/)
    agents['h1'] = hosts.agent('h1', await hosts.joinLine('--uses', '1'))
    await agents['h1'].registered
    assert.equal((await nodeOf('h1')).metadata.uid, uid)
    await new Promise(resolve => setTimeout(resolve, 2000))
    assert.deepEqual(identity(await running('steady', ALL)), identity(before))
  })

  /** Gives a host's agent a certificate whose time is over, as if it had been away for long. */
  async function expire(name: string): Promise<void> {
    const clock = new FakeClock(Date.now() - 5 * 365 * 24 * 3600_000)
    const authority = await openAuthority(join(hosts.dataDir, 'server', 'pki'), clock)
    const file = join(hosts.host(name).dir, 'agent', 'kubeconfig')
    const { server } = await readKubeconfig({ file })
    const pair = await authority.issue(nodeRequest(name))
    await writeKubeconfig(file, { server, authority: authority.certificate, ...pair, name: 'everynode' })
  }
})
