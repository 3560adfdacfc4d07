import { type FieldError, invalid, invalidObject } from '../../api/meta/field-error.ts'
import type { Draft } from '../../api/meta/object.ts'
import type { StatusError } from '../../api/meta/status.ts'
import type { Service } from '../../api/types/core/service.ts'
import type { WatchCaches } from '../cache/types.ts'
import type { IpRange } from './ip-range.ts'
import type { Reserve } from './world.ts'

const SERVICES = { group: '', resource: 'services' }
const FIRST_NODE_PORT = 30_000
const NODE_PORTS = 2_768

export interface ServiceAddresses {
  readonly caches: WatchCaches
  readonly range: IpRange
  readonly random: (n: number) => number
}

/** Gives every Service its cluster address and node ports; what is taken is what the stored Services and the writes under way show. */
export function serviceAddresses({ caches, range, random }: ServiceAddresses): Reserve {
  /** Addresses and ports of writes under way. */
  const held = new Set<string | number>()

  return (object, before) => {
    const service = object as unknown as Draft<Service>
    const old = before as Service | undefined
    const mine: (string | number)[] = []
    const take = (what: string | number) => {
      held.add(what)
      mine.push(what)
    }
    const release = () => {
      for (const what of mine.splice(0)) held.delete(what)
    }
    try {
      giveAddress(service, old, take)
      givePorts(service, old, take)
      giveHealthPort(service, old, take)
    } catch (error) {
      release()
      throw error
    }
    return { release }
  }

  /** Where a load balancer asks whether a node has pods of this Service. */
  function giveHealthPort(service: Draft<Service>, old: Service | undefined, take: (port: number) => void): void {
    const { spec } = service
    if (spec.type !== 'LoadBalancer' || spec.externalTrafficPolicy !== 'Local') {
      if (spec.healthCheckNodePort && spec.healthCheckNodePort === old?.spec.healthCheckNodePort) delete spec.healthCheckNodePort
      return
    }
    const before = old?.spec.healthCheckNodePort
    if (before && (!spec.healthCheckNodePort || spec.healthCheckNodePort === before)) spec.healthCheckNodePort = before
    else spec.healthCheckNodePort = takePort(service, 'spec.healthCheckNodePort', spec.healthCheckNodePort, takenPorts(service), take)
  }

  function takenPorts(service: Draft<Service>): ReadonlySet<number> {
    const taken = new Set<number>()
    for (const { spec } of others(service)) {
      for (const port of spec.ports ?? []) if (port.nodePort) taken.add(port.nodePort)
      if (spec.healthCheckNodePort) taken.add(spec.healthCheckNodePort)
    }
    return taken
  }

  /** The port that is asked for, or a free one. */
  function takePort(service: Draft<Service>, path: string, asked: number | undefined, taken: ReadonlySet<number>, take: (port: number) => void): number {
    if (asked) {
      if (asked < FIRST_NODE_PORT || asked >= FIRST_NODE_PORT + NODE_PORTS) {
        const range = `${FIRST_NODE_PORT}-${FIRST_NODE_PORT + NODE_PORTS - 1}`
        throw refused(service, invalid(path, asked, `provided port is not in the valid range. The range of valid ports is ${range}`))
      }
      if (taken.has(asked) || held.has(asked)) throw refused(service, invalid(path, asked, 'provided port is already allocated'))
      take(asked)
      return asked
    }
    const free = firstFree(NODE_PORTS, random, n => !taken.has(FIRST_NODE_PORT + n) && !held.has(FIRST_NODE_PORT + n))
    if (free === undefined) throw refused(service, invalid(path, null, 'failed to allocate a nodePort: range is full'))
    take(FIRST_NODE_PORT + free)
    return FIRST_NODE_PORT + free
  }

  function* others(service: Draft<Service>): Iterable<Service> {
    for (const one of caches.of<Service>(SERVICES)?.list().items ?? []) if (one.metadata.uid !== service.metadata.uid) yield one
  }

  function giveAddress(service: Draft<Service>, old: Service | undefined, take: (address: string) => void): void {
    const { spec } = service
    if (spec.type === 'ExternalName') {
      giveUpAddress(service, old)
      return
    }
    spec.ipFamilyPolicy ??= old?.spec.ipFamilyPolicy ?? 'SingleStack'
    if (!spec.clusterIP && !spec.clusterIPs?.length && old?.spec.clusterIP) {
      spec.clusterIP = old.spec.clusterIP
      spec.clusterIPs = [...(old.spec.clusterIPs ?? [])]
    }
    if (!spec.ipFamilies?.length) spec.ipFamilies = ['IPv4']
    refuseFamilies(service)
    if (spec.clusterIP && !spec.clusterIPs?.length) spec.clusterIPs = [spec.clusterIP]
    const asked = spec.clusterIPs?.[0]
    if (asked === 'None' || (asked !== undefined && asked === old?.spec.clusterIP)) return
    const taken = new Set<string>()
    for (const one of others(service)) for (const address of one.spec.clusterIPs ?? []) taken.add(address)
    if (asked) {
      if (!range.has(asked)) {
        throw refused(
          service,
          invalid(
            'spec.clusterIPs[0]',
            asked,
            `failed to allocate IP ${asked}: the provided IP (${asked}) is not in the valid range. The range of valid IPs is ${range.text}`,
          ),
        )
      }
      if (taken.has(asked) || held.has(asked))
        throw refused(service, invalid('spec.clusterIPs[0]', asked, `failed to allocate IP ${asked}: provided IP is already allocated`))
      take(asked)
      return
    }
    const free = firstFree(range.size, random, n => !taken.has(range.at(n)) && !held.has(range.at(n)))
    if (free === undefined) throw refused(service, invalid('spec.clusterIPs', null, `failed to allocate an IP: range is full (${range.text})`))
    spec.clusterIP = range.at(free)
    spec.clusterIPs = [spec.clusterIP]
    take(spec.clusterIP)
  }

  function givePorts(service: Draft<Service>, old: Service | undefined, take: (port: number) => void): void {
    const { spec } = service
    const wanted = spec.type === 'NodePort' || (spec.type === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts !== false)
    const ports = spec.ports ?? []
    const givenBefore = new Set(old?.spec.ports?.map(({ nodePort }) => nodePort))
    if (!wanted) {
      // What was given for the old type goes with it, unless the client says the port itself.
      if (spec.type === 'ClusterIP' || spec.type === 'ExternalName') {
        for (const port of ports) if (port.nodePort && givenBefore.has(port.nodePort)) delete port.nodePort
      }
      return
    }
    const taken = takenPorts(service)
    for (const [i, port] of ports.entries()) {
      if (port.nodePort && givenBefore.has(port.nodePort)) continue
      port.nodePort = takePort(service, `spec.ports[${i}].nodePort`, port.nodePort, taken, take)
    }
  }
}

