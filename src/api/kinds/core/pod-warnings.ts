import { addAll } from '../../../base/add-all.ts'
import { repeats } from '../../../base/repeats.ts'
import type { Labels } from '../../meta/labels.ts'
import { dnsLabel } from '../../meta/names.ts'
import type { KubeObject } from '../../meta/object.ts'
import { semanticEqual } from '../../meta/semantic-equal.ts'
import type { Container } from '../../types/core/container.ts'
import type { EnvVar } from '../../types/core/env.ts'
import type { Pod, PodSpec, PodTemplateSpec } from '../../types/core/pod.ts'
import { ipWarnings } from '../address-warnings.ts'
import { oldLabel, termWarnings } from './old-labels.ts'
import { overlappingPaths } from './overlapping-paths.ts'
import { KnownSpecs } from './pod-spec/known-specs.ts'
import { portWarnings } from './port-warnings.ts'
import { claimSpecWarnings, fractionalBytes, OLD_VOLUMES } from './volume-warnings.ts'

/** Annotations that were features before there was a field. */
const OLD_ANNOTATIONS: Readonly<Record<string, string>> = {
  'scheduler.alpha.kubernetes.io/critical-pod': 'non-functional in v1.16+; use the "priorityClassName" field instead',
  'security.alpha.kubernetes.io/sysctls': 'non-functional in v1.11+; use the "sysctls" field instead',
  'security.alpha.kubernetes.io/unsafe-sysctls': 'non-functional in v1.11+; use the "sysctls" field instead',
}
const SECCOMP = 'seccomp.security.alpha.kubernetes.io/pod'
const CONTAINER_SECCOMP = 'container.seccomp.security.alpha.kubernetes.io/'
const CONTAINER_APPARMOR = 'container.apparmor.security.beta.kubernetes.io/'
const USE_SECCOMP = 'non-functional in v1.27+; use the "seccompProfile" field instead'

const OLD_VOLUME_TYPES = Object.keys(OLD_VOLUMES) as (keyof typeof OLD_VOLUMES)[]
const BYTES = ['memory', 'ephemeral-storage']

const containersOf = ({ initContainers, containers }: PodSpec): readonly Container[] => [...(initContainers ?? []), ...(containers ?? [])]

function ofAnnotations(annotations: Labels | undefined, spec: PodSpec, path: string, found: string[]): void {
  if (!annotations) return
  const tell = (key: string, why: string) => {
    if (Object.hasOwn(annotations, key)) found.push(`${path}[${key}]: ${why}`)
  }
  for (const key in OLD_ANNOTATIONS) tell(key, OLD_ANNOTATIONS[key]!)
  if (!spec.securityContext?.seccompProfile) tell(SECCOMP, USE_SECCOMP)
  for (const { name, securityContext } of containersOf(spec)) {
    if (!securityContext?.seccompProfile) tell(`${CONTAINER_SECCOMP}${name}`, USE_SECCOMP)
    if (!securityContext?.appArmorProfile) tell(`${CONTAINER_APPARMOR}${name}`, USE_APPARMOR)
  }
}
const USE_APPARMOR = 'deprecated since v1.30; use the "appArmorProfile" field instead'

function ofPlacement(spec: PodSpec, path: string, found: string[]): void {
  for (const key in spec.nodeSelector) if (oldLabel(key)) found.push(`${path}.nodeSelector[${key}]: ${oldLabel(key)}`)
  const affinity = spec.affinity?.nodeAffinity
  const required = 'requiredDuringSchedulingIgnoredDuringExecution'
  const preferred = 'preferredDuringSchedulingIgnoredDuringExecution'
  affinity?.[required]?.nodeSelectorTerms?.forEach((term, i) => {
    addAll(found, termWarnings(term, `${path}.affinity.nodeAffinity.${required}.nodeSelectorTerms[${i}]`))
  })
  affinity?.[preferred]?.forEach((term, i) => {
    addAll(found, termWarnings(term.preference, `${path}.affinity.nodeAffinity.${preferred}[${i}].preference`, true))
  })
  spec.topologySpreadConstraints?.forEach(({ topologyKey, labelSelector }, i) => {
    const at = `${path}.topologySpreadConstraints[${i}]`
    if (oldLabel(topologyKey)) found.push(`${at}.topologyKey: ${topologyKey} is ${oldLabel(topologyKey)}`)
    if (!labelSelector) found.push(`${at}.labelSelector: ${NO_POD}`)
  })
}

const NO_POD = 'a null labelSelector results in matching no pod'

function ofPodAffinity(spec: PodSpec, path: string, found: string[]): void {
  for (const side of ['podAffinity', 'podAntiAffinity'] as const) {
    const affinity = spec.affinity?.[side]
    const at = `${path}.affinity.${side}`
    affinity?.requiredDuringSchedulingIgnoredDuringExecution?.forEach(({ labelSelector }, i) => {
      if (!labelSelector) found.push(`${at}.requiredDuringSchedulingIgnoredDuringExecution[${i}].labelSelector: ${NO_POD}`)
    })
    affinity?.preferredDuringSchedulingIgnoredDuringExecution?.forEach(({ podAffinityTerm }, i) => {
      if (podAffinityTerm.labelSelector) return
      found.push(`${at}.preferredDuringSchedulingIgnoredDuringExecution[${i}].podAffinityTerm.labelSelector: ${NO_POD}`)
    })
  }
}

