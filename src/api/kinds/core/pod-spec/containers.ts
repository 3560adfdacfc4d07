import { repeats } from '../../../../base/repeats.ts'
import { duplicate, type FieldError, forbiddenField, invalid, notSupported, required } from '../../../meta/field-error.ts'
import { dnsLabel } from '../../../meta/names.ts'
import { report } from '../../../meta/object-meta.ts'
import type { Container, ContainerRestartRule, EphemeralContainer } from '../../../types/core/container.ts'
import type { PodSpec } from '../../../types/core/pod.ts'
import type { Volume } from '../../../types/core/volume.ts'
import { checkChoice, checkOptionalChoice } from '../../choice.ts'
import { checkEnv, checkEnvFrom } from './env.ts'
import { checkVolumeDevices, checkVolumeMounts } from './mounts.ts'
import { checkContainerPorts, checkHostPortConflicts } from './ports.ts'
import { checkHandler, checkProbe, type ProbeName } from './probes.ts'
import { checkResources } from './resources.ts'
import { checkSecurityContext } from './security.ts'

const PULL_POLICIES = ['Always', 'IfNotPresent', 'Never']
const MESSAGE_POLICIES = ['FallbackToLogsOnError', 'File']
const RESTART_POLICIES = ['Always', 'Never', 'OnFailure']
const PROBES: readonly ProbeName[] = ['livenessProbe', 'readinessProbe', 'startupProbe']
const MAX_RULES = 20
const MAX_EXIT_CODES = 255

/** What the containers of one pod share. */
export interface PodContext {
  readonly spec: PodSpec
  readonly volumes: ReadonlyMap<string, Volume>
  readonly claims: ReadonlySet<string>
  readonly grace: number
}

function checkCommon(container: Container, pod: PodContext, path: string, errors: FieldError[]): void {
  if (!container.name) errors.push(required(`${path}.name`))
  else report(errors, `${path}.name`, container.name, dnsLabel(container.name))
  if (!container.image) errors.push(required(`${path}.image`))
  else if (container.image.trim().length !== container.image.length) {
    errors.push(invalid(`${path}.image`, container.image, 'must not have leading or trailing whitespace'))
  }
  checkChoice(container.terminationMessagePolicy, MESSAGE_POLICIES, `${path}.terminationMessagePolicy`, errors)
  checkContainerPorts(container.ports, path, errors)
  checkEnv(container.env, `${path}.env`, errors)
  checkEnvFrom(container.envFrom, `${path}.envFrom`, errors)
  checkVolumeMounts(container, pod.volumes, `${path}.volumeMounts`, errors)
  checkVolumeDevices(container.volumeDevices, pod.volumes, `${path}.volumeDevices`, errors)
  checkChoice(container.imagePullPolicy, PULL_POLICIES, `${path}.imagePullPolicy`, errors)
  checkResources(container.resources, pod.claims, `${path}.resources`, errors)
  checkSecurityContext(container.securityContext, pod.spec.hostUsers !== false, `${path}.securityContext`, errors)
  if (container.restartPolicy != null || container.restartPolicyRules) checkRestart(container, path, errors)
  const samePolicy = repeats(container.resizePolicy ?? [], ({ resourceName }) => resourceName)
  container.resizePolicy?.forEach(({ resourceName, restartPolicy }, i) => {
    if (samePolicy.has(i)) errors.push(duplicate(`${path}.resizePolicy[${i}].resourceName`, resourceName))
    checkChoice(resourceName, ['cpu', 'memory'], `${path}.resizePolicy[${i}].resourceName`, errors)
    checkChoice(restartPolicy, ['NotRequired', 'RestartContainer'], `${path}.resizePolicy[${i}].restartPolicy`, errors)
  })
}

function checkRestart(container: Container, path: string, errors: FieldError[]): void {
  checkOptionalChoice(container.restartPolicy, RESTART_POLICIES, `${path}.restartPolicy`, errors)
  const rules = container.restartPolicyRules
  if (!rules || rules.length === 0) return
  if (container.restartPolicy == null) errors.push(required(`${path}.restartPolicy`, 'must specify restartPolicy when restart rules are used'))
  if (rules.length > MAX_RULES) {
    errors.push({ type: 'FieldValueTooLong', field: `${path}.restartPolicyRules`, message: `Too long: may not have more than ${MAX_RULES} items` })
  }
  rules.forEach((rule, i) => {
    checkRule(rule, `${path}.restartPolicyRules[${i}]`, errors)
  })
}

function checkRule(rule: ContainerRestartRule, path: string, errors: FieldError[]): void {
  checkChoice(rule.action, ['Restart', 'RestartAllContainers'], `${path}.action`, errors)
  if (!rule.exitCodes) {
    errors.push(required(`${path}.exitCodes`, 'must be specified'))
    return
  }
  checkChoice(rule.exitCodes.operator, ['In', 'NotIn'], `${path}.exitCodes.operator`, errors)
  if ((rule.exitCodes.values ?? []).length > MAX_EXIT_CODES) {
    errors.push({ type: 'FieldValueTooLong', field: `${path}.exitCodes.values`, message: `Too long: may not have more than ${MAX_EXIT_CODES} items` })
  }
}

