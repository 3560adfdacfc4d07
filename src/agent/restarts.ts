import type { Container } from '../api/types/core/container.ts'
import type { PodSpec } from '../api/types/core/pod.ts'

/** What becomes of a container that has ended: `all` restarts the whole pod in place. */
export type AfterEnd = 'restart' | 'all' | 'stay'

/** Upstream's order: the first rule about its exit code, then the container's own policy, then the pod's. */
export function afterEnd({ restartPolicy = 'Always' }: PodSpec, container: Container, exitCode: number): AfterEnd {
  const rule = container.restartPolicyRules?.find(({ exitCodes }) => {
    const listed = exitCodes?.values?.includes(exitCode) ?? false
    return exitCodes !== undefined && (exitCodes.operator === 'In' ? listed : !listed)
  })
  if (rule) return rule.action === 'RestartAllContainers' ? 'all' : 'restart'
  const policy = container.restartPolicy ?? restartPolicy
  return policy === 'Always' || (policy === 'OnFailure' && exitCode !== 0) ? 'restart' : 'stay'
}
