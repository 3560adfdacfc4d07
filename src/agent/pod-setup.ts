import { chmod, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { EventRecorder } from '../api/access.ts'
import type { Container, VolumeMount } from '../api/types/core/container.ts'
import type { Pod } from '../api/types/core/pod.ts'
import type { Service } from '../api/types/core/service.ts'
import { parseResolvConf, resolverOf } from './dns.ts'
import { environmentOf } from './env/environment.ts'
import { expand } from './env/expand.ts'
import type { Allocatable } from './env/resource-ref.ts'
import { type ApiAddress, serviceVariables } from './env/services.ts'
import { etcHosts, hostnameOf, kernelHostname } from './etc-hosts.ts'
import { leaveMemory } from './host/memory-directory.ts'
import { propagates } from './host/mounts.ts'
import { logDirectory, type NodePaths, podDirectory, terminationFile } from './pod-files.ts'
import { cgroupLimits } from './resources.ts'
import type { ContainerSetup } from './runtime/cri/container-config.ts'
import type { Mount } from './runtime/cri/messages.ts'
import type { SandboxSetup } from './runtime/cri/sandbox-config.ts'
import { StepError } from './runtime/runtime.ts'
import { KUBELETS_PROFILES, seccompRootFor } from './seccomp-root.ts'
import { hasPayload, type PayloadSources } from './volumes/payload.ts'
import { prepareVolume, refreshVolume, type VolumeOptions, volumePath } from './volumes/pod-volumes.ts'
import type { References } from './volumes/references.ts'
import { pinSubPath } from './volumes/sub-path.ts'
import type { Tokens } from './volumes/tokens.ts'

export interface PodSetupOptions extends VolumeOptions {
  readonly references: References
  readonly tokens: Tokens
  readonly recorder?: EventRecorder | undefined
  readonly hostIPs: () => readonly string[]
  readonly allocatable: () => Allocatable
  readonly memoryBytes: number
  /** Whether mounts below a read-only one can be made read-only too; not when absent. */
  readonly recursiveReadOnly?: boolean
  readonly api: ApiAddress
  readonly services: (namespace: string) => Iterable<Service>
}

const PROPAGATION: Readonly<Record<string, number>> = { None: 0, HostToContainer: 1, Bidirectional: 2 }

/** Where no mount of the machine could ever arrive, as inside of containers, the engine would refuse to wait for it. */
async function propagationOf(wanted: string | undefined, path: string): Promise<number> {
  return wanted === 'HostToContainer' && !(await propagates(path)) ? 0 : (PROPAGATION[wanted ?? 'None'] ?? 0)
}

/** Finds out and prepares, on this node, what a pod's sandbox and containers are made with. */
export class PodSetup {
  readonly #options: PodSetupOptions
  readonly #turns = new Map<string, Promise<void>>()

  constructor(options: PodSetupOptions) {
    this.#options = options
  }

  get paths(): NodePaths {
    return this.#options.paths
  }

  /** Makes the pod's directories and volumes. */
  prepare(pod: Pod): Promise<void> {
    return this.#inTurn(pod.metadata.uid, () => this.#prepare(pod))
  }

  async #prepare(pod: Pod): Promise<void> {
    const { uid, name, namespace = '' } = pod.metadata
    const directory = podDirectory(this.paths, uid)
    await mkdir(directory, { recursive: true, mode: 0o750 })
    await writeFile(join(directory, 'pod.json'), JSON.stringify({ name, namespace }))
    await mkdir(logDirectory(this.paths, { namespace, name, uid }), { recursive: true, mode: 0o755 })
    const sources = await this.#sources(pod, [])
    await Promise.all((pod.spec.volumes ?? []).map(volume => prepareVolume(pod, volume, sources, this.#options)))
  }

  /** What the engine must know of the pod as a whole. */
  async sandbox(pod: Pod): Promise<SandboxSetup> {
    const { uid, name, namespace = '' } = pod.metadata
    const node = parseResolvConf(await readFile('/etc/resolv.conf', 'utf8').catch(() => ''))
    const { resolver, missingClusterDns } = resolverOf(pod.spec, node)
    return { hostname: kernelHostname(pod), logDirectory: logDirectory(this.paths, { namespace, name, uid }), dns: resolver, missingClusterDns }
  }

  async container(pod: Pod, container: Container, attempt: number, podIPs: readonly string[]): Promise<ContainerSetup> {
    const { api, services, memoryBytes, recorder } = this.#options
    const { uid, namespace = '' } = pod.metadata
    const sources = await this.#sources(pod, podIPs)
    const linked = pod.spec.enableServiceLinks === false ? [] : services(namespace)
    const { variables, skipped } = environmentOf(container, { ...sources, services: serviceVariables(api, linked) })
    if (skipped.length > 0) {
      recorder?.event(
        pod,
        'Warning',
        'InvalidEnvironmentVariableNames',
        `Keys [${skipped.join(', ')}] from envFrom were skipped since they are not names of variables.`,
      )
    }
    const lookUp = (name: string) => variables.get(name)
    const termination = terminationFile(this.paths, uid, container.name, attempt)
    await mkdir(dirname(termination), { recursive: true })
    await writeFile(termination, '')
    // Whoever the container runs as writes there, whatever the agent's umask.
    await chmod(termination, 0o666)
    await mkdir(join(logDirectory(this.paths, { namespace, name: pod.metadata.name, uid }), container.name), { recursive: true })
    return {
      variables,
      command: (container.command ?? []).map(word => expand(word, lookUp)),
      args: (container.args ?? []).map(word => expand(word, lookUp)),
      mounts: [
        ...(await this.#mounts(pod, container, lookUp)),
        ...(await this.#hostsFile(pod, container, podIPs)),
        { container_path: container.terminationMessagePath || '/dev/termination-log', host_path: termination },
      ],
      limits: cgroupLimits(pod, container, memoryBytes),
      seccompRoot: await seccompRootFor(pod, container, [join(this.paths.data, 'seccomp'), this.#options.mapHostPath(KUBELETS_PROFILES)]),
    }
  }

  /** Brings the files of a running pod's volumes up to date. */
  refresh(pod: Pod, podIPs: readonly string[]): Promise<void> {
    return this.#inTurn(pod.metadata.uid, async () => {
      if (!(await stat(podDirectory(this.paths, pod.metadata.uid)).catch(() => undefined))) return
      const sources = await this.#sources(pod, podIPs)
      for (const volume of pod.spec.volumes ?? []) await refreshVolume(pod, volume, sources, this.#options)
    })
  }

  /** Takes away all that was prepared for a pod. */
  async remove(uid: string): Promise<void> {
    const directory = podDirectory(this.paths, uid)
    await this.#inTurn(uid, async () => {
      await leaveMemory(directory)
      await rm(directory, { recursive: true, force: true })
    })
    this.#options.references.release(uid)
    this.#options.tokens.release(uid)
  }

  /** Whoever writes a pod's files does so alone. */
  async #inTurn(uid: string, work: () => Promise<void>): Promise<void> {
    const before = this.#turns.get(uid)
    const turn = (before ?? Promise.resolve()).then(work)
    const over = turn.catch(() => {})
    this.#turns.set(uid, over)
    try {
      await turn
    } finally {
      if (this.#turns.get(uid) === over) this.#turns.delete(uid)
    }
  }

  async #sources(pod: Pod, podIPs: readonly string[]): Promise<PayloadSources> {
    const { references, tokens, hostIPs, allocatable } = this.#options
    const objects = await references.of(pod)
    const issued = new Map<string, string | undefined>()
    for (const volume of pod.spec.volumes ?? []) {
      for (const { serviceAccountToken: wanted } of volume.projected?.sources ?? []) {
        if (!wanted) continue
        const { audience = '', expirationSeconds = 3600 } = wanted
        issued.set(`${expirationSeconds} ${audience}`, await tokens.of(pod, audience, expirationSeconds))
      }
    }
    return {
      pod,
      podIPs: pod.spec.hostNetwork ? hostIPs() : podIPs,
      hostIPs: hostIPs(),
      allocatable: allocatable(),
      configMap: name => objects.configMap(name),
      secret: name => objects.secret(name),
      token: (audience, seconds) => issued.get(`${seconds} ${audience}`),
    }
  }

  async #mounts(pod: Pod, container: Container, lookUp: (name: string) => string | undefined): Promise<Mount[]> {
    const mounts: Mount[] = []
    for (const [i, mount] of (container.volumeMounts ?? []).entries()) {
      const volume = pod.spec.volumes?.find(v => v.name === mount.name)
      if (!volume) throw new StepError('CreateContainerConfigError', `volume "${mount.name}" of container "${container.name}" is not among the pod's volumes`)
      let path = volumePath(pod, volume, this.#options)
      const sub = mount.subPathExpr ? expand(mount.subPathExpr, lookUp) : mount.subPath
      if (sub) path = await pinSubPath(path, sub, join(podDirectory(this.paths, pod.metadata.uid), 'volume-subpaths', mount.name, container.name, String(i)))
      mounts.push({
        container_path: mount.mountPath.startsWith('/') ? mount.mountPath : `/${mount.mountPath}`,
        host_path: path,
        // What is made from API objects is nobody's to change.
        readonly: mount.readOnly === true || hasPayload(volume),
        ...(this.#isRecursive(mount) && { recursive_read_only: true }),
        propagation: await propagationOf(mount.mountPropagation, path),
      })
      for (const nested of volume.hostPath && !sub ? await this.#nested(volume.hostPath.path, mount.mountPath) : [])
        mounts.push({ ...nested, readonly: mount.readOnly ?? false })
    }
    return mounts
  }

  #isRecursive({ name, recursiveReadOnly: wanted = 'Disabled' }: VolumeMount): boolean {
    const able = this.#options.recursiveReadOnly ?? false
    if (wanted !== 'Enabled' || able) return able && wanted !== 'Disabled'
    const why = `volume "${name}" requested recursive read-only mode, but it is not supported by the runtime`
    throw new StepError('CreateContainerConfigError', `failed to resolve recursive read-only mode: ${why}`)
  }

  /** A mount of /var/log shows this node's container logs, not those of its neighbours on the machine. */
  async #nested(hostPath: string, mountPath: string): Promise<Mount[]> {
    const base = hostPath.replace(/\/+$/, '')
    const mounts: Mount[] = []
    for (const usual of NODE_LOGS) {
      const own = this.#options.mapHostPath(usual)
      if (own === usual || !usual.startsWith(`${base}/`)) continue
      // The engine cannot make a place to mount on in what it mounts for reading only.
      await mkdir(usual, { recursive: true })
      mounts.push({ container_path: join(mountPath, usual.slice(base.length)), host_path: own })
    }
    return mounts
  }

  async #hostsFile(pod: Pod, container: Container, podIPs: readonly string[]): Promise<Mount[]> {
    if (container.volumeMounts?.some(m => m.mountPath === '/etc/hosts')) return []
    const path = join(podDirectory(this.paths, pod.metadata.uid), 'etc-hosts')
    const nodeHosts = pod.spec.hostNetwork ? await readFile('/etc/hosts', 'utf8').catch(() => '') : ''
    await writeFile(path, etcHosts(pod, hostnameOf(pod), podIPs, nodeHosts), { mode: 0o644 })
    return [{ container_path: '/etc/hosts', host_path: path }]
  }
}

const NODE_LOGS = ['/var/log/pods', '/var/log/containers']
