import { thawed } from '../../../base/freeze.ts'
import type { Draft } from '../../meta/object.ts'
import { addQuantities, canonicalQuantity, nanoValue, quantityFromMilli } from '../../meta/quantity.ts'
import type { Container, EphemeralContainer } from '../../types/core/container.ts'
import type { Pod, PodSpec } from '../../types/core/pod.ts'

type Quantities = Record<string, string>
const TENTH_OF_PERCENT = 1_000_000n

/**
 * Whether an image names its newest version: by the tag `latest`, or by neither tag nor digest. A reference that cannot be
 * one does not.
 */
export function isLatest(image: string): boolean {
  if (image === '' || image.includes('@')) return false
  const name = image.slice(image.lastIndexOf('/') + 1)
  const colon = name.indexOf(':')
  return colon < 0 || name.slice(colon + 1) === 'latest'
}

/** What depends on other fields in a pod's or a template's spec; what does not is in the schema. */
export function defaultPodSpec(spec: Draft<PodSpec>): void {
  // Two names of one field: whoever reads the old one finds it.
  const account = spec.serviceAccountName || spec.serviceAccount
  if (account) {
    spec.serviceAccountName = account
    spec.serviceAccount = account
  }
  for (const container of spec.containers ?? []) defaultContainer(container)
  for (const container of spec.initContainers ?? []) defaultContainer(container)
  for (const container of spec.ephemeralContainers ?? []) defaultContainer(container)
  for (const volume of spec.volumes ?? []) {
    // Its name is all that a volume without a source has.
    if (Object.keys(volume).length <= 1) volume.emptyDir = {}
    if (volume.image && !volume.image.pullPolicy) volume.image.pullPolicy = isLatest(volume.image.reference ?? '') ? 'Always' : 'IfNotPresent'
  }
}

function defaultContainer(container: Draft<Container> | Draft<EphemeralContainer>): void {
  if (!container.imagePullPolicy) container.imagePullPolicy = isLatest(container.image ?? '') ? 'Always' : 'IfNotPresent'
  const { resources } = container
  if (resources?.limits) roundUp(resources.limits)
  if (resources?.requests) roundUp(resources.requests)
}

/** Quantities of a resource are kept in thousandths. */
function roundUp(quantities: Quantities): void {
  for (const name in quantities) {
    const text = quantities[name] as string
    if ((text.endsWith('n') || text.endsWith('u')) && canonicalQuantity(text) && nanoValue(text) % TENTH_OF_PERCENT !== 0n) {
      quantities[name] = quantityFromMilli(Number(nanoValue(text)) / 1e6)
    }
  }
}

/** What only pods get: their templates leave it to the pod made of them. */
export function defaultPod(pod: Draft<Pod>): void {
  const { spec } = pod
  defaultPodSpec(spec)
  spec.enableServiceLinks ??= true
  if (spec.hostNetwork) openHostPorts(spec)
  for (const container of spec.containers ?? []) defaultOfPod(container)
  for (const container of spec.initContainers ?? []) defaultOfPod(container)
  defaultPodRequests(spec)
}

function defaultOfPod(container: Draft<Container>): void {
  const limits = container.resources?.limits
  if (limits && container.resources) {
    for (const name in limits) {
      if (container.resources.requests?.[name] !== undefined) continue
      container.resources.requests ??= {}
      container.resources.requests[name] = limits[name] as string
    }
  }
}

/** On the host's network a port of a container is one of the host. */
function openHostPorts(spec: Draft<PodSpec>): void {
  for (const part of ['containers', 'initContainers'] as const) {
    if (!spec[part]?.some(container => container.ports?.some(port => !port.hostPort))) continue
    spec[part] = thawed(spec[part])
    for (const container of spec[part]) for (const port of container.ports ?? []) port.hostPort ||= port.containerPort
  }
}

/** Requests of the pod as a whole: what its containers ask for together, or else its limits. */
function defaultPodRequests(spec: Draft<PodSpec>): void {
  const limits = spec.resources?.limits
  if (!limits || !spec.resources) return
  for (const name in limits) {
    if (spec.resources.requests && Object.hasOwn(spec.resources.requests, name)) continue
    let total: string | undefined
    for (const container of spec.containers ?? []) {
      const requests = container.resources?.requests
      const request = requests && Object.hasOwn(requests, name) ? requests[name] : undefined
      if (request !== undefined) total = total === undefined ? request : addQuantities(total, request)
    }
    spec.resources.requests ??= {}
    spec.resources.requests[name] = total ?? (limits[name] as string)
  }
}
