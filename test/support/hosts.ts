/** Several hosts on this machine: network namespaces with addresses of their own, an engine in each, and a server that they reach. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { unmountUnder } from '../../src/agent/host/mounts.ts'
import { pauseArchive } from '../../src/agent/images/pause.ts'
import { importImage, socketOf, startEngine } from '../../src/agent/local-nodes/engine.ts'
import type { LocalNetwork, LocalNode } from '../../src/agent/local-nodes/layout.ts'
import { mendNamespace } from '../../src/agent/local-nodes/network.ts'
import { prepareLocalNetwork, stopLocalNetwork } from '../../src/agent/local-nodes/start.ts'
import { systemClock } from '../../src/base/clock.ts'
import { busyboxImage } from './busybox-image.ts'
import { mustRun, type Output, ROOT, run } from './cluster.ts'
import { killOn } from './local-processes.ts'

const CLI = [process.execPath, '--disable-warning=ExperimentalWarning', join(ROOT, 'src/main/cli.ts')]

export interface Agent {
  readonly process: ChildProcess
  /** What it has said on either stream. */
  said(): string
  /** Resolves once it says that its node is registered; rejects when it ends before. */
  readonly registered: Promise<void>
  end(signal?: NodeJS.Signals): Promise<void>
}

/** Hosts `h1`, `h2`, … and `everynode server` on the machine between them. */
export class Hosts {
  readonly network: LocalNetwork
  readonly dataDir: string
  readonly #children = new Set<ChildProcess>()
  #server: ChildProcess | undefined
  #port = 0

  private constructor(dataDir: string, network: LocalNetwork) {
    this.dataDir = dataDir
    this.network = network
  }

