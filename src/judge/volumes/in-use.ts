import { isFinished } from '../../api/meta/pod.ts'
import type { PersistentVolume } from '../../api/types/core/persistent-volume.ts'
import type { Pod } from '../../api/types/core/pod.ts'

/** Keep a claim, or a volume, that is deleted until nobody uses it. */
export const CLAIM_PROTECTION = 'kubernetes.io/pvc-protection'
export const VOLUME_PROTECTION = 'kubernetes.io/pv-protection'

/** Names of the claims, in the pod's namespace, that a pod keeps. One that was never bound to a node will not start any more with a claim that goes. */
export function claimsKeptBy(pod: Pod): readonly string[] {
  if (!pod.spec.nodeName) return []
  return (pod.spec.volumes ?? []).flatMap(({ name, persistentVolumeClaim, ephemeral }) => {
    if (persistentVolumeClaim) return [persistentVolumeClaim.claimName]
    return ephemeral && !isFinished(pod) ? [`${pod.metadata.name}-${name}`] : []
  })
}

/** Whether some claim still has the volume. */
export const isVolumeInUse = ({ status }: PersistentVolume): boolean => status.phase === 'Bound'
