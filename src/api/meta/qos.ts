import type { PodSpec } from '../types/core/pod.ts'
import type { ResourceRequirements } from '../types/core/resources.ts'
import { nanoValue } from './quantity.ts'

export type QosClass = 'Guaranteed' | 'Burstable' | 'BestEffort'

const COUNTED = ['cpu', 'memory'] as const

const positive = (text: string | undefined): bigint => {
  if (text === undefined) return 0n
  const value = nanoValue(text)
  return value > 0n ? value : 0n
}

/** A pod's quality of service, by the cpu and memory of all its containers, or of the pod as a whole where it says them. */
export function qosClassOf(spec: PodSpec): QosClass {
  const asked: (ResourceRequirements | undefined)[] =
    spec.resources?.limits || spec.resources?.requests
      ? [spec.resources]
      : [...(spec.containers ?? []), ...(spec.initContainers ?? [])].map(container => container.resources)
  let any = false
  let guaranteed = true
  for (const resources of asked) {
    for (const name of COUNTED) {
      const limit = positive(resources?.limits?.[name])
      const request = resources?.requests?.[name] === undefined ? limit : positive(resources.requests[name])
      if (limit > 0n || request > 0n) any = true
      if (limit === 0n || request !== limit) guaranteed = false
    }
  }
  return !any ? 'BestEffort' : guaranteed ? 'Guaranteed' : 'Burstable'
}
