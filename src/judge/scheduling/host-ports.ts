import type { Pod, PodSpec } from '../../api/types/core/pod.ts'

/** One port of the host that a pod takes. */
export interface HostPort {
  readonly protocol: string
  readonly port: number
  /** `0.0.0.0` for every address. */
  readonly address: string
}

const NONE: readonly HostPort[] = Object.freeze([])
const known = new WeakMap<PodSpec['containers'], readonly HostPort[]>()

/** The host ports of a pod's containers and sidecars. */
export function hostPortsOf({ spec }: Pod): readonly HostPort[] {
  const sidecars = spec.initContainers?.filter(container => container.restartPolicy === 'Always')
  if (sidecars?.length) return gather([...spec.containers, ...sidecars])
  let ports = known.get(spec.containers)
  if (!ports) {
    ports = gather(spec.containers)
    known.set(spec.containers, ports)
  }
  return ports
}

function gather(containers: PodSpec['containers']): readonly HostPort[] {
  let found: HostPort[] | undefined
  for (const { ports = [] } of containers) {
    for (const { hostPort, protocol, hostIP } of ports) {
      if (!hostPort) continue
      found ??= []
      found.push({ protocol: protocol || 'TCP', port: hostPort, address: !hostIP || hostIP === '::' ? '0.0.0.0' : hostIP })
    }
  }
  return found ?? NONE
}

/** Same protocol and port, and one of them on every address or both on the same. */
export const portsClash = (a: HostPort, b: HostPort): boolean =>
  a.port === b.port && a.protocol === b.protocol && (a.address === b.address || a.address === '0.0.0.0' || b.address === '0.0.0.0')
