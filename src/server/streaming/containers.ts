import { badRequest } from '../../api/meta/status.ts'
import type { Pod } from '../../api/types/core/pod.ts'

/** The container that a stream is about: the one named, or the only one there is. */
export function chooseContainer(pod: Pod, asked: string | undefined): string {
  const names = pod.spec.containers.map(container => container.name)
  const init = (pod.spec.initContainers ?? []).map(container => container.name)
  const ephemeral = (pod.spec.ephemeralContainers ?? []).map(container => container.name)
  const { name } = pod.metadata
  if (asked === undefined) {
    if (names.length === 1) return names[0]!
    const more = init.length > 0 ? ` or one of the init containers: [${init.join(' ')}]` : ''
    throw badRequest(`a container name must be specified for pod ${name}, choose one of: [${names.join(' ')}]${more}`)
  }
  if ([...names, ...init, ...ephemeral].includes(asked)) return asked
  throw badRequest(`container ${asked} is not valid for pod ${name}`)
}
