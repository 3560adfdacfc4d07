import { randomInt, randomUUID } from 'node:crypto'
import type { Api } from '../../api/access.ts'
import { apiVersionOf, type Kind } from '../../api/kinds/kind.ts'
import type { Draft, KubeObject } from '../../api/meta/object.ts'
import { badRequest, methodNotAllowed, StatusError, unavailable } from '../../api/meta/status.ts'
import { type Clock, systemClock } from '../../base/clock.ts'
import { deepFreeze } from '../../base/freeze.ts'
import { type Log, silentLog } from '../../base/log.ts'
import type { Outside } from '../../base/outside.ts'
import { Closed, type Store } from '../../store/store.ts'
import { Admission } from '../admission/admit.ts'
import type { AdmissionPlugin } from '../admission/plugin.ts'
import type { AuditedCall, Auditor } from '../audit/auditor.ts'
import type { WatchCaches } from '../cache/types.ts'
import { inProcess } from './api.ts'
import { applyObject } from './apply.ts'
import { aspectOf } from './aspect.ts'
import { type Attributes, type Authorizer, type Decision, refusal } from './authorizer.ts'
import { bindings } from './binding.ts'
import { adopt, readMessage, readObject } from './body.ts'
import { cachedKinds } from './cached-kinds.ts'
import { createObject } from './create.ts'
import { deleteCollection, deleteObject } from './delete.ts'
import { evictions } from './eviction.ts'
import { expireObjects } from './expiry.ts'
import { InProcessTurns } from './in-process-turns.ts'
import { IpRange } from './ip-range.ts'
import { KeyLock } from './key-lock.ts'
import { patchObject, putObject } from './modify.ts'
import { writeOptions } from './options.ts'
import { listObjects, narrow, readOne } from './read.ts'
import { listMeasured, readMeasured } from './read-measured.ts'
import type { Answer, Caller, Request, RequestHandler, Served, Unread, WatchRequest, WatchStream, WriteRequest } from './request.ts'
import { Catalogue } from './served.ts'
import { serviceAddresses } from './service-addresses.ts'
import { onlyOnce } from './settings.ts'
import type { GetSubresource, PostSubresource, ReadKind, VirtualKind } from './virtual.ts'
import { watchObjects } from './watch.ts'
import type { Reserve, World } from './world.ts'

export interface RegistryOptions {
  readonly store: Store
  /** Over the same store; holds every kind of `kinds`. */
  readonly caches: WatchCaches
  /** In the order of discovery. */
  readonly kinds: readonly Kind[]
  readonly authorizer: Authorizer
  /** In the order in which they run. */
  readonly admission: readonly AdmissionPlugin[]
  /** Where Services get their cluster addresses from; 10.96.0.0/12. */
  readonly serviceRange?: string
  /** Who is told of every request; nobody when absent. */
  readonly auditor?: Auditor
  readonly clock?: Clock
  readonly log?: Log
  readonly uuid?: () => string
  readonly random?: (n: number) => number
  /** Told of requests from outside, to which those from within leave turns of the event loop; they all go on at once when absent. */
  readonly outside?: Outside | undefined
}

const silent = () => {}
const DEFAULT_SERVICE_RANGE = '10.96.0.0/12'
/** Who removes what has lived its time. */
const ITSELF: Caller = { user: { name: 'system:apiserver', groups: ['system:masters'] }, userAgent: 'everynode' }

/** The one generic pipeline for every kind: authorize, decode, convert, default, admit, prepare, validate, compare and write. */
export class Registry implements RequestHandler {
  /** The address of Service `default/kubernetes`. */
  readonly firstServiceAddress: string
  readonly #world: World
  readonly #auditor: Auditor | undefined
  readonly #outside: Outside | undefined
  readonly #turns: InProcessTurns | undefined
  readonly #virtual = new Map<Kind, VirtualKind>()
  readonly #reads = new Map<Kind, ReadKind>()
  readonly #gets = new Map<string, GetSubresource>()
  readonly #posts = new Map<string, PostSubresource>()
  readonly #reservations = new Map<string, Reserve>()

