import { access } from 'node:fs/promises'
import { join } from 'node:path'
import type { Container } from '../api/types/core/container.ts'
import type { Pod } from '../api/types/core/pod.ts'

/** Where daemons that bring a profile of their own put it. */
export const KUBELETS_PROFILES = '/var/lib/kubelet/seccomp'

/** The first of these directories that has the local profile which a container asks for; the first one where none has. */
export async function seccompRootFor(pod: Pod, container: Container, roots: readonly [string, ...string[]]): Promise<string> {
  const name = (container.securityContext?.seccompProfile ?? pod.spec.securityContext?.seccompProfile)?.localhostProfile
  if (name === undefined) return roots[0]
  for (const root of roots) {
    const isThere = await access(join(root, name)).then(
      () => true,
      () => false,
    )
    if (isThere) return root
  }
  return roots[0]
}
