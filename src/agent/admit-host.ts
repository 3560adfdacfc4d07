import type { Pod } from '../api/types/core/pod.ts'
import type { Refused } from './admit.ts'

/** What a host and what runs its pods can do that not every host can. */
export interface HostAbilities {
  readonly appArmor: boolean
  /** `supplementalGroupsPolicy: Strict`. */
  readonly strictGroups: boolean
  /** Read-only mounts whose inner mounts are read-only too. */
  readonly recursiveReadOnly: boolean
  /** Changing what running containers may use. */
  readonly resize: boolean
}

/** Namespaced and without effect on other pods: what upstream allows everywhere, by the namespace that holds it. */
const SAFE: Readonly<Record<string, 'ipc' | 'network'>> = {
  'kernel.shm_rmid_forced': 'ipc',
  'net.ipv4.ip_local_port_range': 'network',
  'net.ipv4.ip_local_reserved_ports': 'network',
  'net.ipv4.ip_unprivileged_port_start': 'network',
  'net.ipv4.ping_group_range': 'network',
  'net.ipv4.tcp_fin_timeout': 'network',
  'net.ipv4.tcp_keepalive_intvl': 'network',
  'net.ipv4.tcp_keepalive_probes': 'network',
  'net.ipv4.tcp_keepalive_time': 'network',
  'net.ipv4.tcp_rmem': 'network',
  'net.ipv4.tcp_syncookies': 'network',
  'net.ipv4.tcp_wmem': 'network',
}

/** Why this host cannot run a pod as it asks; the kubelet's reasons and words. */
export function refusedByHost(pod: Pod, abilities: HostAbilities): Refused | undefined {
  const { spec } = pod
  for (const { name } of spec.securityContext?.sysctls ?? []) {
    const why = unsafe(name.replaceAll('/', '.'), spec)
    if (why) return { reason: 'SysctlForbidden', message: `forbidden sysctl: "${name}" ${why}`, refused: true }
  }
  if (!abilities.appArmor && wantsAppArmor(pod)) {
    return { reason: 'AppArmor', message: 'Cannot enforce AppArmor: AppArmor is not enabled on the host', refused: true }
  }
  if (!abilities.strictGroups && spec.securityContext?.supplementalGroupsPolicy === 'Strict') {
    const message = 'SupplementalGroupsPolicy=Strict is not supported in this node'
    return { reason: 'SupplementalGroupsPolicyNotSupported', message, refused: true }
  }
  return undefined
}

function unsafe(name: string, { hostNetwork, hostIPC }: Pod['spec']): string | undefined {
  const space = Object.hasOwn(SAFE, name) ? SAFE[name] : undefined
  if (space === undefined) return 'not allowlisted'
  if (space === 'network' && hostNetwork) return 'not allowed with host net enabled'
  return space === 'ipc' && hostIPC ? 'not allowed with host ipc enabled' : undefined
}

const wantsAppArmor = ({ spec }: Pod): boolean =>
  [spec, ...spec.containers, ...(spec.initContainers ?? []), ...(spec.ephemeralContainers ?? [])].some(c => {
    const profile = c.securityContext?.appArmorProfile
    return profile !== undefined && profile.type !== 'Unconfined'
  })