  constructor(options: RegistryOptions) {
    const { store, caches, kinds, authorizer, clock = systemClock, log = silentLog } = options
    this.#auditor = options.auditor
    this.#outside = options.outside
    this.#turns = options.outside && new InProcessTurns(options.outside)
    const random = options.random ?? ((n: number) => randomInt(n))
    const view = {
      get: <T>(at: { readonly group: string; readonly resource: string }, namespace: string | undefined, name: string) =>
        caches.of(at)?.get(namespace ? `${namespace}/${name}` : name) as T | undefined,
      list: <T>(at: { readonly group: string; readonly resource: string }, namespace?: string) =>
        (caches.of(at)?.list(namespace ? { namespace } : undefined).items ?? []) as readonly T[],
      clock,
    }
    this.#world = {
      catalogue: new Catalogue(kinds),
      store,
      caches,
      authorizer,
      admission: new Admission(options.admission, view),
      reservations: this.#reservations,
      lock: new KeyLock(),
      clock,
      log,
      uuid: options.uuid ?? randomUUID,
      random,
    }
    const { post, virtual } = bindings(this.#world)
    this.addPost(post)
    this.addVirtual(virtual)
    this.addPost(evictions(this.#world))
    const range = new IpRange(options.serviceRange ?? DEFAULT_SERVICE_RANGE)
    this.firstServiceAddress = range.at(0)
    this.addReservation('services', serviceAddresses({ caches, random, range }))
  }

  /** Everything that is served, stored versions first. */
  get resources(): readonly Served[] {
    return this.#world.catalogue.resources
  }

  served(group: string, version: string, resource: string): Served | undefined {
    return this.#world.catalogue.find(group, version, resource)
  }

  /** Serves a kind that is never stored. */
  addVirtual(virtual: VirtualKind): void {
    this.#world.catalogue.add(virtual.kind)
    this.#virtual.set(virtual.kind, virtual)
  }

  /** Serves a kind that is never stored and can only be read. */
  addRead(read: ReadKind): void {
    this.#world.catalogue.add(read.kind)
    this.#reads.set(read.kind, read)
  }

  /** Shows a kind of which only subresources are served (its `verbs` are none). */
  addResource(kind: Kind): void {
    this.#world.catalogue.add(kind)
  }

  /** Serves one more kind whose objects are stored; its objects are there when it resolves. */
  async addStored(kind: Kind): Promise<void> {
    const { caches, catalogue } = this.#world
    for (const cached of cachedKinds([kind])) await caches.add(cached)
    catalogue.add(kind)
  }

  /** Serves stored objects by another description of their kind. */
  replaceStored(old: Kind, kind: Kind): void {
    this.#world.catalogue.remove(old)
    this.#world.catalogue.add(kind)
  }

  /** Serves a stored kind no more; its watches end. */
  removeStored(kind: Kind): void {
    this.#world.catalogue.remove(kind)
    this.#world.caches.remove(kind)
  }

  /** Serves GET on a subresource that a kind's `subresources.other` names. */
  addGet(get: GetSubresource): void {
    this.#gets.set(`${get.group}/${get.on}`, get)
  }

  /** Serves POST on a subresource. */
  addPost(post: PostSubresource): void {
    this.#posts.set(`${post.group}/${post.on}`, post)
  }

  /** Has something taken from a common stock for every object of a resource. */
  addReservation(resource: string, reserve: Reserve): void {
    this.#reservations.set(resource, reserve)
  }

  /** The API as one caller sees it, without a wire. Warnings go to `warn`. */
  as(caller: Caller, warn?: (text: string) => void): Api {
    return inProcess(this, caller, warn, this.#turns)
  }

  /** Removes objects when their time to live is over (Events); resolves when the signal has aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, log, caches } = this.#world
    const api = this.as(ITSELF)
    const mortal = this.resources.filter(({ kind, version }) => version === undefined && kind.timeToLiveSeconds !== undefined)
    const remove = (kind: Kind) => (namespace: string, name: string, resourceVersion: string) =>
      api.delete({ kind, namespace, name }, { preconditions: { resourceVersion } })
    await Promise.all(mortal.map(({ kind }) => expireObjects({ kind, caches, remove: remove(kind), clock, log, signal })))
  }

  /** Whether somebody may; never throws. */
  async decide(attributes: Attributes): Promise<Decision> {
    return await this.#world.authorizer.authorize(attributes)
  }

  /** Throws Forbidden unless allowed. */
  async authorize(attributes: Attributes): Promise<void> {
    const waiting = this.#allow(attributes)
    if (waiting !== undefined) await waiting
  }

  /** The same; undefined where the answer is at hand. */
  #allow(attributes: Attributes): Promise<void> | undefined {
    const decision = this.#world.authorizer.authorize(attributes)
    const judge = ({ allowed, reason }: Decision) => {
      if (!allowed) throw refusal(attributes, reason)
    }
    if (decision instanceof Promise) return decision.then(judge)
    judge(decision)
    return undefined
  }

  async permit(unread: Unread): Promise<void> {
    const { served, verb, subresource } = unread
    if (!this.#takes(served.kind, verb, subresource)) throw methodNotAllowed(served.at)
    const waiting = this.#authorize(unread, verb, subresource)
    if (waiting !== undefined) await waiting
  }

  async handle(request: Request): Promise<Answer> {
    // Only what came over a connection has an address that it was sent to.
    if (request.caller.uri !== undefined) this.#outside?.heard()
    const over = this.#auditor?.begin(audited(request))
    try {
      const answer = await this.#handle(request)
      over?.({ answer })
      return answer
    } catch (error) {
      const told = toldOf(error)
      over?.({ error: told })
      throw told
    }
  }

  async #handle(request: Request): Promise<Answer> {
    const { served } = request
    const subresource = 'subresource' in request ? request.subresource : undefined
    if (!this.#takes(served.kind, request.verb, subresource)) throw methodNotAllowed(served.at)
    const waiting = this.#authorize(request, request.verb, subresource)
    if (waiting !== undefined) await waiting
    const deprecation = served.version ? served.version.deprecation : served.kind.deprecation
    if (deprecation) request.warn?.(deprecation)
    const world = this.#world
    const read = subresource === undefined && this.#reads.get(served.kind)
    switch (request.verb) {
      case 'get': {
        if (read) return { code: 200, body: await readMeasured(read, served, request.namespace, request.name) }
        const get = subresource && this.#gets.get(`${served.kind.group}/${served.kind.resource}/${subresource}`)
        if (get) {
          const { caller, namespace, name, parameters = new URLSearchParams(), signal } = request
          const { body, long } = await get.get({ caller, namespace, name, parameters, signal })
          return { code: 200, body: deepFreeze(body), ...(long && { long }) }
        }
        const object = await readOne(world, served, request.namespace, request.name, request.resourceVersion)
        return { code: 200, body: aspectOf(served.kind, subresource)!.show(object, { kind: served.kind, at: served.kind }) }
      }
      case 'list':
        if (read) return { code: 200, body: await listMeasured(read, served, request.namespace, request.query) }
        return { code: 200, body: await listObjects(world, served, request.namespace, request.query) }
      case 'create':
        return await this.#create(request)
      case 'update':
        return await putObject(world, request, async () => this.#authorize(request, 'create', undefined))
      case 'patch':
        if (request.type === 'apply') return await applyObject(world, request, async () => this.#authorize(request, 'create', undefined))
        return await patchObject(world, request, request.type)
      case 'delete':
        return { code: 200, body: await deleteObject(world, request) }
      case 'deletecollection':
        return { code: 200, body: await deleteCollection(world, request) }
      default:
        throw request satisfies never
    }
  }

  async watch(request: WatchRequest): Promise<WatchStream> {
    const over = this.#auditor?.begin(audited(request))
    try {
      const stream = await this.#watch(request)
      over?.({ watching: true })
      return stream
    } catch (error) {
      const told = toldOf(error)
      over?.({ error: told })
      throw told
    }
  }

  async #watch(request: WatchRequest): Promise<WatchStream> {
    const { served } = request
    if (!this.#takes(served.kind, 'watch', undefined)) throw methodNotAllowed(served.at)
    const waiting = this.#authorize(request, 'watch', undefined)
    if (waiting !== undefined) await waiting
    const deprecation = served.version ? served.version.deprecation : served.kind.deprecation
    if (deprecation) request.warn?.(deprecation)
    return watchObjects(this.#world, request)
  }

  async #create(request: WriteRequest): Promise<Answer> {
    const { served, namespace, caller, body, warn = silent, signal } = request
    const { dryRun, fieldManager, fieldValidation } = writeOptions(request.query, 'create', caller)
    const once = onlyOnce(warn)
    const post = request.subresource === undefined ? undefined : this.#posts.get(`${served.kind.group}/${served.kind.resource}/${request.subresource}`)
    const virtual = this.#virtual.get(served.kind)
    if (post || virtual) {
      const schema = virtual?.kind ?? bodyKind(post!, body.value)
      const read = readMessage(schema.schema, body, schema, fieldValidation, once) as Record<string, unknown>
      checkKind(read, schema)
      const name = request.name ?? (read['metadata'] as { name?: string } | undefined)?.name ?? ''
      const handler = virtual?.create ?? post!.create
      if (post) await this.#admitPost(request, read as unknown as Draft<KubeObject>, name, dryRun, once)
      return { code: 201, body: deepFreeze(await handler({ caller, namespace, name, body: read, dryRun, fieldManager, signal, warn: once })) }
    }
    if (request.subresource !== undefined || request.name !== undefined) throw methodNotAllowed(served.at)
    adopt(this.#world, served, body)
    const draft = readObject(body, { served, namespace, name: undefined, fieldValidation, warn: once, mayShare: true })
    return { code: 201, body: await createObject(this.#world, { served, namespace, draft, caller, manager: fieldManager, dryRun, warn: once }) }
  }

  /** A POST to a subresource passes admission as a create of it. */
  async #admitPost(
    { served, namespace, subresource, caller }: WriteRequest,
    object: Draft<KubeObject>,
    name: string,
    dryRun: boolean,
    warn: (text: string) => void,
  ) {
    const { admission } = this.#world
    const asked = { operation: 'create' as const, kind: served.kind, subresource, namespace, name, user: caller.user, object, old: undefined, dryRun, warn }
    await admission.mutate(asked)
    await admission.check(asked)
  }

  #takes(kind: Kind, verb: string, subresource: string | undefined): boolean {
    if (subresource === undefined) return kind.verbs === undefined || kind.verbs.includes(verb)
    const key = `${kind.group}/${kind.resource}/${subresource}`
    if (verb === 'create') return this.#posts.has(key)
    if (verb === 'get' && this.#gets.has(key)) return true
    if (!aspectOf(kind, subresource)) {
      if (kind.subresources?.other?.[subresource]) return false
      throw new StatusError('NotFound', 'the server could not find the requested resource')
    }
    const own = kind.subresources?.other?.[subresource]
    return own ? own.verbs.includes(verb) : verb === 'get' || verb === 'update' || verb === 'patch'
  }

  /** Throws Forbidden unless allowed; undefined where the answer is at hand. */
  #authorize(request: Request | WatchRequest | Unread, verb: string, subresource: string | undefined): Promise<void> | undefined {
    const { served, namespace, caller } = request
    const { fieldSelector } = ('query' in request && (request.query as { fieldSelector?: string } | undefined)) || {}
    const narrowed = fieldSelector ? narrow(served, namespace, { fieldSelector }) : undefined
    const named = 'name' in request ? request.name : narrowed?.name
    const { group, version, resource } = served.at
    return this.#allow({
      user: caller.user,
      verb,
      group,
      version,
      resource,
      subresource: subresource || undefined,
      namespace: namespace || undefined,
      name: named || undefined,
      fieldTerms: narrowed?.fieldTerms,
    })
  }
}

function bodyKind(post: PostSubresource, value: unknown): PostSubresource['bodies'][number] {
  const said = typeof value === 'object' && value !== null ? (value as { apiVersion?: unknown }).apiVersion : undefined
  if (said === undefined || said === '') return post.bodies[0]!
  const found = post.bodies.find(body => apiVersionOf(body) === said)
  if (!found) throw badRequest(`the API version in the data (${String(said)}) does not match the expected API version (${apiVersionOf(post.bodies[0]!)})`)
  return found
}

function checkKind(read: Readonly<Record<string, unknown>>, expected: Pick<Kind, 'group' | 'version' | 'kind'>): void {
  const { kind, apiVersion } = read
  if (kind && kind !== expected.kind) throw badRequest(`${String(kind)} cannot be handled as a ${expected.kind}`)
  if (apiVersion && apiVersion !== apiVersionOf(expected)) {
    throw badRequest(`the API version in the data (${String(apiVersion)}) does not match the expected API version (${apiVersionOf(expected)})`)
  }
}

const audited = (request: Request | WatchRequest): AuditedCall => ({
  caller: request.caller,
  verb: request.verb,
  at: request.served.at,
  namespace: request.namespace,
  subresource: 'subresource' in request ? request.subresource : undefined,
  name: 'name' in request ? request.name : undefined,
  body: 'body' in request ? request.body.value : undefined,
})

/** Whether something was written that nobody has seen yet shows when the server is back. */
const toldOf = (error: unknown): unknown => (error instanceof Closed ? unavailable('the server is stopping') : error)
