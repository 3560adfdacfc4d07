import type { Draft } from '../../api/meta/object.ts'
import type { ObjectMeta } from '../../api/types/meta.ts'
import { CLAIM_PROTECTION, VOLUME_PROTECTION } from '../../judge/volumes/in-use.ts'
import type { AdmissionPlugin } from './plugin.ts'

const PROTECTION: Readonly<Record<string, string>> = { persistentvolumeclaims: CLAIM_PROTECTION, persistentvolumes: VOLUME_PROTECTION }

/** New claims and volumes stay until nobody uses them: the volume protection controller lets them go. */
export const storageInUse: AdmissionPlugin = {
  name: 'StorageObjectInUseProtection',
  on: ['persistentvolumeclaims', 'persistentvolumes'],
  operations: ['create'],
  mutate({ kind, object }) {
    const protection = PROTECTION[kind.resource]!
    const metadata = object.metadata as Draft<ObjectMeta>
    if (!metadata.finalizers?.includes(protection)) metadata.finalizers = [...(metadata.finalizers ?? []), protection]
  },
}
