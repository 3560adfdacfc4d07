import { createHash } from 'node:crypto'
import { JSON_TYPE, negotiateOffer, notAcceptable, type Offer } from '../http/accept.ts'
import type { Exchange } from '../http/exchange.ts'
import type { PathCall, PathRoute } from '../http/routes.ts'
import { sendJson, sendNotFoundPage, wantsPretty } from '../http/send.ts'
import { aggregated, apiGroup, apiGroupList, apiResourceList, apiVersions } from './documents.ts'
import { type Group, groupsOf, type ServedKind } from './resources.ts'

interface Document {
  readonly text: string
  readonly etag: string
}
const document = (value: unknown): Document => {
  const text = JSON.stringify(value)
  return { text, etag: `"${createHash('sha256').update(text).digest('hex').slice(0, 32).toUpperCase()}"` }
}

const AGGREGATED = 'APIGroupDiscoveryList'
const offer = (v: 'v2' | 'v2beta1') => ({ type: JSON_TYPE, parameters: { g: 'apidiscovery.k8s.io', v, as: AGGREGATED }, version: v })
const OFFERS: readonly (Offer & { readonly version?: 'v2' | 'v2beta1' })[] = [{ type: JSON_TYPE }, offer('v2'), offer('v2beta1')]

export interface DiscoveryOptions {
  /** Everything that is served now. A new array when that has changed. */
  readonly served: () => readonly ServedKind[]
  /** `HOST:PORT` as clients reach the server. */
  readonly address: () => string
}

/** `/api` and `/apis`, in the old form and aggregated, always made from what is served. */
export function discoveryPaths({ served, address }: DiscoveryOptions): Record<string, PathRoute> {
  let of: readonly ServedKind[] | undefined
  let groups: readonly Group[] = []
  const documents = new Map<string, Document>()
  const refresh = () => {
    const now = served()
    if (now === of) return
    of = now
    groups = groupsOf(now)
    documents.clear()
  }
  const known = (key: string, make: () => unknown): Document => {
    let made = documents.get(key)
    if (!made) {
      made = document(make())
      documents.set(key, made)
    }
    return made
  }

  const root =
    (core: boolean) =>
    ({ exchange, query }: PathCall): Promise<void> | void => {
      const chosen = negotiateOffer(exchange.headers.accept, OFFERS)
      if (!chosen) throw notAcceptable([JSON_TYPE])
      const mine = groups.filter(group => (group.name === '') === core)
      const { version } = chosen
      if (version === undefined) {
        const plain = core ? known(`api ${address()}`, () => apiVersions(mine[0], address())) : known('apis', () => apiGroupList(mine))
        return sendJson(exchange, 200, plain.text, headersOf(JSON_TYPE, plain.etag), wantsPretty(exchange, query))
      }
      const all = known(`${core} ${version}`, () => aggregated(mine, version))
      return sendTagged(exchange, all, `${JSON_TYPE};g=apidiscovery.k8s.io;v=${version};as=${AGGREGATED}`, wantsPretty(exchange, query))
    }

  const serve =
    (core: boolean) =>
    (call: PathCall): Promise<void> | void => {
      refresh()
      const { exchange, segments, query } = call
      const [, first, second, ...rest] = segments
      if (first === undefined) return root(core)(call)
      const group = groups.find(one => one.name === (core ? '' : first))
      const version = core ? first : second
      if (!group || rest.length > 0 || (core && second !== undefined)) return sendNotFoundPage(exchange)
      const pretty = wantsPretty(exchange, query)
      if (version === undefined)
        return sendTagged(
          exchange,
          known(`group ${first}`, () => apiGroup(group)),
          JSON_TYPE,
          pretty,
        )
      const at = group.versions.find(one => one.version === version)
      if (!at) return sendNotFoundPage(exchange)
      return sendTagged(
        exchange,
        known(`${group.name}/${version}`, () => apiResourceList(at)),
        JSON_TYPE,
        pretty,
      )
    }
  return { api: { serve: serve(true) }, apis: { serve: serve(false) } }
}

const headersOf = (type: string, etag: string) => ({ 'content-type': type, 'cache-control': 'no-cache, private', vary: 'Accept', etag })

/** Sends a document, or says that the client has it already. */
function sendTagged(exchange: Exchange, { text, etag }: Document, type: string, pretty: boolean): Promise<void> | void {
  const has = String(exchange.headers['if-none-match'] ?? '')
    .split(',')
    .map(tag => tag.trim())
  if (has.includes(etag) || has.includes('*')) return exchange.send(304, { etag, 'cache-control': 'no-cache, private', vary: 'Accept' }, '')
  return sendJson(exchange, 200, text, headersOf(type, etag), pretty)
}
