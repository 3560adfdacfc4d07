import type { List } from '../../api/access.ts'
import { apiVersionOf } from '../../api/kinds/kind.ts'
import { keyOf } from '../../api/meta/key.ts'
import { compileRequirements, parseLabelSelector } from '../../api/meta/label-selector.ts'
import type { KubeObject } from '../../api/meta/object.ts'
import { notFound, StatusError } from '../../api/meta/status.ts'
import { sleep } from '../../base/clock.ts'
import { Expired } from '../../store/store.ts'
import type { Selection } from '../cache/types.ts'
import { compileFieldSelector, type FieldTerm } from './field-selector.ts'
import { encodeContinue, listSettings, revisionOf } from './options.ts'
import type { ListQuery, Served } from './request.ts'
import { cacheOf, type World } from './world.ts'

/** How long a read waits for a revision that is yet to come. */
const LONGEST_WAIT_MS = 3_000

/** Waits until the caches show at least `revision`; 504 when that is not within sight. */
export async function seeAtLeast(world: World, revision: number | undefined, signal?: AbortSignal): Promise<void> {
  if (revision === undefined) {
    const waiting = world.caches.fresh(signal)
    if (waiting !== undefined) await waiting
    return
  }
  if (revision <= world.caches.revision) return
  const ended = new AbortController()
  const both = signal ? AbortSignal.any([signal, ended.signal]) : ended.signal
  try {
    const seen = await Promise.race([
      (world.caches.reached(revision, both) ?? Promise.resolve()).then(() => true),
      sleep(world.clock, LONGEST_WAIT_MS, both).then(() => false),
    ])
    if (!seen) throw tooLarge(revision, world.caches.revision)
  } finally {
    ended.abort()
  }
}

function tooLarge(asked: number, current: number): StatusError {
  const message = `Too large resource version: ${asked}, current: ${current}`
  return new StatusError('Timeout', `Timeout: ${message}`, {
    retryAfterSeconds: 1,
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
  })
}

export async function readOne(world: World, { kind }: Served, namespace: string | undefined, name: string, resourceVersion?: string): Promise<KubeObject> {
  await seeAtLeast(world, revisionOf(resourceVersion))
  const found = cacheOf(world, kind).get(keyOf(kind.namespaced ? namespace : undefined, name))
  if (!found) throw notFound(kind, name)
  return found
}

/** Which objects a list or watch is about. */
export interface Narrowed {
  readonly selection: Selection<KubeObject>
  /** The one object that a field selector names. */
  readonly name: string | undefined
  readonly fieldTerms: readonly FieldTerm[]
}

export function narrow({ kind }: Served, namespace: string | undefined, query: Pick<ListQuery, 'labelSelector' | 'fieldSelector'>): Narrowed {
  const requirements = query.labelSelector ? parseLabelSelector(query.labelSelector) : []
  const fields = query.fieldSelector ? compileFieldSelector(kind, query.fieldSelector) : undefined
  const byLabels = requirements.length > 0 ? compileRequirements(requirements) : undefined
  const within = kind.namespaced ? namespace || fields?.namespace : undefined
  const one = fields?.name !== undefined && (!kind.namespaced || within) ? fields.name : undefined
  const node = kind.resource === 'pods' ? fields?.nodeName : undefined
  // What an agent asks is said by the name or the index alone: each watch would keep what tests it once more.
  const said = fields?.terms.length === 1 && (one !== undefined || node !== undefined)
  const byFields = said ? undefined : fields?.matches
  const matches =
    byLabels && byFields
      ? (object: KubeObject) => byLabels(object.metadata.labels) && byFields(object)
      : byLabels
        ? (object: KubeObject) => byLabels(object.metadata.labels)
        : byFields
  return {
    selection: {
      ...(within && { namespace: within }),
      ...(one && { name: one }),
      ...(node !== undefined && { field: { name: 'spec.nodeName', value: node } }),
      ...(matches && { matches }),
      ...(fields && { texts: fields.texts }),
    },
    name: fields?.name,
    fieldTerms: fields?.terms ?? [],
  }
}

export async function listObjects(world: World, served: Served, namespace: string | undefined, query: ListQuery): Promise<List<KubeObject>> {
  const { kind } = served
  const settings = listSettings(query)
  const { selection } = narrow(served, namespace, query)
  const { limit, from, at } = settings
  let revision = at.exactly
  if (from && from.revision > 0) revision = from.revision
  await seeAtLeast(world, at.least ?? revision)
  // What is asked for exactly as it is now needs no history.
  if (revision === world.caches.revision) revision = undefined
  try {
    const listed = await cacheOf(world, kind).listInTurns({
      ...selection,
      ...(revision !== undefined && { revision }),
      ...(limit > 0 && { limit }),
      ...(from && { after: from.after }),
    })
    const shown = from && from.revision > 0 ? from.revision : listed.revision
    return Object.freeze({
      apiVersion: apiVersionOf(kind),
      kind: `${kind.kind}List`,
      metadata: Object.freeze({
        resourceVersion: String(shown),
        ...(listed.next !== undefined && { continue: encodeContinue({ revision: shown, after: listed.next }) }),
        ...(listed.remaining !== undefined && { remainingItemCount: listed.remaining }),
      }),
      items: Object.freeze(listed.items),
    })
  } catch (error) {
    if (error instanceof Expired) throw tooOld(revision ?? 0, error, from?.after)
    throw error
  }
}

/** 410; for a page, with a token that goes on from the same key in the newest state. */
function tooOld(asked: number, { oldest }: Expired, after: string | undefined): StatusError {
  if (after === undefined) return new StatusError('Expired', `The resourceVersion for the provided list is too old: ${asked} (${oldest}).`)
  const message =
    'The provided continue token is too old to go on with a consistent list. List again without it, or use the token in this answer to read the rest as it is now: what changed in between may then be missing or stand twice.'
  return new StatusError('Expired', message, undefined, 410, { continue: encodeContinue({ revision: -1, after }) })
}
