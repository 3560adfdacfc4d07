import type { Api, List, Target, WatchEvent, WatchOptions } from '../../api/access.ts'
import { INITIAL_EVENTS_END } from '../../api/access.ts'
import { apiVersionOf } from '../../api/kinds/kind.ts'
import type { KubeObject } from '../../api/meta/object.ts'
import { badRequest, StatusError } from '../../api/meta/status.ts'
import type { Status } from '../../api/types/meta.ts'
import type { CacheEvent } from '../cache/types.ts'
import type { InProcessTurns } from './in-process-turns.ts'
import { wholeBody } from './long-member.ts'
import type { Answer, Caller, ListQuery, Request, RequestHandler, Served, WatchRequest, WriteQuery } from './request.ts'
import { asServed } from './served.ts'

/** The `Api` over a registry in the same process: the same requests as over HTTP, without bytes. They go on in their turn, where there are turns. */
export function inProcess(registry: RequestHandler, caller: Caller, warn?: (text: string) => void, turns?: InProcessTurns): Api {
  const serve = ({ kind }: Target): Served => {
    const served = registry.served(kind.group, kind.version, kind.resource)
    if (!served) throw new StatusError('NotFound', 'the server could not find the requested resource')
    return served
  }
  const at = (target: Target) => ({
    caller,
    served: serve(target),
    namespace: (target.kind.namespaced && target.namespace) || undefined,
    warn,
  })
  const run = async <T>(ask: () => Request): Promise<T> => {
    const request = ask()
    const waiting = turns?.take()
    if (waiting !== undefined) await waiting
    return translated(request.served, wholeBody(await registry.handle(request))) as T
  }

  return {
    get: (target, options = {}) =>
      run(() => ({
        verb: 'get',
        ...at(target),
        name: nameOf(target),
        subresource: target.subresource || undefined,
        resourceVersion: options.resourceVersion || undefined,
      })),
    list: (target, options = {}) => run(() => ({ verb: 'list', ...at(target), query: listQuery(options) })),
    create: (target, object, options = {}) => run(() => ({ verb: 'create', ...at(target), body: { value: object }, query: writeQuery(options) })),
    update: (target, object, options = {}) =>
      run(() => ({
        verb: 'update',
        ...at(target),
        name: target.name ?? object.metadata.name,
        subresource: target.subresource || undefined,
        body: { value: object },
        query: writeQuery(options),
      })),
    patch: (target, patch, options = {}) =>
      run(() => ({
        verb: 'patch',
        ...at(target),
        name: nameOf(target),
        subresource: target.subresource || undefined,
        type: patch.type,
        body: { value: patch.body },
        query: { ...writeQuery(options), force: patch.force },
      })),
    delete: (target, options = {}) => run(() => ({ verb: 'delete', ...at(target), name: nameOf(target), options: deleteOptions(options), query: {} })),
    deleteCollection: (target, options = {}) =>
      run(() => ({ verb: 'deletecollection', ...at(target), options: deleteOptions(options), query: listQuery(options) })),
    post: (target, body, options = {}) =>
      run(() => ({
        verb: 'create',
        ...at(target),
        name: target.name || undefined,
        subresource: target.subresource || undefined,
        body: { value: body },
        query: writeQuery(options),
      })),
    watch: (target, options) => watching(registry, { verb: 'watch', ...at(target), query: watchQuery(options), signal: options.signal }),
  }
}

function nameOf(target: Target): string {
  if (!target.name) throw badRequest('name must be provided')
  return target.name
}

/** The body of an answer at the version asked for. */
function translated(served: Served, body: Answer['body']): KubeObject | Status | List<KubeObject> {
  if (served.version === undefined) return body
  if (!('items' in body)) return asServed(served, body)
  return Object.freeze({
    ...body,
    apiVersion: apiVersionOf(served.at),
    kind: `${served.at.kind}List`,
    items: Object.freeze(body.items.map(item => asServed(served, item))),
  })
}

async function* watching<T extends KubeObject>(registry: RequestHandler, request: WatchRequest): AsyncGenerator<readonly WatchEvent<T>[], void> {
  for await (const events of await registry.watch(request)) yield events.map(event => asEvent(event, request.served)) as WatchEvent<T>[]
}

function asEvent(event: CacheEvent, served: Served): WatchEvent {
  if (event.type !== 'BOOKMARK') return served.version === undefined ? event : { type: event.type, object: asServed(served, event.object) }
  return {
    type: 'BOOKMARK',
    object: {
      metadata: { resourceVersion: String(event.revision), ...(event.initialEventsEnd && { annotations: { [INITIAL_EVENTS_END]: 'true' } }) },
    },
  }
}

type Options = Parameters<Api['list']>[1] & Parameters<Api['create']>[2] & object

const NOTHING_ASKED: WriteQuery = Object.freeze({})

const writeQuery = ({ dryRun, fieldManager, fieldValidation }: Options): WriteQuery =>
  dryRun || fieldManager || fieldValidation
    ? { dryRun: dryRun ? ['All'] : undefined, fieldManager: fieldManager || undefined, fieldValidation: fieldValidation || undefined }
    : NOTHING_ASKED

const listQuery = ({ labelSelector, fieldSelector, limit, continue: from, resourceVersion, resourceVersionMatch }: Options): ListQuery => ({
  ...(labelSelector && { labelSelector }),
  ...(fieldSelector && { fieldSelector }),
  ...(limit !== undefined && { limit }),
  ...(from && { continue: from }),
  ...(resourceVersion && { resourceVersion }),
  ...(resourceVersionMatch && { resourceVersionMatch }),
})

const watchQuery = ({ labelSelector, fieldSelector, resourceVersion, bookmarks, initialEvents, timeoutSeconds }: WatchOptions): WatchRequest['query'] => ({
  ...(labelSelector && { labelSelector }),
  ...(fieldSelector && { fieldSelector }),
  ...(resourceVersion && { resourceVersion }),
  ...(bookmarks && { allowWatchBookmarks: true }),
  ...(initialEvents && { sendInitialEvents: true, resourceVersionMatch: 'NotOlderThan' }),
  ...(timeoutSeconds && { timeoutSeconds }),
})

function deleteOptions({ dryRun, gracePeriodSeconds, preconditions, propagation }: NonNullable<Parameters<Api['delete']>[1]>): object {
  return {
    ...(dryRun && { dryRun: ['All'] }),
    ...(gracePeriodSeconds !== undefined && { gracePeriodSeconds }),
    ...(preconditions && { preconditions }),
    ...(propagation && { propagationPolicy: propagation }),
  }
}