/** A Service that becomes a name only gives its address back. */
function giveUpAddress({ spec }: Draft<Service>, old: Service | undefined): void {
  if (!old || old.spec.type === 'ExternalName') return
  if (spec.clusterIP === old.spec.clusterIP) {
    delete spec.clusterIP
    delete spec.clusterIPs
    delete spec.ipFamilies
    delete spec.ipFamilyPolicy
  }
}

function refuseFamilies(service: Draft<Service>): void {
  const { ipFamilies = [], ipFamilyPolicy } = service.spec
  if (ipFamilyPolicy === 'RequireDualStack')
    throw refused(service, invalid('spec.ipFamilyPolicy', ipFamilyPolicy, 'this cluster is not configured for dual-stack services'))
  const other = ipFamilies.indexOf('IPv6')
  if (other >= 0) throw refused(service, invalid(`spec.ipFamilies[${other}]`, 'IPv6', 'not configured on this cluster'))
}

const refused = ({ metadata }: Draft<Service>, error: FieldError): StatusError => invalidObject({ group: '', kind: 'Service' }, metadata.name ?? '', [error])

/** A free place from a random start on. */
function firstFree(size: number, random: (n: number) => number, free: (n: number) => boolean): number | undefined {
  const start = random(size)
  for (let i = 0; i < size; i++) {
    const n = (start + i) % size
    if (free(n)) return n
  }
  return undefined
}
