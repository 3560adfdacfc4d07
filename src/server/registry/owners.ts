import type { OwnerReference } from '../../api/types/meta.ts'
import type { Working } from './metadata.ts'

const ADVICE = 'API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests'

/** Names each owner once and says which it left out; of a patch the result is what counts, after admission. */
export function dropRepeatedOwners({ metadata }: Working, patched: boolean, warn: (text: string) => void): void {
  const owners = metadata.ownerReferences
  if (owners === undefined || owners.length < 2) return
  const kept: OwnerReference[] = []
  const seen = new Set<string>()
  const repeated: string[] = []
  for (const owner of owners) {
    const key = JSON.stringify([owner.apiVersion, owner.kind, owner.name, owner.uid, owner.controller ?? null, owner.blockOwnerDeletion ?? null])
    if (seen.has(key)) repeated.push(owner.uid)
    else {
      seen.add(key)
      kept.push(owner)
    }
  }
  if (repeated.length === 0) return
  metadata.ownerReferences = kept as NonNullable<typeof owners>
  const when = patched ? ' after mutating admission happens' : ''
  warn(`.metadata.ownerReferences contains duplicate entries${when}; ${ADVICE}; duplicate UID(s) observed: ${repeated.join(', ')}`)
}
