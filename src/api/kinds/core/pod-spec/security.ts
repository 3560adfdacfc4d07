import { duplicate, type FieldError, forbiddenField, invalid, notSupported, required } from '../../../meta/field-error.ts'
import type { PodSpec } from '../../../types/core/pod.ts'
import type { AppArmorProfile, PodSecurityContext, SeccompProfile, SecurityContext } from '../../../types/core/security.ts'
import { checkOptionalChoice } from '../../choice.ts'
import { checkDescendingPath } from './paths.ts'

const PROFILES = ['Localhost', 'RuntimeDefault', 'Unconfined']
const LARGEST_ID = 2 ** 31 - 1

/** A user or group number. */
function checkId(id: number | undefined | null, path: string, errors: FieldError[]): void {
  if (id != null && (id < 0 || id > LARGEST_ID)) errors.push(invalid(path, id, `must be between 0 and ${LARGEST_ID}, inclusive`))
}

function checkSeccomp(profile: SeccompProfile | undefined, path: string, errors: FieldError[]): void {
  if (!profile) return
  if (!profile.type) errors.push(required(`${path}.type`, 'type is required when seccompProfile is set'))
  else if (!PROFILES.includes(profile.type)) errors.push(notSupported(`${path}.type`, profile.type, PROFILES))
  else if (profile.type === 'Localhost') {
    if (!profile.localhostProfile) errors.push(required(`${path}.localhostProfile`, 'must be set when seccomp type is Localhost'))
    else checkDescendingPath(profile.localhostProfile, `${path}.localhostProfile`, errors)
  } else if (profile.localhostProfile != null) {
    errors.push(invalid(`${path}.localhostProfile`, profile, 'can only be set when seccomp type is Localhost'))
  }
}

function checkAppArmor(profile: AppArmorProfile | undefined, path: string, errors: FieldError[]): void {
  if (!profile) return
  if (!profile.type) errors.push(required(`${path}.type`, 'type is required when appArmorProfile is set'))
  else if (!PROFILES.includes(profile.type)) errors.push(notSupported(`${path}.type`, profile.type, PROFILES))
  else if (profile.type === 'Localhost') {
    if (!profile.localhostProfile?.trim()) errors.push(required(`${path}.localhostProfile`, 'must be set when AppArmor type is Localhost'))
    else if (profile.localhostProfile.length > 4095) {
      errors.push({ type: 'FieldValueTooLong', field: `${path}.localhostProfile`, message: 'Too long: may not be more than 4095 bytes' })
    }
  } else if (profile.localhostProfile != null) {
    errors.push(invalid(`${path}.localhostProfile`, profile.localhostProfile, 'can only be set when AppArmor type is Localhost'))
  }
}

/** A container's security context; `hostUsers` is the pod's word on user namespaces. */
export function checkSecurityContext(context: SecurityContext | undefined, hostUsers: boolean, path: string, errors: FieldError[]): void {
  if (!context) return
  checkId(context.runAsUser, `${path}.runAsUser`, errors)
  checkId(context.runAsGroup, `${path}.runAsGroup`, errors)
  if (context.procMount != null) {
    checkOptionalChoice(context.procMount, ['Default', 'Unmasked'], `${path}.procMount`, errors)
    if (hostUsers && context.procMount === 'Unmasked') {
      errors.push(invalid(`${path}.procMount`, context.procMount, '`hostUsers` must be false to use `Unmasked`'))
    }
  }
  checkSeccomp(context.seccompProfile, `${path}.seccompProfile`, errors)
  checkAppArmor(context.appArmorProfile, `${path}.appArmorProfile`, errors)
  if (context.allowPrivilegeEscalation === false) {
    if (context.privileged) errors.push(invalid(path, context, 'cannot set `allowPrivilegeEscalation` to false and `privileged` to true'))
    if (context.capabilities?.add?.some(name => name === 'CAP_SYS_ADMIN')) {
      errors.push(invalid(path, context, 'cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN'))
    }
  }
}

const SYSCTL = /^[a-z0-9](?:[-_a-z0-9]*[a-z0-9])?(?:[./][a-z0-9](?:[-_a-z0-9]*[a-z0-9])?)*$/
const MAX_SYSCTL = 253

function checkSysctls(context: PodSecurityContext, path: string, errors: FieldError[]): void {
  const seen = new Set<string>()
  context.sysctls?.forEach(({ name }, i) => {
    const at = `${path}[${i}].name`
    if (!name) errors.push(required(at))
    else if (name.length > MAX_SYSCTL || !SYSCTL.test(name)) {
      errors.push(invalid(at, name, 'must have at most 253 characters and match regex ^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$'))
    } else if (seen.has(name)) errors.push(duplicate(at, name))
    seen.add(name)
  })
}

/** The pod's security context, and the namespaces of the host that go against it. */
export function checkPodSecurity(spec: PodSpec, path: string, errors: FieldError[]): void {
  const context = spec.securityContext
  const at = `${path}.securityContext`
  if (spec.hostPID && spec.shareProcessNamespace) {
    errors.push(invalid(`${path}.shareProcessNamespace`, true, 'ShareProcessNamespace and HostPID cannot both be enabled'))
  }
  if (spec.hostUsers === false) {
    if (spec.hostPID) errors.push(forbiddenField(`${path}.hostPID`, 'when `hostUsers` is false'))
    if (spec.hostIPC) errors.push(forbiddenField(`${path}.hostIPC`, 'when `hostUsers` is false'))
    if (spec.hostNetwork) errors.push(forbiddenField(`${path}.hostNetwork`, 'when `hostUsers` is false'))
  }
  if (!context) return
  checkId(context.fsGroup, `${at}.fsGroup`, errors)
  checkId(context.runAsUser, `${at}.runAsUser`, errors)
  checkId(context.runAsGroup, `${at}.runAsGroup`, errors)
  context.supplementalGroups?.forEach((group, i) => {
    checkId(group, `${at}.supplementalGroups[${i}]`, errors)
  })
  if (context.sysctls) {
    checkSysctls(context, `${at}.sysctls`, errors)
    context.sysctls.forEach(({ name }, i) => {
      if (spec.hostNetwork && /^net[./]/.test(name)) errors.push(invalid(`${at}.sysctls[${i}].name`, name, "may not be specified when 'hostNetwork' is true"))
    })
  }
  checkOptionalChoice(context.fsGroupChangePolicy, ['Always', 'OnRootMismatch'], `${at}.fsGroupChangePolicy`, errors)
  checkOptionalChoice(context.supplementalGroupsPolicy, ['Merge', 'Strict'], `${at}.supplementalGroupsPolicy`, errors)
  checkOptionalChoice(context.seLinuxChangePolicy, ['MountOption', 'Recursive'], `${at}.seLinuxChangePolicy`, errors)
  checkSeccomp(context.seccompProfile, `${at}.seccompProfile`, errors)
  checkAppArmor(context.appArmorProfile, `${at}.appArmorProfile`, errors)
}
