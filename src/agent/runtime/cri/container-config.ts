import type { Container } from '../../../api/types/core/container.ts'
import type { Pod } from '../../../api/types/core/pod.ts'
import type { SeccompProfile } from '../../../api/types/core/security.ts'
import type { CgroupLimits } from '../../resources.ts'
import type { ContainerConfig, Mount, SecurityProfile } from './messages.ts'
import { LABEL, namespacesOf, type Owner, podLabels } from './sandbox-config.ts'

export const ANNOTATION = {
  /** The image as the pod named it when the container was made. */
  image: 'everynode.dev/image',
  backoff: 'everynode.dev/backoff-seconds',
} as const

/** What must be found out or prepared before a container can be made. */
export interface ContainerSetup {
  readonly variables: ReadonlyMap<string, string>
  readonly command: readonly string[]
  readonly args: readonly string[]
  readonly mounts: readonly Mount[]
  readonly limits: CgroupLimits
  /** Where local seccomp profiles lie. */
  readonly seccompRoot: string
}

export interface ContainerIdentity {
  readonly owner: Owner
  readonly attempt: number
  readonly imageRef: string
  readonly backoffSeconds: number
  /** The container whose processes an ephemeral one sees. */
  readonly target?: string | undefined
}

export function containerConfig(
  pod: Pod,
  container: Container,
  { owner, attempt, imageRef, backoffSeconds, target }: ContainerIdentity,
  setup: ContainerSetup,
): ContainerConfig {
  return {
    metadata: { name: container.name, attempt },
    image: { image: imageRef },
    command: setup.command,
    args: setup.args,
    working_dir: container.workingDir ?? '',
    envs: [...setup.variables].map(([key, value]) => ({ key, value })),
    mounts: setup.mounts,
    labels: { ...podLabels(pod, owner), [LABEL.container]: container.name },
    annotations: { [ANNOTATION.image]: container.image ?? '', [ANNOTATION.backoff]: String(backoffSeconds) },
    log_path: `${container.name}/${attempt}.log`,
    stdin: container.stdin ?? false,
    stdin_once: container.stdinOnce ?? false,
    tty: container.tty ?? false,
    linux: { resources: setup.limits, security_context: securityOf(pod, container, setup.seccompRoot, target) },
  }
}

const OF_TARGET = 3
const STRICT = 1

function securityOf(pod: Pod, container: Container, seccompRoot: string, target: string | undefined) {
  const own = container.securityContext ?? {}
  const shared = pod.spec.securityContext ?? {}
  const user = own.runAsUser ?? shared.runAsUser
  const group = own.runAsGroup ?? shared.runAsGroup
  const privileged = own.privileged ?? false
  return {
    privileged,
    capabilities: { add_capabilities: own.capabilities?.add ?? [], drop_capabilities: own.capabilities?.drop ?? [] },
    namespace_options: { ...namespacesOf(pod), ...(target !== undefined && { pid: OF_TARGET, target_id: target }) },
    ...(user !== undefined && { run_as_user: { value: user } }),
    ...(group !== undefined && { run_as_group: { value: group } }),
    readonly_rootfs: own.readOnlyRootFilesystem ?? false,
    supplemental_groups: [...(shared.supplementalGroups ?? []), ...(shared.fsGroup !== undefined ? [shared.fsGroup] : [])],
    ...(shared.supplementalGroupsPolicy === 'Strict' && { supplemental_groups_policy: STRICT }),
    no_new_privs: own.allowPrivilegeEscalation === false && !privileged,
    // An unmasked /proc is one without the lists; absent lists mean the usual ones.
    masked_paths: own.procMount === 'Unmasked' || privileged ? [] : MASKED,
    readonly_paths: own.procMount === 'Unmasked' || privileged ? [] : READONLY,
    seccomp: seccompOf(own.seccompProfile ?? shared.seccompProfile, privileged, seccompRoot),
    ...apparmorOf(own.appArmorProfile ?? shared.appArmorProfile),
  }
}

const PROFILE = { runtimeDefault: 0, unconfined: 1, localhost: 2 } as const

/** As upstream without a default profile: what nobody asked to confine is unconfined. */
function seccompOf(profile: SeccompProfile | undefined, privileged: boolean, root: string): SecurityProfile {
  if (privileged || !profile || profile.type === 'Unconfined') return { profile_type: PROFILE.unconfined }
  if (profile.type === 'Localhost') return { profile_type: PROFILE.localhost, localhost_ref: `${root}/${profile.localhostProfile ?? ''}` }
  return { profile_type: PROFILE.runtimeDefault }
}

function apparmorOf(profile: { readonly type: string; readonly localhostProfile?: string | undefined } | undefined) {
  if (!profile) return {}
  if (profile.type === 'Localhost') return { apparmor: { profile_type: PROFILE.localhost, localhost_ref: profile.localhostProfile ?? '' } }
  return { apparmor: { profile_type: profile.type === 'Unconfined' ? PROFILE.unconfined : PROFILE.runtimeDefault } }
}

/** The parts of /proc and /sys that a container does not see, or cannot write: upstream's defaults. */
export const MASKED = [
  '/proc/asound',
  '/proc/acpi',
  '/proc/interrupts',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/sys/firmware',
  '/sys/devices/virtual/powercap',
]
export const READONLY = ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger']
