import type { Kind } from '../../api/kinds/kind.ts'
import type { KubeObject } from '../../api/meta/object.ts'
import { internalError, methodNotAllowed, StatusError } from '../../api/meta/status.ts'
import type { User } from '../../api/meta/user.ts'
import { escapedFieldValue } from '../registry/field-selector.ts'
import type { Caller, Request, RequestHandler, Served, WatchRequest } from '../registry/request.ts'
import { asServed } from '../registry/served.ts'
import { SCALE_TABLE } from '../table/scale.ts'
import type { Columned } from '../table/table.ts'
import { negotiateForm } from './accept.ts'
import { readDeleteOptions, readObject, readPatch } from './body.ts'
import { type Encoding, encodeList, encodeLong, encodeObject, includeObjectOf, isList, isStatus, prettyList } from './encode.ts'
import type { Exchange, ResponseHeaders } from './exchange.ts'
import { deleteOptionsOf, given, listQuery, watchQuery, writeQuery } from './query.ts'
import type { ResourceRequest } from './request-info.ts'
import { JSON_HEADERS, sendJson, sendList, wantsPretty } from './send.ts'
import type { Warnings } from './warnings.ts'
import { opened, sendWatch, type WatchServing } from './watch.ts'
import { framesOf } from './watch-frames.ts'

export interface ResourceServing extends WatchServing {
  readonly handler: RequestHandler
  /** From 0 to below 1: spreads the ends of watches that name none. */
  readonly random: () => number
  /** Told of what never reaches the handler: what cannot be read, or cannot be answered as it was asked for. */
  readonly onRefused: (info: ResourceRequest, caller: Caller, error: unknown) => void
}

/** One request for objects as it came in. */
export interface ResourceAsked {
  readonly exchange: Exchange
  readonly info: ResourceRequest
  readonly served: Served
  readonly query: URLSearchParams
  readonly user: User
  readonly warnings: Warnings
}

/** A watch that names no end lives half an hour, and up to as much again. */
const WATCH_SECONDS = 1800

/** Decodes a request, hands it to the registry, encodes the answer in the form the client asked for. Not of watches. */
export async function serveResource(serving: ResourceServing, asked: ResourceAsked): Promise<void> {
  const { exchange, served, query, user, warnings } = asked
  const { encoding, request } = await decoded(serving, asked)
  if (request.verb === 'watch') throw internalError('a watch is not one answer')
  const { form } = encoding
  const slicing = { identity: user.name, clock: serving.clock, slices: serving.slices }
  const answer = await serving.handler.handle(request)
  const headers = headersWith(warnings)
  const pretty = wantsPretty(exchange, query)
  const { body } = answer
  if (isList(body)) {
    const written = encodeList(body, served, encoding)
    return sendList(exchange, answer.code, body.items, pretty ? prettyList(written, body.items.length) : written, headers, slicing)
  }
  if (answer.long !== undefined && form.as === 'object') {
    const { elements } = answer.long
    const written = encodeLong(body as KubeObject, answer.long)
    return sendList(exchange, answer.code, elements, pretty ? prettyList(written, elements.length) : written, headers, slicing)
  }
  const text = isStatus(body) ? JSON.stringify(body) : encodeObject(form.as === 'object' ? asServed(served, body) : body, encoding)
  return sendJson(exchange, answer.code, text, headers, pretty)
}

/** Opens a watch; it goes on when this resolves, and `onOver` is called once it has ended. */
export async function openWatch(serving: ResourceServing, asked: ResourceAsked): Promise<void> {
  const { exchange, served, user, warnings } = asked
  const { encoding, request } = await decoded(serving, asked)
  if (request.verb !== 'watch') throw internalError('not a watch')
  const events = await opened(serving.handler.watch(request))
  const frames = framesOf(encoding, served, serving.clock)
  sendWatch(serving, { exchange, events, frames, identity: user.name, resource: served.at.resource }, headersWith(warnings))
}

const headersWith = ({ values }: Warnings): ResponseHeaders => (values.length > 0 ? { ...JSON_HEADERS, warning: values } : JSON_HEADERS)

