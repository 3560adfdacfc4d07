import { type FieldError, forbiddenField, invalid } from '../../../meta/field-error.ts'
import { qosClassOf } from '../../../meta/qos.ts'
import { semanticEqual } from '../../../meta/semantic-equal.ts'
import type { Container } from '../../../types/core/container.ts'
import type { Pod, PodSpec } from '../../../types/core/pod.ts'
import { checkPodSpec } from './pod-spec.ts'

const MIRROR = 'kubernetes.io/config.mirror'
const RESIZABLE: ReadonlySet<string> = new Set(['cpu', 'memory'])

/** The spec that a body of `pods/resize` asks for: of its containers only the resources are taken. */
export function resizedSpec(spec: PodSpec, wanted: PodSpec): PodSpec {
  const resize = (containers: readonly Container[], from: readonly Container[] = []): readonly Container[] =>
    containers.map(container => {
      const { resources } = from.find(c => c.name === container.name) ?? container
      return semanticEqual(resources, container.resources) ? container : { ...container, ...(resources && { resources }) }
    })
  return {
    ...spec,
    containers: resize(spec.containers, wanted.containers),
    ...(spec.initContainers && { initContainers: resize(spec.initContainers, wanted.initContainers) }),
  }
}

/** An update through `pods/resize`, of which everything but resources was dropped before; upstream's rules and words. */
export function validatePodResize(pod: Pod, old: Pod): readonly FieldError[] {
  const errors: FieldError[] = []
  if (old.metadata.annotations?.[MIRROR] !== undefined) return [forbiddenField('', 'static pods cannot be resized')]
  checkPodSpec(pod.spec, true, 'spec', errors)
  const qos = qosClassOf(pod.spec)
  if (qos !== qosClassOf(old.spec)) errors.push(invalid('spec', qos, 'Pod QOS Class may not change as a result of resizing'))
  pod.spec.containers.forEach((container, i) => {
    checkContainer(container, old.spec.containers[i], `spec.containers[${i}].resources`, errors)
  })
  pod.spec.initContainers?.forEach((container, i) => {
    const before = old.spec.initContainers?.[i]
    if (container.restartPolicy === 'Always') checkContainer(container, before, `spec.initContainers[${i}].resources`, errors)
    else if (container !== before) errors.push(forbiddenField('spec', 'only cpu and memory resources for sidecar containers are mutable'))
  })
  return errors
}

function checkContainer(container: Container, old: Container | undefined, path: string, errors: FieldError[]): void {
  for (const part of ['limits', 'requests'] as const) {
    const now = container.resources?.[part] ?? {}
    const before = old?.resources?.[part] ?? {}
    if (Object.keys(before).some(name => now[name] === undefined)) errors.push(forbiddenField(`${path}.${part}`, `resource ${part} cannot be removed`))
    else if (Object.keys(now).some(name => !RESIZABLE.has(name) && !semanticEqual(now[name], before[name]))) {
      errors.push(forbiddenField('spec', 'only cpu and memory resources are mutable'))
    }
  }
}
