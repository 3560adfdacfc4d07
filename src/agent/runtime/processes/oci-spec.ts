import type { Container } from '../../../api/types/core/container.ts'
import type { Pod } from '../../../api/types/core/pod.ts'
import { type ContainerSetup, MASKED, READONLY } from '../cri/container-config.ts'
import type { Mount } from '../cri/messages.ts'
import type { Account } from './accounts.ts'
import { capabilitiesOf } from './capabilities.ts'
import { defaultSeccomp } from './seccomp.ts'

/** What this host and its agent can give. */
export interface HostFacts {
  /** `CAP_CHOWN`, …: what the agent may hand on. */
  readonly capabilities: readonly string[]
  /** The agent's own `oom_score_adj`: less needs CAP_SYS_RESOURCE. */
  readonly oomScoreAdj: number
}

export interface SpecParts {
  readonly pod: Pod
  readonly container: Container
  readonly setup: Pick<ContainerSetup, 'command' | 'args' | 'mounts' | 'limits'>
  readonly account: Account
  readonly env: Readonly<Record<string, string>>
  /** Of its own, below that of the pod. */
  readonly cgroup: string
  /** The text of the Localhost profile, if that is asked for. */
  readonly seccomp?: object | undefined
  readonly host: HostFacts
}

const TMPFS = ['nosuid', 'strictatime', 'mode=755', 'size=65536k']
const PROPAGATION = ['rprivate', 'rslave', 'rshared']

/**
 * A container on the host's own root, as the OCI runtime specification writes it: its network and names are the host's, its
 * mounts, processes and limits are its own. `root` beside the file must be the host's root bound there.
 */
export function ociSpec({ pod, container, setup, account, env, cgroup, seccomp, host }: SpecParts): object {
  const own = container.securityContext ?? {}
  const shared = pod.spec.securityContext ?? {}
  const privileged = own.privileged ?? false
  const open = privileged || own.procMount === 'Unmasked'
  const capabilities = capabilitiesOf(own.capabilities, privileged, host.capabilities)
  const { limits } = setup
  const score = host.capabilities.includes('CAP_SYS_RESOURCE') ? limits.oom_score_adj : Math.max(limits.oom_score_adj, host.oomScoreAdj)
  const filter = (own.seccompProfile ?? shared.seccompProfile)?.type
  return {
    ociVersion: '1.0.2',
    process: {
      terminal: false,
      user: { uid: account.uid, gid: account.gid, additionalGids: account.groups },
      args: [...setup.command, ...setup.args],
      env: Object.entries(env).map(([name, value]) => `${name}=${value}`),
      cwd: container.workingDir || '/',
      capabilities: { bounding: capabilities, effective: capabilities, permitted: capabilities },
      noNewPrivileges: own.allowPrivilegeEscalation === false && !privileged,
      oomScoreAdj: score,
    },
    root: { path: 'root', readonly: own.readOnlyRootFilesystem ?? false },
    mounts: [
      ...(pod.spec.hostPID ? [] : [{ destination: '/proc', type: 'proc', source: 'proc', options: ['nosuid', 'noexec', 'nodev'] }]),
      ...(privileged ? [bind('/dev', '/dev', ['rbind', 'rslave'])] : devices(pod)),
      ...setup.mounts.map(volume),
    ],
    linux: {
      namespaces: [{ type: 'mount' }, ...(pod.spec.hostPID ? [] : [{ type: 'pid' }]), ...(pod.spec.hostIPC ? [] : [{ type: 'ipc' }])],
      cgroupsPath: cgroup,
      resources: {
        devices: [{ allow: privileged, access: 'rwm' }],
        cpu: { shares: limits.cpu_shares, ...(limits.cpu_quota > 0 && { quota: limits.cpu_quota, period: limits.cpu_period }) },
        ...(limits.memory_limit_in_bytes > 0 && { memory: { limit: limits.memory_limit_in_bytes } }),
      },
      rootfsPropagation: 'rslave',
      ...(open ? {} : { maskedPaths: MASKED, readonlyPaths: [...READONLY, '/sys'] }),
      ...(!privileged && filter === 'RuntimeDefault' && { seccomp: defaultSeccomp(capabilities) }),
      ...(!privileged && filter === 'Localhost' && { seccomp }),
    },
  }
}

const bind = (source: string, destination: string, options: readonly string[]) => ({ destination, type: 'bind', source, options })

const devices = (pod: Pod) => [
  { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: TMPFS },
  { destination: '/dev/pts', type: 'devpts', source: 'devpts', options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5'] },
  pod.spec.hostIPC
    ? bind('/dev/shm', '/dev/shm', ['rbind', 'rslave'])
    : { destination: '/dev/shm', type: 'tmpfs', source: 'shm', options: ['nosuid', 'noexec', 'nodev', 'mode=1777', 'size=65536k'] },
]

const volume = (mount: Mount) =>
  bind(mount.host_path ?? '', mount.container_path ?? '', [
    'rbind',
    mount.recursive_read_only ? 'rro' : mount.readonly ? 'ro' : 'rw',
    PROPAGATION[mount.propagation ?? 0] ?? 'rprivate',
  ])
