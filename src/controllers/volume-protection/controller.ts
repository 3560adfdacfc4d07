import { PersistentVolumes } from '../../api/kinds/core/persistent-volume.ts'
import { PersistentVolumeClaims } from '../../api/kinds/core/persistent-volume-claim.ts'
import { Pods } from '../../api/kinds/core/pod.ts'
import type { KindRef } from '../../api/kinds/kind.ts'
import type { KubeObject } from '../../api/meta/object.ts'
import { isStatus } from '../../api/meta/status.ts'
import { KeyQueue } from '../../base/key-queue.ts'
import { ClaimUsers } from '../../judge/volumes/claim-users.ts'
import { CLAIM_PROTECTION, isVolumeInUse, VOLUME_PROTECTION } from '../../judge/volumes/in-use.ts'
import type { ControllerOptions } from '../options.ts'
import { ready } from '../ready.ts'

/** Lets claims go that are deleted once no pod has them, and volumes once no claim has them. */
export async function runVolumeProtectionController({ api, clock, log, informers, signal }: ControllerOptions): Promise<void> {
  const pods = informers.of(Pods)
  const claims = informers.of(PersistentVolumeClaims)
  const volumes = informers.of(PersistentVolumes)
  if (!(await ready(signal, pods, claims, volumes))) return
  const onError = (key: string, error: unknown) => {
    if (!isStatus(error, 'Conflict')) log.warn('could not let go of a volume', { key, error })
  }
  const claimQueue = new KeyQueue<string>({ clock, onError })
  const volumeQueue = new KeyQueue<string>({ clock, onError })

  const letGo = async (kind: KindRef, object: KubeObject, protection: string): Promise<void> => {
    const { namespace, name, finalizers = [] } = object.metadata
    const rest = finalizers.filter(finalizer => finalizer !== protection)
    try {
      await api.update({ kind, name, ...(namespace && { namespace }) }, { ...object, metadata: { ...object.metadata, finalizers: rest } }, { signal })
    } catch (error) {
      if (!isStatus(error, 'NotFound')) throw error
    }
  }
  const users = new ClaimUsers()
  const unsubscribe = [
    claims.subscribe(({ key, object }) => {
      if (isGoing(object, CLAIM_PROTECTION)) claimQueue.add(key)
    }),
    volumes.subscribe(({ key, object }) => {
      if (isGoing(object, VOLUME_PROTECTION)) volumeQueue.add(key)
    }),
    pods.subscribe(change => {
      for (const key of users.podChanged(change)) if (isGoing(claims.get(key), CLAIM_PROTECTION)) claimQueue.add(key)
    }),
  ]
  try {
    await Promise.all([
      claimQueue.run(
        async key => {
          const claim = claims.get(key)
          if (claim && isGoing(claim, CLAIM_PROTECTION) && !users.isKept(key)) await letGo(PersistentVolumeClaims, claim, CLAIM_PROTECTION)
        },
        { workers: 2, signal },
      ),
      volumeQueue.run(
        async key => {
          const volume = volumes.get(key)
          if (volume && isGoing(volume, VOLUME_PROTECTION) && !isVolumeInUse(volume)) await letGo(PersistentVolumes, volume, VOLUME_PROTECTION)
        },
        { workers: 2, signal },
      ),
    ])
  } finally {
    for (const stop of unsubscribe) stop()
  }
}

const isGoing = (object: KubeObject | undefined, protection: string): boolean =>
  object?.metadata.deletionTimestamp !== undefined && (object.metadata.finalizers ?? []).includes(protection)
