import type { Container } from '../api/types/core/container.ts'
import type { ContainerStatus } from '../api/types/core/pod-status.ts'

/** What a node can do that shows in the statuses of its containers. */
export interface StatusAbilities {
  /** Whether mounts below a read-only one are made read-only too where that is asked for. */
  readonly recursiveReadOnly: boolean
}

type Details = Pick<ContainerStatus, 'allocatedResources' | 'resources' | 'volumeMounts'>

const known = new WeakMap<Container, Details>()

/** What the status of a container that was made repeats of its spec. One object for each container of a spec, to be shared. */
export function detailsOf(container: Container, abilities: StatusAbilities): Details {
  const before = known.get(container)
  if (before) return before
  const { limits, requests } = container.resources ?? {}
  const details: Details = {
    ...(requests && { allocatedResources: requests }),
    resources: { ...(limits && { limits }), ...(requests && { requests }) },
    ...(container.volumeMounts?.length && { volumeMounts: mountsOf(container, abilities) }),
  }
  known.set(container, details)
  return details
}

const mountsOf = ({ volumeMounts = [] }: Container, abilities: StatusAbilities): Details['volumeMounts'] =>
  volumeMounts.map(({ name, mountPath, readOnly, recursiveReadOnly: wanted = 'Disabled' }) => ({
    mountPath,
    name,
    ...(readOnly && { readOnly, recursiveReadOnly: abilities.recursiveReadOnly && wanted !== 'Disabled' ? 'Enabled' : 'Disabled' }),
  }))
