import { StatusError } from '../../api/meta/status.ts'

/** One clause of an Accept header. */
export interface MediaRange {
  readonly type: string
  readonly parameters: Readonly<Record<string, string>>
  readonly quality: number
}

/** The clauses of an Accept header, best first: by quality, then by position. An empty header accepts anything. */
export function parseAccept(header: string | undefined): readonly MediaRange[] {
  if (!header?.trim()) return [ANYTHING]
  const cached = parsed.get(header)
  if (cached) return cached
  const ranges = header.split(',').flatMap((clause): MediaRange[] => {
    const [type = '', ...rest] = clause.split(';').map(part => part.trim())
    if (!type) return []
    const parameters: Record<string, string> = Object.create(null)
    let quality = 1
    for (const part of rest) {
      const cut = part.indexOf('=')
      if (cut < 0) continue
      const key = part.slice(0, cut).trim().toLowerCase()
      const value = part
        .slice(cut + 1)
        .trim()
        .replace(/^"(.*)"$/, '$1')
      if (key === 'q') quality = Math.min(1, Math.max(0, Number(value) || 0))
      else parameters[key] = value
    }
    return [{ type: type.toLowerCase(), parameters, quality }]
  })
  ranges.sort((a, b) => b.quality - a.quality)
  const kept = ranges.filter(range => range.quality > 0)
  if (parsed.size >= 256) parsed.clear()
  if (header.length < 1024) parsed.set(header, kept)
  return kept
}
const ANYTHING: MediaRange = { type: '*/*', parameters: {}, quality: 1 }
/** Clients say the same few things over and over. */
const parsed = new Map<string, readonly MediaRange[]>()

const matches = (range: string, type: string): boolean =>
  range === type || range === '*/*' || range === '*' || (range.endsWith('/*') && type.startsWith(range.slice(0, -1)))

/** The form in which an object, a list or an event is sent. */
export type Form =
  | { readonly as: 'object' }
  | { readonly as: 'table'; readonly version: 'v1' | 'v1beta1' }
  | { readonly as: 'metadata'; readonly version: 'v1' | 'v1beta1' }

export const OBJECT_FORM: Form = { as: 'object' }
export const JSON_TYPE = 'application/json'

/** The form that a client accepts best of those an endpoint can do; a clause that it cannot do is skipped. 406 when none is left. */
export function negotiateForm(header: string | undefined, can: { readonly table: boolean; readonly list: boolean; readonly metadata: boolean }): Form {
  for (const { type, parameters } of parseAccept(header)) {
    if (!matches(type, JSON_TYPE)) continue
    const as = parameters['as']
    if (as === undefined) return OBJECT_FORM
    const version = parameters['v']
    if (parameters['g'] !== 'meta.k8s.io' || (version !== 'v1' && version !== 'v1beta1')) continue
    if (as === 'Table' && can.table) return { as: 'table', version }
    if (as === (can.list ? 'PartialObjectMetadataList' : 'PartialObjectMetadata') && can.metadata) return { as: 'metadata', version }
  }
  throw notAcceptable([JSON_TYPE])
}

export const notAcceptable = (types: readonly string[]): StatusError =>
  new StatusError('NotAcceptable', `only the following media types are accepted: ${types.join(', ')}`)

/** An answer that an endpoint can give: its media type and the parameters that a client must have asked for. */
export interface Offer {
  readonly type: string
  readonly parameters?: Readonly<Record<string, string>>
}

/** The best of several offers; undefined when the client accepts none of them. */
export function negotiateOffer<T extends Offer>(header: string | undefined, offers: readonly T[]): T | undefined {
  for (const range of parseAccept(header)) {
    for (const offer of offers) {
      if (!matches(range.type, offer.type)) continue
      const wanted = offer.parameters ?? {}
      if (Object.keys(wanted).every(key => range.parameters[key] === wanted[key]) && (range.parameters['as'] ?? '') === (wanted['as'] ?? '')) return offer
    }
  }
  return undefined
}

/** The media type of a request body, without its parameters; JSON when nothing is said. */
export const bodyType = (header: string | undefined): string => header?.split(';', 1).at(0)?.trim().toLowerCase() || JSON_TYPE

export const unsupportedMediaType = (types: readonly string[]): StatusError =>
  new StatusError('UnsupportedMediaType', `the body of the request was in an unknown format - accepted media types include: ${types.join(', ')}`)
