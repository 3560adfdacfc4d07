import type { Kind } from '../../api/kinds/kind.ts'
import type { KubeObject } from '../../api/meta/object.ts'
import { conflict } from '../../api/meta/status.ts'
import { timeOf } from '../../api/meta/time.ts'
import type { Working } from './metadata.ts'
import type { DeleteSettings, Propagation } from './options.ts'
import type { Next } from './rewrite.ts'

export const FOREGROUND = 'foregroundDeletion'
export const ORPHAN = 'orphan'

/** Refuses a deletion that was meant for another object, or for another state of it. */
export function checkPreconditions(kind: Kind, old: KubeObject, { uid, resourceVersion }: Pick<DeleteSettings, 'uid' | 'resourceVersion'>): void {
  const { metadata } = old
  if (uid !== undefined && uid !== metadata.uid) {
    const why = `the UID in the precondition (${uid}) does not match the UID in record (${metadata.uid}). The object might have been deleted and then recreated`
    throw conflict(kind, metadata.name, why)
  }
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion) {
    const why = `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${metadata.resourceVersion}). The object might have been modified`
    throw conflict(kind, metadata.name, why)
  }
}

/**
 * What a delete makes of an object: it is gone, or stays a while because of its grace (pods), its finalizers, or those that
 * the propagation adds for the garbage collector. Pure; `now` in milliseconds.
 */
export function planDeletion(kind: Kind, old: KubeObject, settings: DeleteSettings, now: number): Next {
  if (kind.resource === 'namespaces' && kind.group === '') return planNamespaceDeletion(old, settings, now)
  const { metadata } = old
  const asked = settings.gracePeriodSeconds !== undefined && settings.gracePeriodSeconds < 0 ? 1 : settings.gracePeriodSeconds
  if (metadata.deletionTimestamp !== undefined && metadata.deletionGracePeriodSeconds !== undefined) {
    // A second delete may only make the wait shorter; it does not change who has to finish first.
    if (asked === undefined || asked >= metadata.deletionGracePeriodSeconds) return pending(old)
    return ending(old, asked, metadata.finalizers ?? [], now)
  }
  const added = kind.finalizerOnDelete === undefined ? [] : [kind.finalizerOnDelete]
  const finalizers = new Set([...finalizersAfter(metadata.finalizers ?? [], settings.propagation), ...added])
  return ending(old, graceOf(kind, old, asked), [...finalizers], now)
}

function ending(old: KubeObject, grace: number | undefined, finalizers: readonly string[], now: number): Next {
  if (finalizers.length > 0 || grace) return { write: marked(old, grace ?? 0, now, finalizers) }
  return { remove: true, final: grace === undefined ? old : (marked(old, 0, now, []) as KubeObject) }
}

/** Nothing more to do, unless only the removal itself is missing. */
const pending = (old: KubeObject): Next =>
  old.metadata.deletionGracePeriodSeconds === 0 && (old.metadata.finalizers?.length ?? 0) === 0 ? { remove: true, final: old } : { keep: true }

/** Seconds that a pod is given to end; undefined for kinds that know no grace. */
function graceOf(kind: Kind, old: KubeObject, asked: number | undefined): number | undefined {
  if (kind.resource !== 'pods' || kind.group !== '') return undefined
  const pod = old as KubeObject & {
    readonly spec?: { readonly nodeName?: string; readonly terminationGracePeriodSeconds?: number }
    readonly status?: { readonly phase?: string }
  }
  const phase = pod.status?.phase
  if (!pod.spec?.nodeName || phase === 'Succeeded' || phase === 'Failed') return 0
  return asked ?? Math.max(0, pod.spec.terminationGracePeriodSeconds ?? 0)
}

function marked(old: KubeObject, grace: number, now: number, finalizers: readonly string[]): Working {
  const { metadata } = old
  const first = metadata.deletionTimestamp === undefined
  // A shorter grace counts from when the deletion was asked for first.
  const begun = first ? now : Date.parse(metadata.deletionTimestamp!) - (metadata.deletionGracePeriodSeconds ?? 0) * 1000
  const next = {
    ...metadata,
    deletionTimestamp: timeOf(begun + grace * 1000),
    deletionGracePeriodSeconds: grace,
    ...(first && metadata.generation !== undefined && { generation: metadata.generation + 1 }),
    finalizers: [...finalizers],
  } as Working['metadata']
  if (finalizers.length === 0) delete next.finalizers
  return { ...old, metadata: next } as unknown as Working
}

/** Finalizers with those of the garbage collector as this propagation wants them; a deletion that says nothing leaves them. */
function finalizersAfter(present: readonly string[], propagation: Propagation | undefined): readonly string[] {
  if (propagation === undefined) return present
  const wanted = propagation === 'Foreground' ? FOREGROUND : propagation === 'Orphan' ? ORPHAN : undefined
  const others = present.filter(finalizer => finalizer !== FOREGROUND && finalizer !== ORPHAN)
  if (wanted === undefined) return others.length === present.length ? present : others
  return [...others, wanted]
}

/** A namespace ends when what is in it has ended: until its controller empties `spec.finalizers` it is Terminating. */
function planNamespaceDeletion(old: KubeObject, settings: DeleteSettings, now: number): Next {
  const namespace = old as KubeObject & { readonly spec?: { readonly finalizers?: readonly string[] }; readonly status?: object }
  const { metadata } = old
  const finalizers = finalizersAfter(metadata.finalizers ?? [], settings.propagation)
  const empty = (namespace.spec?.finalizers?.length ?? 0) === 0
  if (metadata.deletionTimestamp === undefined && (!empty || finalizers.length > 0)) {
    const draft = marked(old, 0, now, finalizers) as Working & { status?: object }
    draft.status = { ...namespace.status, phase: 'Terminating' }
    return { write: draft }
  }
  if (!empty || (metadata.finalizers?.length ?? 0) > 0) return { keep: true }
  return { remove: true, final: old }
}
