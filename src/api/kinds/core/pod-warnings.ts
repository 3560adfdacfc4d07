import type { Labels } from '../../meta/labels.ts'
import { labelValue } from '../../meta/names.ts'
import { isQuantity, nanoValue } from '../../meta/quantity.ts'
import { semanticEqual } from '../../meta/semantic-equal.ts'
import type { Container } from '../../types/core/container.ts'
import type { EnvVar } from '../../types/core/env.ts'
import type { Pod, PodSpec, PodTemplateSpec } from '../../types/core/pod.ts'
import type { Volume } from '../../types/core/volume.ts'
import { portWarnings } from './port-warnings.ts'

/** Labels of nodes that have new names. */
const OLD_LABELS: Readonly<Record<string, string>> = {
  'beta.kubernetes.io/arch': 'deprecated since v1.14; use "kubernetes.io/arch" instead',
  'beta.kubernetes.io/os': 'deprecated since v1.14; use "kubernetes.io/os" instead',
  'failure-domain.beta.kubernetes.io/region': 'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
  'failure-domain.beta.kubernetes.io/zone': 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
  'beta.kubernetes.io/instance-type': 'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
  'app.kubernetes.io/created-by': 'deprecated since v1.9',
  'scheduler.alpha.kubernetes.io/preferAvoidPods': 'deprecated since v1.22; use Taints and Tolerations instead',
  'node-role.kubernetes.io/master': 'use "node-role.kubernetes.io/control-plane" instead',
}
const old = (label: string): string | undefined => (Object.hasOwn(OLD_LABELS, label) ? OLD_LABELS[label] : undefined)

/** Annotations that were features before there was a field. */
const OLD_ANNOTATIONS: readonly (readonly [prefix: string, why: string])[] = [
  ['scheduler.alpha.kubernetes.io/critical-pod', 'non-functional in v1.16+; use the "priorityClassName" field instead'],
  ['seccomp.security.alpha.kubernetes.io/pod', 'non-functional in v1.27+; use the "seccompProfile" field instead'],
  ['container.seccomp.security.alpha.kubernetes.io/', 'non-functional in v1.27+; use the "seccompProfile" field instead'],
  ['container.apparmor.security.beta.kubernetes.io/', 'deprecated since v1.30; use the "appArmorProfile" field instead'],
  ['security.alpha.kubernetes.io/sysctls', 'non-functional in v1.11+; use the "sysctls" field instead'],
  ['security.alpha.kubernetes.io/unsafe-sysctls', 'non-functional in v1.11+; use the "sysctls" field instead'],
]

const OLD_VOLUMES: Readonly<Partial<Record<keyof Volume, string>>> = {
  gitRepo: 'deprecated in v1.11, and disabled by default in v1.33+',
  photonPersistentDisk: 'deprecated in v1.11, non-functional in v1.16+',
  scaleIO: 'deprecated in v1.16, non-functional in v1.22+',
  flocker: 'deprecated in v1.22, non-functional in v1.25+',
  storageos: 'deprecated in v1.22, non-functional in v1.25+',
  quobyte: 'deprecated in v1.22, non-functional in v1.25+',
  glusterfs: 'deprecated in v1.25, non-functional in v1.26+',
  cephfs: 'deprecated in v1.28, non-functional in v1.31+',
  rbd: 'deprecated in v1.28, non-functional in v1.31+',
}
const OLD_VOLUME_TYPES = Object.keys(OLD_VOLUMES) as (keyof Volume)[]

function ofAnnotations(annotations: Labels | undefined, path: string, found: string[]): void {
  for (const key in annotations) {
    for (const [prefix, why] of OLD_ANNOTATIONS) {
      if (prefix.endsWith('/') ? key.startsWith(prefix) : key === prefix) found.push(`${path}[${key}]: ${why}`)
    }
  }
}

