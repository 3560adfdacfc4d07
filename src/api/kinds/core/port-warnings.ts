import type { ContainerPort } from '../../types/core/container.ts'
import type { PodSpec } from '../../types/core/pod.ts'

interface Placed {
  readonly port: ContainerPort
  readonly at: string
}

/** What whoever writes a pod should know of its ports: those that are the same, or have one name, in any of its containers. */
export function portWarnings(spec: PodSpec, path: string, found: string[]): void {
  if (!hasPorts(spec)) return
  const seen = new Map<string, Placed[]>()
  const named = new Map<string, string>()
  for (const list of ['initContainers', 'containers'] as const) {
    spec[list]?.forEach(({ ports }, i) => {
      ports?.forEach((port, j) => {
        const at = `${path}.${list}[${i}].ports[${j}]`
        ofPort({ port, at }, seen, found)
        if (port.name) ofName(port.name, at, named, found)
      })
    })
  }
}

const hasPorts = ({ containers, initContainers }: PodSpec): boolean =>
  !!containers?.some(({ ports }) => ports?.length) || !!initContainers?.some(({ ports }) => ports?.length)

function ofPort(placed: Placed, seen: Map<string, Placed[]>, found: string[]): void {
  const { port, at } = placed
  if (port.hostIP && !port.hostPort) found.push(`${at}: hostIP set without hostPort: ${port.hostIP}`)
  const key = `${port.containerPort}/${port.protocol}`
  const others = seen.get(key) ?? []
  for (const other of others) {
    const what = clash(port, other.port)
    if (what) found.push(`${at}: ${what} port definition with ${other.at}`)
  }
  seen.set(key, [...others, placed])
}

function clash(one: ContainerPort, other: ContainerPort): string | undefined {
  const [a, b] = [one.hostPort ?? 0, other.hostPort ?? 0]
  if (a === b && (one.hostIP ?? '') === (other.hostIP ?? '')) return 'duplicate'
  if (a === 0 || b === 0) return 'overlapping'
  return a === b && !one.hostIP !== !other.hostIP ? 'dangerously ambiguous' : undefined
}

function ofName(name: string, at: string, named: Map<string, string>, found: string[]): void {
  const other = named.get(name)
  if (other === undefined) named.set(name, at)
  else found.push(`${at}: duplicate port name ${JSON.stringify(name)} with ${other}, services and probes that select ports by name will use ${other}`)
}
