import { repeats } from '../../../../base/repeats.ts'
import { duplicate, type FieldError, forbiddenField, invalid, required } from '../../../meta/field-error.ts'
import type { Labels } from '../../../meta/labels.ts'
import { dnsLabel, dnsSubdomain, qualifiedName } from '../../../meta/names.ts'
import { checkAnnotations, checkLabels, report } from '../../../meta/object-meta.ts'
import type { PodSpec, PodTemplateSpec } from '../../../types/core/pod.ts'
import { checkChoice, checkOptionalChoice } from '../../choice.ts'
import { checkAffinity, checkTopologySpread } from './affinity.ts'
import { checkContainers, checkEphemeralContainers, checkInitContainers, type PodContext } from './containers.ts'
import { checkDNS, checkHostAliases } from './network.ts'
import { checkHostNetworkPorts } from './ports.ts'
import { checkAmount, checkResources } from './resources.ts'
import { checkPodSecurity } from './security.ts'
import { checkTolerations } from './tolerations.ts'
import { checkVolumes } from './volumes.ts'
import { checkHostProcesses } from './windows.ts'

const RESTART_POLICIES = ['Always', 'OnFailure', 'Never']
const DNS_POLICIES = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None']
const MAX_INT32 = 2 ** 31 - 1
const NO_CLAIMS: ReadonlySet<string> = new Set()
const DEFAULT_GRACE = 30

/** All that is wrong with the spec of a pod (`isPod`) or of a template for pods. */
export function checkPodSpec(spec: PodSpec, isPod: boolean, path: string, errors: FieldError[]): void {
  const pod: PodContext = {
    spec,
    volumes: checkVolumes(spec.volumes, isPod, `${path}.volumes`, errors),
    claims: spec.resourceClaims ? new Set(spec.resourceClaims.map(c => c.name)) : NO_CLAIMS,
    grace: spec.terminationGracePeriodSeconds ?? DEFAULT_GRACE,
  }
  checkClaims(spec, `${path}.resourceClaims`, errors)
  const names = checkContainers(pod, `${path}.containers`, errors)
  const all = checkInitContainers(pod, names, `${path}.initContainers`, errors)
  checkEphemeralContainers(pod, all, `${path}.ephemeralContainers`, errors)
  checkResources(spec.resources, pod.claims, `${path}.resources`, errors)
  if (spec.hostNetwork) {
    checkHostNetworkPorts(spec.containers ?? [], `${path}.containers`, isPod, errors)
    if (spec.initContainers) checkHostNetworkPorts(spec.initContainers, `${path}.initContainers`, isPod, errors)
  }
  checkChoice(spec.restartPolicy, RESTART_POLICIES, `${path}.restartPolicy`, errors)
  checkChoice(spec.dnsPolicy, DNS_POLICIES, `${path}.dnsPolicy`, errors)
  checkLabels(spec.nodeSelector, `${path}.nodeSelector`, errors)
  checkPodSecurity(spec, path, errors)
  checkPlacement(spec, path, errors)
  checkDNS(spec, `${path}.dnsConfig`, errors)
  checkGates(spec, path, errors)
  checkTopologySpread(spec.topologySpreadConstraints, `${path}.topologySpreadConstraints`, errors)
  checkNames(spec, path, errors)
  const deadline = spec.activeDeadlineSeconds
  if (deadline != null && (deadline < 1 || deadline > MAX_INT32)) {
    errors.push(invalid(`${path}.activeDeadlineSeconds`, deadline, `must be between 1 and ${MAX_INT32}, inclusive`))
  }
  checkTolerations(spec.tolerations, `${path}.tolerations`, errors)
  checkHostAliases(spec.hostAliases, `${path}.hostAliases`, errors)
  checkOptionalChoice(spec.preemptionPolicy, ['PreemptLowerPriority', 'Never'], `${path}.preemptionPolicy`, errors)
  for (const name in spec.overhead) checkAmount(name, spec.overhead[name] as string, `${path}.overhead[${name}]`, errors)
  if (spec.os) checkOS(spec, path, errors)
  checkHostProcesses(spec, path, errors)
}

/** What is wrong with where a pod is to be. */
export function checkPlacement(spec: PodSpec, path: string, errors: FieldError[]): void {
  checkAffinity(spec.affinity, `${path}.affinity`, errors)
  if (spec.nodeName) report(errors, `${path}.nodeName`, spec.nodeName, dnsSubdomain(spec.nodeName))
}

function checkNames(spec: PodSpec, path: string, errors: FieldError[]): void {
  if (spec.serviceAccountName) report(errors, `${path}.serviceAccountName`, spec.serviceAccountName, dnsSubdomain(spec.serviceAccountName))
  if (spec.hostname) report(errors, `${path}.hostname`, spec.hostname, dnsLabel(spec.hostname))
  if (spec.subdomain) report(errors, `${path}.subdomain`, spec.subdomain, dnsLabel(spec.subdomain))
  if (spec.hostnameOverride != null) {
    report(errors, `${path}.hostnameOverride`, spec.hostnameOverride, dnsSubdomain(spec.hostnameOverride))
    if (spec.hostnameOverride.length > 64) errors.push(invalid(`${path}.hostnameOverride`, spec.hostnameOverride, 'must be no more than 64 characters'))
    if (spec.hostNetwork) errors.push(forbiddenField(`${path}.hostnameOverride`, 'may not be specified when hostNetwork is true'))
    if (spec.setHostnameAsFQDN) errors.push(forbiddenField(`${path}.hostnameOverride`, 'may not be specified when setHostnameAsFQDN is true'))
  }
  if (spec.priorityClassName) report(errors, `${path}.priorityClassName`, spec.priorityClassName, dnsSubdomain(spec.priorityClassName))
  if (spec.runtimeClassName != null) report(errors, `${path}.runtimeClassName`, spec.runtimeClassName, dnsSubdomain(spec.runtimeClassName))
}