function ofEnv(env: readonly EnvVar[] | undefined, path: string, found: string[]): void {
  if (!env || env.length < 2) return
  const seen = new Map<string, EnvVar>()
  env.forEach((variable, i) => {
    const before = seen.get(variable.name)
    // A value that is made from the one before is a way to extend it.
    if (before && !variable.value?.includes(`$(${variable.name})`)) {
      found.push(`${path}.env[${i}]: hides previous definition of ${JSON.stringify(variable.name)}, which may be dropped when using apply`)
    }
    seen.set(variable.name, variable)
  })
}

function ofContainer(container: Container, path: string, found: string[]): void {
  for (const kind of ['limits', 'requests'] as const) {
    addAll(found, fractionalBytes(container.resources?.[kind], BYTES, `${path}.resources.${kind}`))
  }
  ofEnv(container.env, path, found)
}

function ofSpec(spec: PodSpec, path: string, found: string[]): void {
  ofPlacement(spec, path, found)
  spec.volumes?.forEach((volume, i) => {
    const at = `${path}.volumes[${i}]`
    for (const type of OLD_VOLUME_TYPES) if (volume[type]) found.push(`${at}.${OLD_VOLUMES[type][0]}: ${OLD_VOLUMES[type][1]}`)
    const claim = volume.ephemeral?.volumeClaimTemplate?.spec
    if (claim) addAll(found, claimSpecWarnings(claim, `${at}.ephemeral.volumeClaimTemplate.spec`))
  })
  for (const volume of spec.volumes ?? []) addAll(found, overlappingPaths(volume))
  const aliases = spec.hostAliases ?? []
  for (const i of repeats(aliases, ({ ip }) => ip)) found.push(`${path}.hostAliases[${i}].ip: duplicate ip ${JSON.stringify(aliases[i]!.ip)}`)
  const sameSecret = repeats(spec.imagePullSecrets ?? [], ({ name = '' }) => name)
  spec.imagePullSecrets?.forEach(({ name = '' }, i) => {
    const at = `${path}.imagePullSecrets[${i}].name`
    if (sameSecret.has(i)) found.push(`${at}: duplicate name ${JSON.stringify(name)}`)
    if (name === '') found.push(`${at}: invalid empty name ""`)
  })
  addAll(found, fractionalBytes(spec.overhead, BYTES, `${path}.overhead`))
  for (const list of ['initContainers', 'containers'] as const) {
    spec[list]?.forEach((container, i) => {
      ofContainer(container, `${path}.${list}[${i}]`, found)
    })
  }
  portWarnings(spec, path, found)
  if ((spec.terminationGracePeriodSeconds ?? 0) < 0) {
    found.push(`${path}.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1`)
  }
  ofPodAffinity(spec, path, found)
  spec.dnsConfig?.nameservers?.forEach((server, i) => {
    addAll(found, ipWarnings(`${path}.dnsConfig.nameservers[${i}]`, server))
  })
  spec.hostAliases?.forEach(({ ip }, i) => {
    addAll(found, ipWarnings(`${path}.hostAliases[${i}].ip`, ip))
  })
}

/** What whoever writes a template should know; nothing for one that an update leaves as it is. */
export function podTemplateWarnings({ metadata, spec }: PodTemplateSpec, before: PodTemplateSpec | undefined, path: string): readonly string[] {
  const found: string[] = []
  if (!spec || (before && semanticEqual({ metadata, spec }, { metadata: before.metadata, spec: before.spec }))) return found
  ofAnnotations(metadata?.annotations, spec, `${path}.metadata.annotations`, found)
  ofSpec(spec, `${path}.spec`, found)
  return found
}

/** What whoever writes a pod should know; nothing for a spec that an update leaves as it is. */
export function podWarnings({ metadata, spec }: Pod, before: Pod | undefined): readonly string[] {
  const found: string[] = []
  if (before && semanticEqual(spec, before.spec)) return found
  ofAnnotations(metadata.annotations, spec, 'metadata.annotations', found)
  // The profile that an annotation names was taken over into its field.
  for (const { name } of before ? [] : containersOf(spec)) {
    const key = `${CONTAINER_APPARMOR}${name}`
    const text = `metadata.annotations[${key}]: ${USE_APPARMOR}`
    if (metadata.annotations && Object.hasOwn(metadata.annotations, key) && !found.includes(text)) found.push(text)
  }
  if (unremarkable.has(spec)) {
    ofPlacement(spec, 'spec', found)
    ofPodAffinity(spec, 'spec', found)
  } else {
    const others = found.length
    ofSpec(spec, 'spec', found)
    if (found.length === others) unremarkable.add(spec)
  }
  return found
}

const unremarkable = new KnownSpecs()

const NOT_A_LABEL = 'metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended: '

/** What whoever creates a set of pods should know of its name, which goes into those of the pods. */
export function podNameWarnings({ metadata }: KubeObject, old: KubeObject | undefined): readonly string[] {
  const wrong = old ? [] : dnsLabel(metadata.name)
  return wrong.length > 0 ? [`${NOT_A_LABEL}[${wrong.join(' ')}]`] : []
}
