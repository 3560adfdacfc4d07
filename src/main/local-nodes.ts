import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type LocalNetwork, type LocalNodes, startLocalNodes } from '../agent/local-nodes/start.ts'
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import { writeKubeconfig } from '../client/node/write-kubeconfig.ts'
import { keptCertificate } from '../server/tls/kept-certificate.ts'
import { nodeRequest } from '../server/tls/requests.ts'
import { LEAN_FLAGS, leanEnvironment } from './lean-process.ts'
import type { RunningServer } from './start-server.ts'

export interface LocalNodesGlue {
  readonly network: LocalNetwork
  readonly dataDir: string
  readonly server: RunningServer
  readonly images: readonly string[]
  readonly logLevel: string
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
}

/** Gives every local node a certificate of its own and starts its engine and agent as processes of their own. */
export async function runLocalNodes(options: LocalNodesGlue): Promise<LocalNodes> {
  const { network, dataDir, server, images, logLevel, clock, log, signal } = options
  const { authority } = server
  for (const node of network.nodes) {
    const directory = join(node.dir, 'pki')
    await mkdir(directory, { recursive: true, mode: 0o700 })
    const { certificate, key } = await keptCertificate({ authority, directory, file: 'agent', request: nodeRequest(node.name), clock })
    const url = `https://${network.address}:${server.port}`
    await writeKubeconfig(join(directory, 'kubeconfig'), { server: url, authority: authority.certificate, certificate, key, name: 'everynode' })
  }
  const cli = join(import.meta.dirname, 'cli.ts')
  return startLocalNodes({
    dataDir,
    network,
    images,
    clock,
    log,
    signal,
    agent: (node, socket) => ({
      command: [
        process.execPath,
        '--disable-warning=ExperimentalWarning',
        '--max-old-space-size=128',
        ...LEAN_FLAGS,
        cli,
        'agent',
        ...['--kubeconfig', join(node.dir, 'pki', 'kubeconfig')],
        ...['--node-name', node.name],
        ...['--cri', socket],
        ...['--data-dir', node.dir],
        ...['--address', node.address],
        ...['--pod-cidr', node.podCIDR],
        ...['--log-root', node.logRoot],
        ...['--cgroup-root', node.cgroup],
        ...['--log-level', logLevel],
      ],
      env: leanEnvironment(),
    }),
  })
}