function ofPlacement(spec: PodSpec, path: string, found: string[]): void {
  for (const key in spec.nodeSelector) if (old(key)) found.push(`${path}.nodeSelector[${key}]: ${old(key)}`)
  const affinity = spec.affinity?.nodeAffinity
  const required = 'requiredDuringSchedulingIgnoredDuringExecution'
  const preferred = 'preferredDuringSchedulingIgnoredDuringExecution'
  affinity?.[required]?.nodeSelectorTerms?.forEach((term, i) => {
    term.matchExpressions?.forEach(({ key }, j) => {
      if (old(key)) found.push(`${path}.affinity.nodeAffinity.${required}.nodeSelectorTerms[${i}].matchExpressions[${j}].key: ${key} is ${old(key)}`)
    })
  })
  affinity?.[preferred]?.forEach((term, i) => {
    term.preference.matchExpressions?.forEach(({ key, values }, j) => {
      const at = `${path}.affinity.nodeAffinity.${preferred}[${i}].preference.matchExpressions[${j}]`
      if (old(key)) found.push(`${at}.key: ${key} is ${old(key)}`)
      values?.forEach((value, k) => {
        for (const why of labelValue(value)) found.push(`${at}.values[${k}]: ${value} is invalid, ${why}`)
      })
    })
  })
  spec.topologySpreadConstraints?.forEach(({ topologyKey, labelSelector }, i) => {
    const at = `${path}.topologySpreadConstraints[${i}]`
    if (old(topologyKey)) found.push(`${at}.topologyKey: ${topologyKey} is ${old(topologyKey)}`)
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
    const amounts = container.resources?.[kind]
    for (const name of ['memory', 'ephemeral-storage']) {
      const amount = amounts?.[name]
      if (amount !== undefined && isQuantity(amount) && nanoValue(amount) % 1_000_000_000n !== 0n) {
        found.push(`${path}.resources.${kind}[${name}]: fractional byte value ${JSON.stringify(amount)} is invalid, must be an integer`)
      }
    }
  }
  ofEnv(container.env, path, found)
}

function ofSpec(spec: PodSpec, path: string, found: string[]): void {
  ofPlacement(spec, path, found)
  spec.volumes?.forEach((volume, i) => {
    for (const type of OLD_VOLUME_TYPES) if (volume[type]) found.push(`${path}.volumes[${i}].${type}: ${OLD_VOLUMES[type]}`)
    if (volume.projected?.sources?.some(source => Object.keys(source).length === 0)) {
      found.push(`volume ${JSON.stringify(volume.name)} (Projected) has no sources provided`)
    }
  })
  spec.imagePullSecrets?.forEach(({ name = '' }, i, all) => {
    if (name === '') found.push(`${path}.imagePullSecrets[${i}].name: invalid empty name ""`)
    else if (all.findIndex(s => s.name === name) < i) found.push(`${path}.imagePullSecrets[${i}].name: duplicate name ${JSON.stringify(name)}`)
  })
  spec.hostAliases?.forEach(({ ip }, i, all) => {
    if (all.findIndex(a => a.ip === ip) < i) found.push(`${path}.hostAliases[${i}].ip: duplicate ip ${JSON.stringify(ip)}`)
  })
  if ((spec.terminationGracePeriodSeconds ?? 0) < 0) {
    found.push(`${path}.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1`)
  }
  for (const list of ['initContainers', 'containers'] as const) {
    spec[list]?.forEach((container, i) => {
      ofContainer(container, `${path}.${list}[${i}]`, found)
    })
  }
  portWarnings(spec, path, found)
  ofPodAffinity(spec, path, found)
}

/** What whoever writes a template should know; nothing for one that an update leaves as it is. */
export function podTemplateWarnings(template: PodTemplateSpec, before: PodTemplateSpec | undefined, path: string): readonly string[] {
  const found: string[] = []
  if (before && semanticEqual(template, before)) return found
  ofAnnotations(template.metadata?.annotations, `${path}.metadata.annotations`, found)
  if (template.spec) ofSpec(template.spec, `${path}.spec`, found)
  return found
}

/** What whoever writes a pod should know; nothing for a spec that an update leaves as it is. */
export function podWarnings(pod: Pod, before: Pod | undefined): readonly string[] {
  const found: string[] = []
  if (before && semanticEqual(pod.spec, before.spec)) return found
  ofAnnotations(pod.metadata.annotations, 'metadata.annotations', found)
  ofSpec(pod.spec, 'spec', found)
  return found
}
