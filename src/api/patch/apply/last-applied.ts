import { compare } from './compare.ts'
import { difference, type FieldSet, NONE } from './fields.ts'
import type { Struct } from './place.ts'

type Fields = Readonly<Record<string, unknown>>

/** Where client-side apply keeps what it said last. */
export const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration'
/** All annotations of an object together. */
const MAX_ANNOTATIONS = 256 * 1024

const annotationsOf = (object: Fields): Readonly<Record<string, string>> | undefined =>
  (object['metadata'] as { annotations?: Readonly<Record<string, string>> } | undefined)?.annotations

/** The fields that client-side apply set last and that still stand as it set them. */
export function ownedByLastApplied(place: Struct, live: Fields): FieldSet {
  const text = annotationsOf(live)?.[LAST_APPLIED]
  if (!text) return NONE
  let last: unknown
  try {
    last = JSON.parse(text)
  } catch {
    return NONE
  }
  if (typeof last !== 'object' || last === null || Array.isArray(last)) return NONE
  const said = compare(place, {}, last).taken
  const since = compare(place, last, live)
  return difference(difference(said, since.taken), since.removed)
}

/** Keeps the annotation of client-side apply, where there is one, in step with what was applied. */
export function keepLastApplied(object: Fields, config: Fields): Fields {
  const annotations = annotationsOf(object)
  if (annotations?.[LAST_APPLIED] === undefined) return object
  const metadata = { ...(config['metadata'] as Fields | undefined) }
  delete metadata['managedFields']
  if (metadata['annotations']) {
    const { [LAST_APPLIED]: _, ...rest } = metadata['annotations'] as Fields
    metadata['annotations'] = rest
  }
  const text = `${JSON.stringify(sorted({ ...config, metadata }))}\n`
  const next = { ...annotations, [LAST_APPLIED]: text }
  let size = 0
  for (const [key, value] of Object.entries(next)) size += key.length + value.length
  if (size > MAX_ANNOTATIONS) return object
  return { ...object, metadata: { ...(object['metadata'] as Fields), annotations: next } }
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map(key => [key, sorted((value as Record<string, unknown>)[key])]),
  )
}