function checkHooks(container: Container, pod: PodContext, path: string, errors: FieldError[]): void {
  const { lifecycle } = container
  if (lifecycle?.postStart) checkHandler(lifecycle.postStart, pod.grace, `${path}.lifecycle.postStart`, errors)
  if (lifecycle?.preStop) checkHandler(lifecycle.preStop, pod.grace, `${path}.lifecycle.preStop`, errors)
  if (lifecycle?.stopSignal != null) checkStopSignal(lifecycle.stopSignal, pod, `${path}.lifecycle.stopSignal`, errors)
  for (const probe of PROBES) checkProbe(container[probe], probe, path, pod.grace, errors)
}

function checkStopSignal(signal: string, pod: PodContext, path: string, errors: FieldError[]): void {
  if (!pod.spec.os?.name) errors.push(forbiddenField(path, 'may not be set for containers with empty `spec.os.name`'))
  else if (pod.spec.os.name === 'windows' && signal !== 'SIGTERM' && signal !== 'SIGKILL') {
    errors.push(notSupported(path, signal, ['SIGKILL', 'SIGTERM']))
  } else if (!signal.startsWith('SIG')) errors.push(invalid(path, signal, 'must be the name of a signal, like SIGTERM'))
}

export function checkContainers(pod: PodContext, path: string, errors: FieldError[]): ReadonlySet<string> {
  const names = new Set<string>()
  const containers = pod.spec.containers ?? []
  if (containers.length === 0) errors.push(required(path))
  for (let i = 0; i < containers.length; i++) {
    const container = containers[i] as Container
    const at = `${path}[${i}]`
    checkCommon(container, pod, at, errors)
    if (names.has(container.name)) errors.push(duplicate(`${at}.name`, container.name))
    else names.add(container.name)
    checkHooks(container, pod, at, errors)
  }
  checkHostPortConflicts(containers, path, errors)
  return names
}

/** Init containers; those that restart are sidecars and may have what ordinary containers have. `names` are taken already. */
export function checkInitContainers(pod: PodContext, taken: ReadonlySet<string>, path: string, errors: FieldError[]): ReadonlySet<string> {
  const containers = pod.spec.initContainers
  if (!containers || containers.length === 0) return taken
  const names = new Set(taken)
  for (let i = 0; i < containers.length; i++) {
    const container = containers[i] as Container
    const at = `${path}[${i}]`
    checkCommon(container, pod, at, errors)
    if (names.has(container.name)) errors.push(duplicate(`${at}.name`, container.name))
    else if (container.name) names.add(container.name)
    checkHostPortConflicts([container], path, errors)
    if (container.restartPolicy === 'Always') checkHooks(container, pod, at, errors)
    else {
      for (const field of ['lifecycle', ...PROBES] as const) {
        if (container[field]) errors.push(forbiddenField(`${at}.${field}`, 'may not be set for init containers without restartPolicy=Always'))
      }
    }
  }
  return names
}

const NOT_EPHEMERAL = ['ports', 'livenessProbe', 'readinessProbe', 'startupProbe', 'lifecycle', 'resizePolicy', 'restartPolicyRules'] as const

/** Containers added to a running pod to look into it. */
export function checkEphemeralContainers(pod: PodContext, taken: ReadonlySet<string>, path: string, errors: FieldError[]): void {
  const containers = pod.spec.ephemeralContainers
  if (!containers) return
  const names = new Set(taken)
  containers.forEach((container: EphemeralContainer, i) => {
    const at = `${path}[${i}]`
    checkCommon(container, pod, at, errors)
    if (names.has(container.name)) errors.push(duplicate(`${at}.name`, container.name))
    names.add(container.name)
    if (container.targetContainerName && !taken.has(container.targetContainerName)) {
      errors.push({ type: 'FieldValueNotFound', field: `${at}.targetContainerName`, message: `Not found: ${JSON.stringify(container.targetContainerName)}` })
    }
    for (const field of NOT_EPHEMERAL) if (container[field]) errors.push(forbiddenField(`${at}.${field}`, 'cannot be set for an Ephemeral Container'))
    if (container.resources?.limits || container.resources?.requests) {
      errors.push(forbiddenField(`${at}.resources`, 'cannot be set for an Ephemeral Container'))
    }
    container.volumeMounts?.forEach((mount, j) => {
      if (mount.subPath) errors.push(forbiddenField(`${at}.volumeMounts[${j}].subPath`, 'cannot be set for an Ephemeral Container'))
      if (mount.subPathExpr) errors.push(forbiddenField(`${at}.volumeMounts[${j}].subPathExpr`, 'cannot be set for an Ephemeral Container'))
    })
  })
}
