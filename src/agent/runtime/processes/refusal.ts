import type { Container } from '../../../api/types/core/container.ts'
import type { Pod } from '../../../api/types/core/pod.ts'

/** How processes are held on this host. */
export interface Holding {
  /** In namespaces and cgroups of their own, by an OCI runtime. */
  readonly confined: boolean
  /** The user that the agent runs as. */
  readonly own: number
}

/**
 * Why a container cannot be a process of this host: it has no command, or leaving out what it asks for would give it more than
 * the pod allows. What is left out without harm is told of in an event.
 */
export function refusal(pod: Pod, container: Container, { confined, own }: Holding): string | undefined {
  const about = `container "${container.name}"`
  if (!container.command?.length) {
    return `${about} has no command: the processes runtime does not use the image, so it cannot take the image's entrypoint; name a program of this host in its command`
  }
  const mine = container.securityContext ?? {}
  const shared = pod.spec.securityContext ?? {}
  const user = mine.runAsUser ?? shared.runAsUser
  if ((mine.runAsNonRoot ?? shared.runAsNonRoot) && (user ?? own) === 0) {
    return `${about} has runAsNonRoot and its process would run as root, as ${user === 0 ? 'runAsUser says' : 'this agent does'}`
  }
  if (pod.spec.hostUsers === false) return `${about} asks for users of its own (hostUsers: false); a process has those of the host`
  if (shared.sysctls?.length) return `${about} is on the host's network, whose sysctls a pod must not change: ${shared.sysctls.map(s => s.name).join(', ')}`
  if (pod.spec.shareProcessNamespace) return `${about} cannot share a process namespace with the pod's others: leave it out, or use hostPID`
  if (container.volumeMounts?.some(m => m.mountPropagation === 'Bidirectional')) {
    return `${about} asks for mount propagation Bidirectional, which processes of the host do not have here; HostToContainer is possible`
  }
  const apparmor = (mine.appArmorProfile ?? shared.appArmorProfile)?.type
  if (apparmor === 'RuntimeDefault' || apparmor === 'Localhost') return `${about} asks for an AppArmor profile, which the processes runtime does not set`
  if (confined) return undefined
  if (user !== undefined && user !== own) return `${about} asks for user ${user}; its process would run as user ${own}, as this agent does`
  const lacking = [
    mine.readOnlyRootFilesystem && 'readOnlyRootFilesystem',
    ['RuntimeDefault', 'Localhost'].includes((mine.seccompProfile ?? shared.seccompProfile)?.type ?? '') && 'seccompProfile',
  ].filter(what => what)
  return lacking.length > 0 ? `${about} asks for ${lacking.join(', ')}, which needs an agent that runs as root with runc or crun installed` : undefined
}
