import { isFinished } from '../api/meta/pod.ts'
import type { Container } from '../api/types/core/container.ts'
import type { Node } from '../api/types/core/node.ts'
import type { Pod } from '../api/types/core/pod.ts'
import type { ContainerStatus } from '../api/types/core/pod-status.ts'
import type { ResourceRequirements } from '../api/types/core/resources.ts'
import { equal } from '../base/equal.ts'
import { shortagesOf } from '../judge/scheduling/node-filters.ts'
import { NodeInfo } from '../judge/scheduling/node-info.ts'
import type { PodMemory } from './pod-memory.ts'

/** The conditions that are there only while a change of resources is on its way. */
export const RESIZE_CONDITIONS: ReadonlySet<string> = new Set(['PodResizePending', 'PodResizeInProgress'])

/** Why a change of resources waits: `Deferred` may become possible, `Infeasible` cannot. */
export interface PendingResize {
  readonly reason: 'Deferred' | 'Infeasible'
  readonly message: string
}

type Resized = Pick<PodMemory, 'resized'>

/** What a running container is held to: as applied last, as its status says, or else what its spec says. */
export function heldResources(pod: Pod, container: Container, id: string, { resized }: Resized): ResourceRequirements | undefined {
  const applied = resized?.get(container.name)
  if (applied?.id === id) return applied.resources
  const { containerStatuses = [], initContainerStatuses = [] } = pod.status
  const status = [...containerStatuses, ...initContainerStatuses].find(s => s.name === container.name)
  return (runs(status) && status.containerID.endsWith(`://${id}`) ? status.resources : undefined) ?? container.resources
}

const runs = (status: ContainerStatus | undefined): status is ContainerStatus & { readonly containerID: string } =>
  status?.state?.running !== undefined && status.containerID !== undefined

/** How a running container gets the resources of its spec; undefined when it has them. */
export function resizeOf(pod: Pod, container: Container, id: string, memory: Resized): 'in place' | 'by restart' | undefined {
  const held = heldResources(pod, container, id, memory)
  if (held === container.resources) return undefined
  const changed = ['cpu', 'memory'].filter(name => differs(held, container.resources, name))
  if (changed.length === 0) return undefined
  const restarts = container.resizePolicy?.some(p => p.restartPolicy === 'RestartContainer' && changed.includes(p.resourceName))
  return restarts ? 'by restart' : 'in place'
}

const differs = (a: ResourceRequirements = {}, b: ResourceRequirements = {}, name: string): boolean =>
  !equal([a.limits?.[name], a.requests?.[name]], [b.limits?.[name], b.requests?.[name]])

export interface Place {
  readonly node: Node
  /** The pods that hold resources there. */
  readonly admitted: Iterable<Pod>
  /** Whether what runs the containers can change what they are held to. */
  readonly able: boolean
}

/** The pod as its node runs it: a change of resources that the node has no room for waits, and its containers keep what they have. */
export function settleResize(pod: Pod, memory: Resized, place: () => Place): { readonly pod: Pod; readonly pending?: PendingResize } {
  const held = new Map<Container, ResourceRequirements | undefined>()
  const { containerStatuses = [], initContainerStatuses = [] } = pod.status
  const statuses = [...containerStatuses, ...initContainerStatuses]
  for (const container of [...pod.spec.containers, ...(pod.spec.initContainers ?? [])]) {
    const status = statuses.find(s => s.name === container.name)
    const id = runs(status) ? status.containerID.replace(/^.*:\/\//, '') : undefined
    if (id !== undefined && resizeOf(pod, container, id, memory)) held.set(container, heldResources(pod, container, id, memory))
  }
  if (held.size === 0) return { pod }
  const pending = hindrance(pod, place())
  if (!pending) return { pod }
  const keep = (container: Container): Container => (held.has(container) ? { ...container, resources: held.get(container) } : container)
  const { containers, initContainers } = pod.spec
  const spec = { ...pod.spec, containers: containers.map(keep), ...(initContainers && { initContainers: initContainers.map(keep) }) }
  return { pod: { ...pod, spec }, pending }
}

function hindrance(pod: Pod, { node, admitted, able }: Place): PendingResize | undefined {
  if (!able) return { reason: 'Infeasible', message: 'the runtime of this node does not change the resources of running containers' }
  const info = new NodeInfo(node)
  for (const other of admitted) if (other.metadata.uid !== pod.metadata.uid && !isFinished(other)) info.add(other)
  const [first] = shortagesOf(pod, info).filter(({ resource }) => resource === 'cpu' || resource === 'memory')
  if (!first) return undefined
  const { resource, requested, free, allocatable } = first
  return requested > allocatable
    ? { reason: 'Infeasible', message: `Node didn't have enough capacity: ${resource}, requested: ${requested}, capacity: ${allocatable}` }
    : {
        reason: 'Deferred',
        message: `Node didn't have enough resource: ${resource}, requested: ${requested}, used: ${allocatable - free}, capacity: ${allocatable}`,
      }
}
