import type { ContainerUser } from '../../../api/types/core/pod-status.ts'
import type { ContainerStatus } from './messages.ts'

interface Info {
  readonly runtimeSpec?: {
    readonly process?: { readonly user?: { readonly uid?: number; readonly gid?: number; readonly additionalGids?: readonly number[] } }
  }
}

/** Whom a container runs as: what the engine says of it or, in one from before it did, the OCI spec in its verbose `info`. */
export function userOf({ user }: Pick<ContainerStatus, 'user'>, info: string | undefined): ContainerUser | undefined {
  const told = user?.linux
  if (told) return asStatus(told.uid, told.gid, told.supplemental_groups)
  const started = info === undefined ? undefined : (JSON.parse(info) as Info).runtimeSpec?.process?.user
  return started && asStatus(started.uid, started.gid, started.additionalGids)
}

const asStatus = (uid = 0, gid = 0, groups: readonly number[] = []): ContainerUser => ({
  linux: { gid, ...(groups.length > 0 && { supplementalGroups: groups }), uid },
})
