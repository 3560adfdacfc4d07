import { thawed } from '../../../base/freeze.ts'
import type { Draft } from '../../meta/object.ts'
import { qosClassOf } from '../../meta/qos.ts'
import type { PodAffinityTerm } from '../../types/core/affinity.ts'
import type { Container } from '../../types/core/container.ts'
import type { Pod } from '../../types/core/pod.ts'
import type { LabelSelector } from '../../types/meta.ts'

const APPARMOR = 'container.apparmor.security.beta.kubernetes.io/'
const GATED = 'Scheduling is blocked due to non-empty scheduling gates'

/** A new pod waits, has its quality of service, and says it if gates hold it back. */
export function preparePodForCreate(pod: Draft<Pod>): void {
  pod.status = { phase: 'Pending', qosClass: qosClassOf(pod.spec) }
  if (pod.spec.schedulingGates?.length) {
    pod.status.conditions = [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated', message: GATED }]
  }
  if (pod.spec.affinity || pod.spec.topologySpreadConstraints) mergeLabelKeys(pod)
  if (Object.keys(pod.metadata.annotations ?? {}).some(name => name.startsWith(APPARMOR))) takeProfiles(pod)
}

export function preparePodForUpdate(pod: Draft<Pod>, old: Pod): void {
  pod.status = old.status as Draft<Pod>['status']
}

type Keys = readonly string[] | undefined

/** Keys whose values are the pod's own become expressions of the selector, so that who selects need not know the pod. */
function mergeLabelKeys({ spec, metadata }: Draft<Pod>): void {
  if (spec.affinity?.podAffinity || spec.affinity?.podAntiAffinity) spec.affinity = thawed(spec.affinity)
  if (spec.topologySpreadConstraints) spec.topologySpreadConstraints = thawed(spec.topologySpreadConstraints)
  const labels = metadata.labels ?? {}
  const merge = (selector: Draft<LabelSelector> | undefined, keys: Keys, operator: 'In' | 'NotIn'): void => {
    for (const key of keys ?? []) {
      const value = Object.hasOwn(labels, key) ? labels[key] : undefined
      if (selector && value !== undefined) selector.matchExpressions = [...(selector.matchExpressions ?? []), { key, operator, values: [value] }]
    }
  }
  const ofTerm = (term: Draft<PodAffinityTerm>): void => {
    merge(term.labelSelector, term.matchLabelKeys, 'In')
    merge(term.labelSelector, term.mismatchLabelKeys, 'NotIn')
  }
  for (const affinity of [spec.affinity?.podAffinity, spec.affinity?.podAntiAffinity]) {
    affinity?.requiredDuringSchedulingIgnoredDuringExecution?.forEach(ofTerm)
    affinity?.preferredDuringSchedulingIgnoredDuringExecution?.forEach(({ podAffinityTerm }) => {
      ofTerm(podAffinityTerm)
    })
  }
  for (const constraint of spec.topologySpreadConstraints ?? []) merge(constraint.labelSelector, constraint.matchLabelKeys, 'In')
}

/** AppArmor profiles named by annotations, as before there was a field, become fields where none is said. */
function takeProfiles({ spec, metadata }: Draft<Pod>): void {
  const take = (container: Draft<Container>): void => {
    const profile = metadata.annotations?.[`${APPARMOR}${container.name}`]
    if (profile === undefined || container.securityContext?.appArmorProfile) return
    const type =
      profile === 'runtime/default' ? 'RuntimeDefault' : profile === 'unconfined' ? 'Unconfined' : profile.startsWith('localhost/') ? 'Localhost' : ''
    if (!type) return
    container.securityContext ??= {}
    container.securityContext.appArmorProfile = { type, ...(type === 'Localhost' && { localhostProfile: profile.slice('localhost/'.length) }) }
  }
  spec.containers = thawed(spec.containers)
  if (spec.initContainers) spec.initContainers = thawed(spec.initContainers)
  spec.containers?.forEach(take)
  spec.initContainers?.forEach(take)
}