  static async start(count: number): Promise<Hosts> {
    const dataDir = await mkdtemp(join(tmpdir(), 'en-'))
    const names = Array.from({ length: count }, (_, i) => `h${i + 1}`)
    const hosts = new Hosts(dataDir, await prepareLocalNetwork({ dataDir, names, clock: systemClock }))
    const archives = { pause: pauseArchive(process.arch)!, busybox: busyboxImage(['localhost/busybox:1', 'localhost/busybox:2']) }
    for (const [name, archive] of Object.entries(archives)) await writeFile(join(dataDir, `${name}.tar`), archive)
    await Promise.all([hosts.startServer(), ...hosts.network.nodes.map(node => hosts.#prepare(node))])
    return hosts
  }

  async #prepare(node: LocalNode): Promise<void> {
    await mkdir(node.dir, { recursive: true })
    await this.#startEngine(node)
    for (const name of ['pause', 'busybox']) await importImage(socketOf(node.engineDir), join(this.dataDir, `${name}.tar`))
  }

  async #startEngine(node: LocalNode): Promise<void> {
    await mendNamespace(this.network, node)
    const cni = { bridge: 'cni0', podCIDR: node.podCIDR, masquerade: false }
    this.#children.add(await startEngine({ dir: node.engineDir, netns: `/run/netns/${node.netns}`, cni }, systemClock, new AbortController().signal))
  }

  /** As a host goes down and its engine comes up: nothing else runs, what lay in memory is gone, and the network is a new one. */
  async reboot(name: string): Promise<void> {
    const node = this.host(name)
    await killOn(this.dataDir, name)
    await unmountUnder(node.dir)
    await rm(join(node.engineDir, 'run'), { recursive: true, force: true })
    await mustRun('ip', ['netns', 'del', node.netns])
    await this.#startEngine(node)
  }

  /** Takes the engine's network away; resolves with the file that holds its configuration now. */
  async takeNetwork(name: string): Promise<{ readonly held: string; readonly wanted: string }> {
    const { engineDir } = this.host(name)
    const held = join(engineDir, 'network.conflist')
    const wanted = join(engineDir, 'cni', '10-everynode.conflist')
    await rename(wanted, held)
    return { held, wanted }
  }

  /** The hardware addresses that neighbours remember: of a host, and of the machine between the hosts. */
  async networkCards(name: string): Promise<readonly (string | undefined)[]> {
    const shown = await Promise.all([
      mustRun('ip', ['-n', this.host(name).netns, '-o', 'link', 'show', 'eth0']),
      mustRun('ip', ['-o', 'link', 'show', this.network.bridge]),
    ])
    return shown.map(line => /link\/ether (\S+)/.exec(line)?.[1])
  }

  get kubeconfig(): string {
    return join(this.dataDir, 'server', 'kubeconfig')
  }

  /** Starts the server, on the port that it had before. */
  async startServer(): Promise<void> {
    const words = ['server', '--listen', `${this.network.address}:${this.#port}`, '--data-dir', join(this.dataDir, 'server')]
    const child = spawn(CLI[0]!, [...CLI.slice(1), ...words], { stdio: ['ignore', 'pipe', 'inherit'] })
    this.#children.add(child)
    const line = await new Promise<string>((resolve, reject) => {
      child.stdout.once('data', (text: Buffer) => resolve(text.toString()))
      child.once('exit', code => reject(new Error(`the server ended with ${code}`)))
    })
    this.#port = Number(/:(\d+)\n/.exec(line)?.[1])
    this.#server = child
  }

  async killServer(): Promise<void> {
    this.#server?.kill('SIGKILL')
    if (this.#server) await once(this.#server, 'exit')
  }

  kubectl(...words: readonly string[]): Promise<string> {
    return mustRun('kubectl', words, { env: { KUBECONFIG: this.kubeconfig } })
  }

  apply(manifest: string): Promise<string> {
    return mustRun('kubectl', ['apply', '-f', '-'], { env: { KUBECONFIG: this.kubeconfig }, input: manifest })
  }

  everynode(...words: readonly string[]): Promise<Output> {
    return run(CLI[0]!, [...CLI.slice(1), ...words], { env: { KUBECONFIG: this.kubeconfig } })
  }

  /** The words of the line that `token create` prints, without the program's name. */
  async joinLine(...flags: readonly string[]): Promise<string[]> {
    const { stdout, stderr, code } = await this.everynode('token', 'create', ...flags)
    if (code !== 0) throw new Error(stderr)
    return stdout.trim().split(' ').slice(1)
  }

  host(name: string): LocalNode {
    const found = this.network.nodes.find(node => node.name === name)
    if (!found) throw new Error(`no host ${name}`)
    return found
  }

  /** Starts an agent on a host with these words and the places of that host. */
  agent(name: string, words: readonly string[] = ['agent'], places: { readonly dataDir?: string } = {}): Agent {
    const host = this.host(name)
    const own = ['--node-name', name, '--cri', socketOf(host.engineDir), '--data-dir', places.dataDir ?? host.dir]
    const where = ['--pod-cidr', host.podCIDR, '--log-root', host.logRoot, '--cgroup-root', host.cgroup]
    const child = spawn('nsenter', [`--net=/run/netns/${host.netns}`, ...CLI, ...words, ...own, ...where], { stdio: ['ignore', 'pipe', 'pipe'] })
    this.#children.add(child)
    let said = ''
    const exited = once(child, 'close')
    const registered = new Promise<void>((resolve, reject) => {
      const take = (text: Buffer) => {
        said = (said + text.toString()).slice(-100_000)
        if (/ is registered with /.test(said)) resolve()
      }
      child.stdout.on('data', take)
      child.stderr.on('data', take)
      void exited.then(() => reject(new Error(`the agent of ${name} ended: ${said}`)))
    })
    registered.catch(() => {})
    return {
      process: child,
      said: () => said,
      registered,
      async end(signal = 'SIGTERM') {
        child.kill(signal)
        await exited
      },
    }
  }

  /** Cuts a host's cable, or mends it. */
  async setCable(name: string, state: 'up' | 'down'): Promise<void> {
    await mustRun('ip', ['link', 'set', this.host(name).link, state])
  }

  async close(): Promise<void> {
    for (const child of this.#children) child.kill('SIGKILL')
    await stopLocalNetwork(this.dataDir, systemClock)
    await rm(this.dataDir, { recursive: true, force: true })
  }
}
