import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Clock, sleep } from '../../base/clock.ts'
import { run } from '../host/run.ts'
import { PAUSE_IMAGE } from '../images/pause.ts'
import { withCri } from '../runtime/cri/client.ts'
import { leaveNetwork, removeEmptyNamespaces, sandboxesWithAddress } from './lost-networks.ts'

export interface EngineOptions {
  /** Holds everything of this engine: `root`, `state`, `cni`, its log. */
  readonly dir: string
  /** A network namespace (`/run/netns/n1`) to live in; the caller's own when absent. */
  readonly netns?: string | undefined
  readonly cni: CniOptions
}

export interface CniOptions {
  readonly bridge: string
  /** Addresses of pods: `10.88.1.0/24`. */
  readonly podCIDR: string
  /** Masquerade what leaves for addresses outside of these. */
  readonly masquerade: boolean
}

const CNI_BIN = '/usr/lib/cni:/opt/cni/bin'
const START_MS = 20_000

export const socketOf = (dir: string): string => join(dir, 'run', 'containerd.sock')

/** The configuration of a private engine: nothing of it lies outside `dir`. */
export function engineConfig({ dir }: { readonly dir: string }, cniBin: string): string {
  return `version = 2
root = "${dir}/root"
state = "${dir}/run"
temp = "${dir}/tmp"
disabled_plugins = ["io.containerd.internal.v1.opt", "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.zfs", "io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.devmapper", "io.containerd.tracing.processor.v1.otlp"]
[grpc]
  address = "${socketOf(dir)}"
[ttrpc]
  address = "${dir}/run/containerd.sock.ttrpc"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${PAUSE_IMAGE}"
  restrict_oom_score_adj = true
  netns_mounts_under_state_dir = true
  tolerate_missing_hugetlb_controller = true
  stream_server_address = "127.0.0.1"
  stream_server_port = "0"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "${cniBin}"
    conf_dir = "${dir}/cni"
[plugins."io.containerd.grpc.v1.cri".registry]
  config_path = "${dir}/certs.d"
`
}

/** The network configuration that gives each pod an address of `podCIDR` on a bridge, and host ports. */
export function cniConfig(dir: string, { bridge, podCIDR, masquerade }: CniOptions): string {
  return JSON.stringify({
    cniVersion: '0.4.0',
    name: 'everynode',
    plugins: [
      {
        type: 'bridge',
        bridge,
        isGateway: true,
        hairpinMode: true,
        ipMasq: masquerade,
        ipam: { type: 'host-local', ranges: [[{ subnet: podCIDR }]], routes: [{ dst: '0.0.0.0/0' }], dataDir: join(dir, 'ipam') },
      },
      { type: 'portmap', capabilities: { portMappings: true }, snat: true },
    ],
  })
}

/** Starts a private containerd and waits until it answers; what it lost of its network when it was killed is given back. */
export async function startEngine(options: EngineOptions, clock: Clock, signal: AbortSignal): Promise<ChildProcess> {
  const { dir, netns } = options
  const cniBin = await firstDirectory(CNI_BIN.split(':'))
  for (const name of ['root', 'run', 'tmp', 'cni', 'certs.d']) await mkdir(join(dir, name), { recursive: true, mode: 0o711 })
  const plugins = cniConfig(dir, options.cni)
  await writeFile(join(dir, 'cni', '10-everynode.conflist'), plugins)
  await writeFile(join(dir, 'containerd.toml'), engineConfig({ dir }, cniBin))
  await rm(socketOf(dir), { force: true })
  await removeEmptyNamespaces(dir)
  const addressed = await sandboxesWithAddress(dir)
  const log = openSync(join(dir, 'containerd.log'), 'a', 0o600)
  const command = ['containerd', '--config', join(dir, 'containerd.toml')]
  const inside = netns ? ['nsenter', `--net=${netns}`, ...command] : command
  const child = spawn(inside[0]!, inside.slice(1), { stdio: ['ignore', log, log], detached: true })
  closeSync(log)
  let failed: Error | undefined
  child.once('error', error => {
    failed = error
  })
  child.once('exit', code => {
    failed ??= new Error(`containerd ended with ${code}; see ${join(dir, 'containerd.log')}`)
  })
  const deadline = clock.now() + START_MS
  for (;;) {
    if (failed) throw failed
    if (await answers(dir)) break
    if (clock.now() > deadline) {
      child.kill('SIGKILL')
      throw new Error(`containerd does not answer on ${socketOf(dir)}; see ${join(dir, 'containerd.log')}`)
    }
    await sleep(clock, 20, signal)
  }
  try {
    const known = addressed.length > 0 ? await sandboxesOf(dir) : []
    // What a plugin refuses is asked for again at the next start.
    for (const sandbox of addressed) if (!known.includes(sandbox)) await leaveNetwork(sandbox, { netns, plugins, cniBin }).catch(() => {})
    return child
  } catch (error) {
    child.kill('SIGKILL')
    throw error
  }
}

async function sandboxesOf(dir: string): Promise<readonly (string | undefined)[]> {
  const { items = [] } = await withCri(socketOf(dir), client => client.listPodSandbox({}))
  return items.map(({ id }) => id)
}

async function answers(dir: string): Promise<boolean> {
  const { access } = await import('node:fs/promises')
  try {
    await access(socketOf(dir))
    await withCri(socketOf(dir), client => client.version({}, { timeoutMs: 2000 }))
    return true
  } catch {
    return false
  }
}

async function firstDirectory(paths: readonly string[]): Promise<string> {
  const { access } = await import('node:fs/promises')
  for (const path of paths) {
    try {
      await access(join(path, 'bridge'))
      return path
    } catch {}
  }
  throw new Error(`no CNI plugins in ${paths.join(' or ')}: install containernetworking-plugins`)
}

/** Imports an image archive (OCI or docker layout). */
export async function importImage(socket: string, archive: string): Promise<void> {
  await run('ctr', ['--address', socket, '--namespace', 'k8s.io', 'images', 'import', archive])
}
