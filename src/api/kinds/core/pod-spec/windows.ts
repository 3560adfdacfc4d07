import { type FieldError, invalid } from '../../../meta/field-error.ts'
import type { PodSpec } from '../../../types/core/pod.ts'

/** Processes of a Windows host: all containers of a pod or none, and on the host's network. */
export function checkHostProcesses(spec: PodSpec, path: string, errors: FieldError[]): void {
  const ofPod = spec.securityContext?.windowsOptions?.hostProcess
  let all = 0
  let ofHost = 0
  for (const list of ['initContainers', 'containers', 'ephemeralContainers'] as const) {
    spec[list]?.forEach(({ securityContext }, i) => {
      const own = securityContext?.windowsOptions?.hostProcess
      all++
      if (own ?? ofPod) ofHost++
      if (own != null && ofPod != null && own !== ofPod) {
        errors.push(
          invalid(
            `${path}.${list}[${i}].securityContext.windowsOptions.hostProcess`,
            own,
            `pod hostProcess value must be identical if both are specified, was ${ofPod}`,
          ),
        )
      }
    })
  }
  if (ofHost === 0) return
  if (ofHost !== all) errors.push(invalid(path, '', 'If pod contains any hostProcess containers then all containers must be HostProcess containers'))
  if (!spec.hostNetwork) {
    errors.push(invalid(`${path}.hostNetwork`, false, 'hostNetwork must be true if pod contains any hostProcess containers'))
  }
}
