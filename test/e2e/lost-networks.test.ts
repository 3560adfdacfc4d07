/** What an engine that is killed while it makes a sandbox leaves of its network. */
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { mountsUnder } from '../../src/agent/host/mounts.ts'
import { run } from '../../src/agent/host/run.ts'
import { leaksOf } from '../../src/agent/local-nodes/leaks.ts'
import { withCri } from '../../src/agent/runtime/cri/client.ts'
import { noContainers, startTestEngine, type TestEngine } from '../support/engine.ts'

const skip = noContainers()
let engine: TestEngine
if (!skip) {
  before(async () => {
    engine = await startTestEngine()
  })
  after(async () => {
    await engine.close()
    assert.deepEqual(await leaksOf(engine.dataDir), [])
  })
}

test('the next one takes away the namespace, the address and the host ports of a sandbox that was lost, and leaves those of others', { skip }, async () => {
  const { node, socket, dataDir } = engine
  const netns = `/run/netns/${node.netns}`
  await withCri(socket, client =>
    client.runPodSandbox({
      config: {
        metadata: { name: 'kept', uid: 'kept', namespace: 'default', attempt: 0 },
        log_directory: join(dataDir, 'log'),
        port_mappings: [{ container_port: 80, host_port: 8001 }],
        linux: { cgroup_parent: `${node.cgroup}/kept` },
      },
    }),
  )
  const before = await traces()

  const lost = join(node.engineDir, 'run/io.containerd.grpc.v1.cri/netns/cni-lost')
  writeFileSync(lost, '')
  await run('unshare', [`--net=${lost}`, 'true'])
  await addToNetwork('lost', lost)
  assert.deepEqual(
    await traces().then(({ mounts, addresses, ports }) => ({ mounts: mounts - before.mounts, addresses: addresses - before.addresses, ports })),
    {
      mounts: 1,
      addresses: 1,
      ports: ['8001', '8002'],
    },
  )

  await engine.restart()
  assert.deepEqual(await traces(), before)
  assert.equal(existsSync(lost), false)
  const known = await withCri(socket, client => client.listPodSandbox({}))
  assert.deepEqual(
    known.items?.map(({ metadata, state }) => [metadata?.name, state ?? 0]),
    [['kept', 0]],
  )

  async function traces() {
    const rules = await run('nsenter', [`--net=${netns}`, 'iptables', '-w', '-t', 'nat', '-S'])
    return {
      mounts: (await mountsUnder(join(node.engineDir, 'run'))).filter(path => path.includes('/netns/')).length,
      addresses: readdirSync(join(node.engineDir, 'ipam/everynode')).filter(name => name.startsWith('10.')).length,
      ports: [...new Set([...rules.matchAll(/--dport (80\d\d) .*DNAT/g)].map(([, port]) => port))].sort(),
    }
  }

  /** As the engine does before it notes down whose namespace it is. */
  async function addToNetwork(id: string, namespace: string): Promise<void> {
    const { plugins, ...list } = JSON.parse(readFileSync(join(node.engineDir, 'cni/10-everynode.conflist'), 'utf8'))
    const cniBin = existsSync('/usr/lib/cni/bridge') ? '/usr/lib/cni' : '/opt/cni/bin'
    const environment = ['CNI_COMMAND=ADD', `CNI_CONTAINERID=${id}`, `CNI_NETNS=${namespace}`, 'CNI_IFNAME=eth0', `CNI_PATH=${cniBin}`]
    let prevResult: object | undefined
    for (const plugin of plugins) {
      const input = {
        ...list,
        ...plugin,
        ...(prevResult && { prevResult }),
        runtimeConfig: { portMappings: [{ hostPort: 8002, containerPort: 80, protocol: 'tcp' }] },
      }
      prevResult = JSON.parse(await run('nsenter', [`--net=${netns}`, 'env', ...environment, join(cniBin, plugin.type)], { input: JSON.stringify(input) }))
    }
  }
})
