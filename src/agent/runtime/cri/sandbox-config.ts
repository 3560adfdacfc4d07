import { allContainers } from '../../../api/meta/pod.ts'
import type { Pod } from '../../../api/types/core/pod.ts'
import type { NamespaceOption, PodSandboxConfig } from './messages.ts'

export const LABEL = {
  pod: 'io.kubernetes.pod.name',
  namespace: 'io.kubernetes.pod.namespace',
  uid: 'io.kubernetes.pod.uid',
  container: 'io.kubernetes.container.name',
  cluster: 'everynode.dev/cluster',
  node: 'everynode.dev/node',
} as const

/** For the time when nobody knows the pod any more. */
export const GRACE = 'everynode.dev/grace-seconds'

/** Marks everything in the engine that is this agent's. */
export interface Owner {
  readonly cluster: string
  readonly node: string
  /** Under which the cgroups of its pods lie. */
  readonly cgroup: string
}

/** Holds the containers of one pod. */
export const podCgroup = (owner: Owner, uid: string): string => `${owner.cgroup}/pod${uid}`

export interface SandboxSetup {
  readonly hostname: string
  readonly logDirectory: string
  readonly dns: { readonly servers: readonly string[]; readonly searches: readonly string[]; readonly options: readonly string[] } | undefined
  /** It asked for the cluster's resolver and gets the node's. */
  readonly missingClusterDns: boolean
}

export const ownLabels = (owner: Owner): Record<string, string> => ({ [LABEL.cluster]: owner.cluster, [LABEL.node]: owner.node })

export function podLabels(pod: Pod, owner: Owner): Record<string, string> {
  const { name, namespace = '', uid } = pod.metadata
  return { [LABEL.pod]: name, [LABEL.namespace]: namespace, [LABEL.uid]: uid, ...ownLabels(owner) }
}

const MODE = { pod: 0, container: 1, node: 2 } as const
const PROTOCOL: Readonly<Record<string, number>> = { TCP: 0, UDP: 1, SCTP: 2 }

export const namespacesOf = (pod: Pod): NamespaceOption => ({
  network: pod.spec.hostNetwork ? MODE.node : MODE.pod,
  pid: pod.spec.hostPID ? MODE.node : pod.spec.shareProcessNamespace ? MODE.pod : MODE.container,
  ipc: pod.spec.hostIPC ? MODE.node : MODE.pod,
})

/** The engine asks this of the sandbox of every privileged container, one that comes later too. */
export const isPrivileged = (pod: Pod): boolean => allContainers(pod.spec).some(c => c.securityContext?.privileged === true)

export function sandboxConfig(pod: Pod, attempt: number, owner: Owner, setup: SandboxSetup): PodSandboxConfig {
  const { name, namespace = '', uid } = pod.metadata
  const { hostNetwork, securityContext } = pod.spec
  const ports = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].flatMap(c => c.ports ?? []).filter(p => p.hostPort)
  return {
    metadata: { name, uid, namespace, attempt },
    hostname: hostNetwork ? '' : setup.hostname,
    log_directory: setup.logDirectory,
    ...(setup.dns && { dns_config: setup.dns }),
    port_mappings: hostNetwork
      ? []
      : ports.map(p => ({
          protocol: PROTOCOL[p.protocol ?? 'TCP'] ?? 0,
          container_port: p.containerPort,
          host_port: p.hostPort ?? 0,
          host_ip: p.hostIP ?? '',
        })),
    labels: { ...pod.metadata.labels, ...podLabels(pod, owner) },
    annotations: { ...pod.metadata.annotations, [GRACE]: String(pod.spec.terminationGracePeriodSeconds ?? 30) },
    linux: {
      cgroup_parent: podCgroup(owner, uid),
      sysctls: Object.fromEntries((securityContext?.sysctls ?? []).map(s => [s.name, s.value])),
      security_context: {
        namespace_options: namespacesOf(pod),
        privileged: isPrivileged(pod),
        ...(securityContext?.runAsUser !== undefined && { run_as_user: { value: securityContext.runAsUser } }),
        ...(securityContext?.runAsGroup !== undefined && securityContext.runAsUser !== undefined && { run_as_group: { value: securityContext.runAsGroup } }),
        supplemental_groups: [...(securityContext?.supplementalGroups ?? []), ...(securityContext?.fsGroup !== undefined ? [securityContext.fsGroup] : [])],
        seccomp: { profile_type: 0 },
      },
    },
  }
}
