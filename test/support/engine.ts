import { once } from 'node:events'
import { accessSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { pauseArchive } from '../../src/agent/images/pause.ts'
import { cleanLocalNodes } from '../../src/agent/local-nodes/clean.ts'
import { importImage, socketOf, startEngine } from '../../src/agent/local-nodes/engine.ts'
import type { LocalNode } from '../../src/agent/local-nodes/layout.ts'
import { createNamespace } from '../../src/agent/local-nodes/network.ts'
import { prepareLocalNetwork, stopLocalNetwork } from '../../src/agent/local-nodes/start.ts'
import { systemClock } from '../../src/base/clock.ts'
import { busyboxImage } from './busybox-image.ts'

const PROGRAMS = ['containerd', 'ctr', 'runc', 'ip', 'iptables', 'nsenter', 'busybox']

/** Why no container can run here; false when they can. */
export function noContainers(): string | false {
  if (process.platform !== 'linux') return 'missing host feature linux: containers need it'
  if (process.getuid?.() !== 0) return 'missing host feature root: containers need it'
  const missing = PROGRAMS.filter(program => !(process.env['PATH'] ?? '').split(delimiter).some(dir => exists(join(dir, program))))
  if (!exists('/usr/lib/cni/bridge') && !exists('/opt/cni/bin/bridge')) missing.push('containernetworking-plugins')
  return missing.length > 0 && `missing program: ${missing.join(', ')}`
}

const exists = (path: string): boolean => {
  try {
    accessSync(path)
    return true
  } catch {
    return false
  }
}

export interface TestEngine {
  readonly dataDir: string
  readonly socket: string
  readonly agentDir: string
  /** The node that it is the engine of. */
  readonly node: LocalNode
  /** Kills it, and starts another in its place. */
  restart(): Promise<void>
  close(): Promise<void>
}

/** A private engine in a network namespace of its own, with `localhost/busybox:1`, below a directory that ends with it. */
export async function startTestEngine(parent = tmpdir()): Promise<TestEngine> {
  const dataDir = await mkdtemp(join(parent, 'en-'))
  const network = await prepareLocalNetwork({ dataDir, names: ['n1'], clock: systemClock })
  const node = network.nodes[0]!
  await createNamespace(network, node)
  await mkdir(node.agentDir, { recursive: true })
  const engine = { dir: node.engineDir, netns: `/run/netns/${node.netns}`, cni: { bridge: 'cni0', podCIDR: node.podCIDR, masquerade: false } }
  const start = () => startEngine(engine, systemClock, new AbortController().signal)
  let child = await start()
  const socket = socketOf(node.engineDir)
  for (const [name, archive] of Object.entries({ pause: pauseArchive(process.arch)!, busybox: busyboxImage(['localhost/busybox:1']) })) {
    await writeFile(join(dataDir, `${name}.tar`), archive)
    await importImage(socket, join(dataDir, `${name}.tar`))
  }
  return {
    dataDir,
    socket,
    agentDir: node.agentDir,
    node,
    async restart() {
      child.kill('SIGKILL')
      await once(child, 'exit')
      child = await start()
    },
    async close() {
      child.kill('SIGTERM')
      await stopLocalNetwork(dataDir, systemClock)
      await cleanLocalNodes(dataDir, systemClock)
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}
