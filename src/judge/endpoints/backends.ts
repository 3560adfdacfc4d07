import { familyOf } from '../../api/meta/ip.ts'
import { isFinished, isPodReady } from '../../api/meta/pod.ts'
import type { Pod } from '../../api/types/core/pod.ts'
import type { ObjectReference } from '../../api/types/core/reference.ts'
import type { Service, ServicePort } from '../../api/types/core/service.ts'

/** A port that a Service's backends answer on. */
export interface BackendPort {
  readonly name: string
  readonly protocol: string
  readonly port: number
  readonly appProtocol?: string
}

/** One pod behind a Service, as both Endpoints and EndpointSlices tell of it. */
export interface Backend {
  readonly pod: Pod
  readonly ports: readonly BackendPort[]
  /** Traffic may go there: it serves and stays, or the Service publishes all. */
  readonly ready: boolean
  readonly serving: boolean
  readonly terminating: boolean
  readonly hostname?: string
}

export type Family = 'IPv4' | 'IPv6'

export const isHeadless = (service: Service): boolean => service.spec.clusterIP === 'None'

/** Address families that a Service speaks, the first being its own. */
export function familiesOf(service: Service): readonly Family[] {
  const { ipFamilies, clusterIP } = service.spec
  if (ipFamilies?.length) return ipFamilies as readonly Family[]
  return [familyOf(clusterIP ?? '')]
}

/** A pod's first address of a family. */
export function addressOf(pod: Pod, family: Family): string | undefined {
  const all = pod.status.podIPs?.length ? pod.status.podIPs.map(({ ip }) => ip) : [pod.status.podIP]
  return all.find(ip => ip && familyOf(ip) === family)
}

/** The pods of a Service that have an address and are not finished, in order of name; terminating ones included. */
export function backendsOf(service: Service, pods: Iterable<Pod>): readonly Backend[] {
  const found: Backend[] = []
  const all = service.spec.publishNotReadyAddresses === true
  for (const pod of pods) {
    if (isFinished(pod) || (!pod.status.podIP && !pod.status.podIPs?.length)) continue
    const serving = isPodReady(pod)
    const terminating = pod.metadata.deletionTimestamp !== undefined
    const { hostname, subdomain } = pod.spec
    found.push({
      pod,
      ports: portsOf(service, pod),
      ready: all || (serving && !terminating),
      serving,
      terminating,
      ...(hostname && subdomain === service.metadata.name && { hostname }),
    })
  }
  return found.sort((a, b) => (a.pod.metadata.name < b.pod.metadata.name ? -1 : 1))
}

/** The Service's ports as numbers of this pod; a named port that the pod does not have is left out. */
function portsOf(service: Service, pod: Pod): readonly BackendPort[] {
  const ports: BackendPort[] = []
  for (const port of service.spec.ports ?? []) {
    const number = targetPort(port, pod)
    if (number === undefined) continue
    ports.push({ name: port.name ?? '', protocol: port.protocol || 'TCP', port: number, ...(port.appProtocol && { appProtocol: port.appProtocol }) })
  }
  return ports
}

function targetPort({ targetPort, port, protocol }: ServicePort, pod: Pod): number | undefined {
  if (targetPort === undefined || targetPort === '' || targetPort === 0) return port
  if (typeof targetPort === 'number') return targetPort
  const sidecars = pod.spec.initContainers?.filter(({ restartPolicy }) => restartPolicy === 'Always') ?? []
  for (const container of [...pod.spec.containers, ...sidecars]) {
    for (const named of container.ports ?? []) if (named.name === targetPort && (named.protocol || 'TCP') === (protocol || 'TCP')) return named.containerPort
  }
  return undefined
}

/** What tells one set of ports from another. */
export const portsKey = (
  ports: readonly {
    readonly name?: string | undefined
    readonly protocol?: string | undefined
    readonly port?: number | undefined
    readonly appProtocol?: string | undefined
  }[],
): string =>
  ports
    .map(({ name = '', protocol = 'TCP', port, appProtocol = '' }) => `${name}/${protocol}/${port}/${appProtocol}`)
    .sort()
    .join()

export const podReference = ({ metadata }: Pod): ObjectReference => ({ kind: 'Pod', namespace: metadata.namespace, name: metadata.name, uid: metadata.uid })

export const HEADLESS_LABEL = 'service.kubernetes.io/headless'
