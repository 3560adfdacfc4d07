import { createHash } from 'node:crypto'
import type { Message } from '../../api/schema/build.ts'
import { DeleteOptions } from '../../api/types/meta.ts'
import { type GroupVersion, groupsOf, type ServedKind } from '../discovery/resources.ts'
import { JSON_TYPE, negotiateOffer, notAcceptable } from '../http/accept.ts'
import type { PathRoute } from '../http/routes.ts'
import { JSON_HEADERS, sendJson, sendNotFoundPage, wantsPretty } from '../http/send.ts'
import type { OpenApiOptions } from './paths.ts'
import { SchemaSet, schemaName, V3 } from './schemas.ts'
import { openApiPathsOf, type SchemaNames } from './v3.ts'

/** The schema of a served kind at its version. */
export const messageOf = (served: ServedKind): Message => (served.version as { readonly schema?: Message } | undefined)?.schema ?? served.kind.schema

const pathOf = ({ group, version }: { readonly group: string; readonly version: string }): string => (group ? `apis/${group}/${version}` : `api/${version}`)
const PROTOBUF_V2 = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf'
const IMMUTABLE = 'public, max-age=31536000, immutable'

/** `/openapi/v3` (an index and a document for each group and version) and `/openapi/v2`. Documents are made when first asked for. */
export function openApiRoutes({ served, version }: OpenApiOptions): { readonly v3: PathRoute; readonly v2: PathRoute } {
  let of: readonly ServedKind[] | undefined
  let versions: readonly GroupVersion[] = []
  const documents = new Map<string, { readonly text: string; readonly hash: string }>()
  let bytes: Promise<Buffer> | undefined
  const refresh = () => {
    const now = served()
    if (now === of) return
    of = now
    versions = groupsOf(now).flatMap(group => group.versions)
    documents.clear()
    bytes = undefined
  }
  const document = (at: GroupVersion) => {
    const key = pathOf(at)
    let known = documents.get(key)
    if (!known) {
      const text = JSON.stringify(documentOf(at, of ?? [], version))
      known = { text, hash: createHash('sha256').update(text).digest('hex').slice(0, 32).toUpperCase() }
      documents.set(key, known)
    }
    return known
  }

  const v3: PathRoute = {
    serve({ exchange, segments, query }) {
      refresh()
      if (!negotiateOffer(exchange.headers.accept, [{ type: JSON_TYPE }])) throw notAcceptable([JSON_TYPE])
      const pretty = wantsPretty(exchange, query)
      if (segments.length === 2) {
        const paths = Object.fromEntries(versions.map(at => [pathOf(at), { serverRelativeURL: `/openapi/v3/${pathOf(at)}?hash=${document(at).hash}` }]))
        return sendJson(exchange, 200, JSON.stringify({ paths }), JSON_HEADERS, pretty)
      }
      const at = versions.find(one => pathOf(one) === segments.slice(2).join('/'))
      if (!at) return sendNotFoundPage(exchange)
      const { text, hash } = document(at)
      const etag = `"${hash}"`
      const caching = { etag, vary: 'Accept', 'cache-control': query.get('hash') === hash ? IMMUTABLE : 'no-cache, private' }
      if (exchange.headers['if-none-match'] === etag) return exchange.send(304, caching, '')
      return sendJson(exchange, 200, text, { 'content-type': JSON_TYPE, ...caching }, pretty)
    },
  }
  const v2: PathRoute = {
    async serve({ exchange }) {
      refresh()
      // Old clients name the type as `…v2@v1.0+protobuf` and cannot read it back when it is called so.
      if (!/protobuf|\*\/\*/.test(exchange.headers.accept ?? '*/*')) throw notAcceptable([PROTOBUF_V2])
      bytes ??= import('./v2.ts').then(({ swaggerOf }) => swaggerOf(versions, of ?? [], version))
      const body = await bytes
      exchange.send(200, { 'content-type': PROTOBUF_V2, 'cache-control': 'no-cache, private', vary: 'Accept' }, body)
    },
  }
  return { v3, v2 }
}

/** The document of one group and version. */
export function documentOf(at: GroupVersion, served: readonly ServedKind[], version: string): Readonly<Record<string, unknown>> {
  const set = new SchemaSet(V3)
  const { names } = collectSchemas(set, [at], served)
  return { openapi: '3.0.0', info: { title: 'Kubernetes', version }, paths: openApiPathsOf(at, names), components: { schemas: set.schemas } }
}

/** Adds the schemas of some versions to a set; says by which name an operation refers to each. */
export function collectSchemas(set: SchemaSet, versions: readonly GroupVersion[], served: readonly ServedKind[]): { readonly names: SchemaNames } {
  const known = new Map<string, string>()
  const key = (at: { readonly group: string; readonly version: string; readonly kind: string }) => `${at.group}/${at.version}/${at.kind}`
  for (const { group, version } of versions) {
    for (const one of served) {
      if (one.at.group !== group || one.at.version !== version) continue
      const message = messageOf(one)
      const name = schemaName(message)
      set.addKind(message, one.at, (one.kind.verbs ?? ['list']).includes('list'))
      known.set(key(one.at), name)
      known.set(key({ ...one.at, kind: `${one.at.kind}List` }), `${name}List`)
    }
  }
  set.addMessage(DeleteOptions, [
    { group: '', version: 'v1', kind: 'DeleteOptions' },
    ...versions.filter(at => at.group).map(({ group, version }) => ({ group, version, kind: 'DeleteOptions' })),
  ])
  known.set('meta.k8s.io/v1/DeleteOptions', schemaName(DeleteOptions))
  return { names: kind => known.get(key(kind)) }
}