/** What is asked, and the form of its answer. */
async function decoded(
  serving: ResourceServing,
  { exchange, info, served, query, user, warnings }: ResourceAsked,
): Promise<{ readonly encoding: Encoding; readonly request: Request | WatchRequest }> {
  const { verb, subresource } = info
  const caller: Caller = { user, userAgent: exchange.headers['user-agent'], address: exchange.peer.address, uri: exchange.url, auditId: exchange.auditId }
  // The namespace of a namespace is for authorization only.
  const about = { caller, served, namespace: served.at.namespaced ? info.namespace : undefined, warn: warnings.warn }
  try {
    const list = verb === 'list' || verb === 'deletecollection'
    const columned = columnedBy(served.kind, subresource)
    const form = negotiateForm(exchange.headers.accept, { table: columned !== undefined, list, metadata: true })
    const encoding = { form, include: includeObjectOf(query), kind: columned ?? served.kind, now: serving.clock.now() }
    return { encoding, request: await requestOf(serving, exchange, info, query, about) }
  } catch (error) {
    serving.onRefused(info, caller, error)
    throw error
  }
}

/** What shows the answer as a table; of the subresources only the status, which is the object, and the scale have one. */
function columnedBy(kind: Kind, subresource: string | undefined): Columned | undefined {
  if (subresource === undefined || subresource === 'status') return kind
  return subresource === 'scale' ? SCALE_TABLE : undefined
}

/** The request that an exchange is, its body read and decoded. */
async function requestOf(
  { handler, random }: ResourceServing,
  exchange: Exchange,
  info: ResourceRequest,
  query: URLSearchParams,
  about: Pick<Request, 'caller' | 'served' | 'namespace' | 'warn'>,
): Promise<Request | WatchRequest> {
  const { verb, name, subresource } = info
  const { served, namespace } = about
  if (info.rest !== undefined) throw methodNotAllowed(served.at)
  // Over all namespaces one can only look.
  if (served.at.namespaced && namespace === undefined && verb !== 'list' && verb !== 'watch') throw methodNotAllowed(served.at)
  if (verb !== 'watch' && verb !== 'get' && verb !== 'list')
    await handler.permit({ ...about, verb, ...(name !== undefined && { name }), subresource, ...(verb === 'deletecollection' && { query: listQuery(query) }) })
  switch (verb) {
    case 'watch': {
      const asked = watchQuery(query)
      const timeoutSeconds = asked.timeoutSeconds || Math.round(WATCH_SECONDS * (1 + random()))
      const fieldSelector =
        name === undefined ? asked.fieldSelector : [`metadata.name=${escapedFieldValue(name)}`, asked.fieldSelector].filter(Boolean).join(',')
      return { ...about, verb, query: { ...asked, fieldSelector, timeoutSeconds } }
    }
    case 'get':
      return { ...about, verb, name: name!, subresource, parameters: query, resourceVersion: given(query, 'resourceVersion') }
    case 'list':
      return { ...about, verb, query: listQuery(query), signal: exchange.signal }
    case 'create':
    case 'update':
      return { ...about, verb, name, subresource, body: await readObject(exchange, served, subresource), query: writeQuery(query) }
    case 'patch':
      return { ...about, verb, name: name!, subresource, ...(await readPatch(exchange)), query: writeQuery(query) }
    case 'delete': {
      if (subresource !== undefined) throw methodNotAllowed(served.at)
      const options = (await readDeleteOptions(exchange)) ?? deleteOptionsOf(query)
      return { ...about, verb, name: name!, options, query: writeQuery(query) }
    }
    case 'deletecollection': {
      const options = (await readDeleteOptions(exchange)) ?? deleteOptionsOf(query)
      return { ...about, verb, options, query: { ...listQuery(query), ...writeQuery(query) } }
    }
    default:
      throw verb satisfies never
  }
}

/** Whether a place in the path fits the kind: a namespaced kind's object is in a namespace, a cluster-scoped one is not. */
export function scopeFits(served: Served, info: ResourceRequest): boolean {
  if (!served.at.namespaced) return info.namespace === undefined || served.at.resource === 'namespaces'
  return info.namespace !== undefined || info.name === undefined
}

export const isStatusError = (error: unknown): error is StatusError => error instanceof StatusError

/** What a request that failed is answered with. */
export const answerTo = (error: unknown): StatusError => (isStatusError(error) ? error : internalError('the server failed to answer; its log says why'))