function checkGates(spec: PodSpec, path: string, errors: FieldError[]): void {
  spec.readinessGates?.forEach(({ conditionType }, i) => {
    report(errors, `${path}.readinessGates[${i}].conditionType`, conditionType, qualifiedName(conditionType))
  })
  const again = repeats(spec.schedulingGates ?? [], ({ name }) => name)
  spec.schedulingGates?.forEach(({ name }, i) => {
    const at = `${path}.schedulingGates[${i}]`
    report(errors, at, name, qualifiedName(name))
    if (again.has(i)) errors.push(duplicate(at, name))
  })
}

function checkClaims(spec: PodSpec, path: string, errors: FieldError[]): void {
  const again = repeats(spec.resourceClaims ?? [], ({ name }) => name)
  spec.resourceClaims?.forEach((claim, i) => {
    const at = `${path}[${i}]`
    if (!claim.name) errors.push(required(`${at}.name`))
    else report(errors, `${at}.name`, claim.name, dnsLabel(claim.name))
    if (again.has(i)) errors.push(duplicate(`${at}.name`, claim.name))
    if (claim.resourceClaimName != null && claim.resourceClaimTemplateName != null) {
      errors.push(invalid(at, claim, 'at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified'))
    } else if (claim.resourceClaimName == null && claim.resourceClaimTemplateName == null) {
      errors.push(invalid(at, claim, 'must specify one of: `resourceClaimName`, `resourceClaimTemplateName`'))
    }
  })
}

const LINUX_ONLY = ['hostPID', 'hostIPC', 'hostUsers', 'shareProcessNamespace'] as const
const LINUX_ONLY_CONTEXT = [
  'seLinuxOptions',
  'seccompProfile',
  'fsGroup',
  'fsGroupChangePolicy',
  'sysctls',
  'runAsUser',
  'runAsGroup',
  'supplementalGroups',
  'supplementalGroupsPolicy',
] as const
const LINUX_ONLY_CONTAINER = [
  'seLinuxOptions',
  'seccompProfile',
  'capabilities',
  'readOnlyRootFilesystem',
  'privileged',
  'allowPrivilegeEscalation',
  'procMount',
  'runAsUser',
  'runAsGroup',
] as const

/** A pod that names its system may not ask for what only the other one has. */
function checkOS(spec: PodSpec, path: string, errors: FieldError[]): void {
  const name = spec.os?.name
  checkChoice(name, ['linux', 'windows'], name ? `${path}.os` : `${path}.os.name`, errors)
  const containers = (['containers', 'initContainers', 'ephemeralContainers'] as const).flatMap(list =>
    (spec[list] ?? []).map((container, i) => ({ context: container.securityContext, at: `${path}.${list}[${i}].securityContext` })),
  )
  if (name === 'linux') {
    const refuse = (at: string) => errors.push(forbiddenField(`${at}.windowsOptions`, 'windows options cannot be set for a linux pod'))
    if (spec.securityContext?.windowsOptions) refuse(`${path}.securityContext`)
    for (const { context, at } of containers) if (context?.windowsOptions) refuse(at)
  } else if (name === 'windows') {
    const refuse = (at: string) => errors.push(forbiddenField(at, 'cannot be set for a windows pod'))
    for (const field of LINUX_ONLY) if (spec[field] != null) refuse(`${path}.${field}`)
    for (const field of LINUX_ONLY_CONTEXT) if (spec.securityContext?.[field] != null) refuse(`${path}.securityContext.${field}`)
    for (const { context, at } of containers) for (const field of LINUX_ONLY_CONTAINER) if (context?.[field] != null) refuse(`${at}.${field}`)
  }
}

const SAFE_TO_EVICT_COST = 'controller.kubernetes.io/pod-deletion-cost'

/** Annotations that mean something to the system and must be readable. */
export function checkPodAnnotations(annotations: Labels | undefined, path: string, errors: FieldError[]): void {
  const cost = annotations?.[SAFE_TO_EVICT_COST]
  if (cost === undefined) return
  const value = /^(?:0|-?[1-9][0-9]{0,9})$/.test(cost) ? Number(cost) : Number.NaN
  if (!(value >= -(2 ** 31) && value <= MAX_INT32)) errors.push(invalid(`${path}[${SAFE_TO_EVICT_COST}]`, cost, 'must be a 32bit integer'))
}

/** All that is wrong with a template; what belongs to its metadata is told at `path.labels`, as upstream does. */
export function checkPodTemplate(template: PodTemplateSpec, path: string, errors: FieldError[]): void {
  checkLabels(template.metadata?.labels, `${path}.labels`, errors)
  checkAnnotations(template.metadata?.annotations, `${path}.annotations`, errors)
  checkPodAnnotations(template.metadata?.annotations, `${path}.annotations`, errors)
  const spec = template.spec ?? NO_SPEC
  checkPodSpec(spec, false, `${path}.spec`, errors)
  if (spec.ephemeralContainers?.length) {
    errors.push(forbiddenField(`${path}.spec.ephemeralContainers`, 'ephemeral containers not allowed in pod template'))
  }
}
const NO_SPEC: PodSpec = { containers: [] }
