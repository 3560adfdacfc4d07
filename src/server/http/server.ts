import { randomUUID } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import type { SecureContextOptions } from 'node:tls'
import { badRequest, methodNotAllowed, StatusError, unauthorized } from '../../api/meta/status.ts'
import type { User } from '../../api/meta/user.ts'
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { Metrics } from '../../base/metrics.ts'
import { destroyed } from '../../base/node/destroyed.ts'
import type { AuditedCall, Auditor } from '../audit/auditor.ts'
import { type Authorizer, refusal } from '../registry/authorizer.ts'
import type { Caller, RequestHandler } from '../registry/request.ts'
import { Allowances } from './allowances.ts'
import { ANONYMOUS, type Authenticator } from './authenticate.ts'
import { Batches } from './batches.ts'
import { Closing } from './closing.ts'
import type { Exchange, Peer } from './exchange.ts'
import { FairQueue } from './fair-queue.ts'
import { LIMITS, type Limits } from './limits.ts'
import { Listener, type Upgrade } from './listener.ts'
import { type ResourceRequest, requestInfo } from './request-info.ts'
import { answerTo, isStatusError, openWatch, type ResourceAsked, type ResourceServing, scopeFits, serveResource } from './resources.ts'
import type { AskedBy, PathRoute, StreamCall, StreamRoute } from './routes.ts'
import { sendNotFoundPage, sendStatus, wantsPretty } from './send.ts'
import { Turns } from './turns.ts'
import { refuseUpgrade } from './upgrade.ts'
import { Warnings } from './warnings.ts'

export interface ApiServerOptions {
  readonly handler: RequestHandler
  readonly authenticator: Authenticator
  readonly authorizer: Authorizer
  /** By first path segments, longest first: `version`, `api`, `apis`, `openapi/v3`. */
  readonly paths: Readonly<Record<string, PathRoute>>
  /** By `GROUP/RESOURCE/SUBRESOURCE`: `/pods/log`, `everynode.dev/nodes/link`. */
  readonly streams: Readonly<Record<string, StreamRoute>>
  readonly tls: SecureContextOptions
  readonly clock: Clock
  readonly random: () => number
  /** A fresh identity for a request. */
  readonly uuid?: () => string
  readonly log: Log
  readonly metrics: Metrics
  readonly limits?: Partial<Limits>
  /** Of what does not reach the handler: paths, streams, and whoever is nobody. What does, the handler has audited. */
  readonly auditor?: Auditor
}

/** Upper bounds of the buckets of deliveries, in seconds. */
const DELIVERY = [0.0005, 0.001, 0.002, 0.003, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5]
const MAX_URL = 16 * 1024
/** Methods that are counted by their own name: over HTTP/2 anything can be one. */
const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

const OF_ONE_OBJECT: ReadonlySet<string> = new Set(['get', 'create', 'update', 'patch', 'delete'])

/** The HTTP front: who asks, what for, and the way to whoever answers. */
export class ApiServer {
  readonly #options: ApiServerOptions
  readonly #listener: Listener
  readonly #closing = new Closing()
  /** Of the changes that watches are told. */
  readonly #turns = new Turns({ perTurn: 300, each: 16, milliseconds: 20 })
  /** Of pieces of long answers, some 64 KiB each. */
  readonly #slices = new Turns({ perTurn: 4, each: 1 })
  readonly #queue: FairQueue
  readonly #serving: ResourceServing
  readonly #batches: Batches
  readonly #allowances: Allowances
  readonly #requests
  readonly #seconds

  constructor(options: ApiServerOptions) {
    this.#options = options
    const { metrics, clock } = options
    const limits = { ...LIMITS, ...options.limits }
    this.#allowances = new Allowances(limits, clock, metrics)
    this.#requests = metrics.counter('apiserver_request_total', 'Requests answered, by verb, resource and code.')
    this.#seconds = metrics.histogram('apiserver_request_duration_seconds', 'Time from a request to the end of its answer; watches are not in it.')
    const delivery = metrics.histogram(
      'everynode_watch_delivery_seconds',
      'Time from a change being durable to its event being handed to a connection.',
      DELIVERY,
    )
    this.#listener = new Listener({
      tls: options.tls,
      onRequest: exchange => void this.#serve(exchange),
      onUpgrade: upgrade => void this.#upgrade(upgrade),
      onClose: peer => this.#allowances.closed(peer),
      knows: peer => this.#allowances.knows(peer),
      limits,
      clock,
      uuid: options.uuid ?? randomUUID,
    })
    this.#queue = new FairQueue({ clock })
    this.#serving = {
      handler: options.handler,
      clock,
      random: options.random,
      turns: this.#turns,
      slices: this.#slices,
      closing: this.#closing,
      onDelivered: milliseconds => delivery.observe(milliseconds / 1000),
      onError: (resource, error) => options.log.error('watch failed', { resource, error }),
      onOver: ({ exchange, identity, resource }) => {
        this.#allowances.over(identity)
        this.#count({ verb: 'watch', resource }, exchange)
      },
      onRefused: (info, caller, error) => options.auditor?.begin(aboutResource(info, caller))?.({ error }),
    }
    this.#batches = new Batches({
      handler: options.handler,
      queue: this.#queue,
      clock,
      log: options.log,
      onAnswered: ({ verb, resource, code, milliseconds }) => {
        this.#requests.add(1, { verb, resource, code: String(code) })
        this.#seconds.observe(milliseconds / 1000, { verb })
      },
    })
    metrics.measured('apiserver_current_inflight_requests', 'Requests under way.', () => this.#queue.running)
    metrics.measured('apiserver_current_inqueue_requests', 'Requests that wait for their turn.', () => this.#queue.waiting)
    metrics.measured('apiserver_connections', 'Open connections.', () => this.#listener.connections)
  }

  listen(port: number, host: string): Promise<AddressInfo> {
    return this.#listener.listen(port, host)
  }
  /** Whether somebody has come and has to wait until they are listened to. */
  get crowded(): boolean {
    return this.#listener.crowded
  }
  /** New connections use this certificate, or these tickets. */
  renew(tls: SecureContextOptions): void {
    this.#listener.renew(tls)
  }
  /** Ends all watches cleanly, lets requests under way finish, closes. */
  async close(): Promise<void> {
    this.#closing.begin()
    await this.#listener.close()
  }

  async #serve(exchange: Exchange): Promise<void> {
    const { clock, log } = this.#options
    const started = clock.now()
    const warnings = new Warnings()
    const seen: Seen = { verb: METHODS.has(exchange.method) ? exchange.method : 'other', resource: '', goesOn: false }
    try {
      await this.#route(exchange, warnings, seen)
    } catch (error) {
      if (exchange.aborted) return
      if (!isStatusError(error)) log.error('request failed', { method: exchange.method, path: exchange.url.split('?', 1)[0], error })
      if (exchange.code === 0) sendStatus(exchange, answerTo(error), warnings.values, wantsPretty(exchange, new URLSearchParams()))
    } finally {
      if (!seen.goesOn) this.#count(seen, exchange)
      if (seen.verb !== 'watch') this.#seconds.observe((clock.now() - started) / 1000, { verb: seen.verb })
    }
  }

  #count({ verb, resource }: Pick<Seen, 'verb' | 'resource'>, { code }: Exchange): void {
    this.#requests.add(1, { verb, resource, code: String(code) })
  }

  async #route(exchange: Exchange, warnings: Warnings, seen: Seen): Promise<void> {
    const { url } = exchange
    if (url.length > MAX_URL) throw new StatusError('RequestURITooLong', `the request line is longer than ${MAX_URL} bytes`, undefined, 414)
    const cut = url.indexOf('?')
    const path = cut < 0 ? url : url.slice(0, cut)
    const query = new URLSearchParams(cut < 0 ? '' : url.slice(cut + 1))
    const info = requestInfo(exchange.method, path, query)
    const user = await this.#authenticate(exchange, exchange.method, url)
    this.#admit(user, exchange.peer)
    if (exchange.only && !this.#fits(info, exchange.only)) throw badRequest(`over a link this is not answered: ${exchange.only} were announced`)
    if (info.type === 'path') {
      const call = { caller: callerOf(user ?? ANONYMOUS, exchange, url), verb: exchange.method.toLowerCase(), path: info.path }
      return this.#audited(
        call,
        () => this.#path(exchange, info.segments, query, user, seen),
        () => exchange.code,
      )
    }
    if (!user) return this.#audited(this.#refused(exchange, exchange.method, url), () => Promise.reject(unauthorized()))
    if (info.type === 'none') {
      if (info.code === 404) return sendNotFoundPage(exchange)
      throw info.code === 405 ? methodNotAllowed({ group: '', resource: '' }) : new StatusError('BadRequest', info.why)
    }
    const served = this.#options.handler.served(info.group, info.version, info.resource)
    const stream = this.#stream(info)
    if (stream) {
      seen.verb = 'connect'
      seen.resource = `${info.resource}/${info.subresource}`
      if (!stream.serve) throw new StatusError('BadRequest', 'Upgrade request required')
      const over = this.#allowances.longRunning(user.name)
      try {
        const call = streamed(info, callerOf(user, exchange, path))
        return await this.#audited(
          call,
          () => stream.serve!({ info, served, user, query, closing: this.#closing, ...this.#overStream(exchange) }, exchange),
          () => exchange.code,
        )
      } finally {
        over()
      }
    }
    if (!served || !scopeFits(served, info)) return sendNotFoundPage(exchange)
    seen.verb = info.verb
    seen.resource = info.subresource ? `${info.resource}/${info.subresource}` : info.resource
    const asked = { exchange, info, served, query, user, warnings }
    if (info.verb === 'watch') return this.#watch(asked, seen)
    const rank = isUrgent(info, user) ? 'urgent' : 'ordinary'
    // Somebody's lists wait for each other, and what else they ask does not wait for them.
    const flow = info.verb === 'list' ? `${user.name} lists` : user.name
    await this.#queue.enter(flow, rank, isWrite(info))
    try {
      // Whoever went away while waiting wants nothing any more.
      if (exchange.aborted) return
      return await serveResource(this.#serving, asked)
    } finally {
      this.#queue.leave(flow, rank)
    }
  }

  #fits(info: ReturnType<typeof requestInfo>, only: 'watches' | 'objects'): boolean {
    if (info.type !== 'resource' || this.#stream(info)) return false
    return only === 'watches' ? info.verb === 'watch' : OF_ONE_OBJECT.has(info.verb)
  }

  async #watch(asked: ResourceAsked, seen: Seen): Promise<void> {
    const { name } = asked.user
    this.#allowances.begin(name)
    try {
      await openWatch(this.#serving, asked)
      seen.goesOn = true
    } catch (error) {
      this.#allowances.over(name)
      throw error
    }
  }

  /** What is written and asked over a stream that is open: who does is looked at each time, as for requests. */
  #overStream({ headers, peer, auditId }: AskedBy): Pick<StreamCall, 'write' | 'ask'> {
    const { uuid = randomUUID } = this.#options
    const { 'user-agent': userAgent, authorization } = headers
    const said = { ...(userAgent !== undefined && { 'user-agent': userAgent }), ...(authorization !== undefined && { authorization }) }
    const by: AskedBy = { headers: said, peer, auditId }
    return {
      write: async line => {
        const user = await this.#authenticate(by, 'POST', '')
        if (!user) throw unauthorized()
        const admit = (count: number) => this.#allowances.admit(user, peer, count)
        return this.#batches.answer(line, { user, userAgent, address: peer.address, admit })
      },
      ask: request => void this.#serve(request({ ...by, auditId: uuid() })),
    }
  }

  /** As the authenticator; who is refused is written down. */
  async #authenticate(asked: AskedBy, method: string, url: string): Promise<User | undefined> {
    try {
      return await this.#options.authenticator.authenticate(asked.headers, asked.peer)
    } catch (error) {
      this.#options.auditor?.begin(this.#refused(asked, method, url))?.({ error })
      throw error
    }
  }

  /** Whoever was refused may have meant a stream: its query stays out, as that of streams. */
  #refused(asked: AskedBy, method: string, url: string): AuditedCall {
    const path = url.split('?', 1)[0]!
    return { caller: callerOf(ANONYMOUS, asked, path), verb: method.toLowerCase(), path }
  }

  async #audited(call: AuditedCall, run: () => void | Promise<void>, code = () => 200): Promise<void> {
    const over = this.#options.auditor?.begin(call)
    try {
      await run()
      over?.({ code: code() })
    } catch (error) {
      over?.({ error })
      throw error
    }
  }

  #admit(user: User | undefined, peer: Peer): void {
    this.#allowances.admit(user, peer)
    if (user) this.#listener.known(peer)
  }

  async #path(exchange: Exchange, segments: readonly string[], query: URLSearchParams, user: User | undefined, seen: Seen): Promise<void> {
    const { paths, authorizer } = this.#options
    let route: PathRoute | undefined
    for (let n = segments.length; n >= 0 && !route; n--) {
      const key = segments.slice(0, n).join('/')
      if (Object.hasOwn(paths, key) && (n > 0 || segments.length === 0)) {
        route = paths[key]
        seen.resource = `/${key}`
      }
    }
    if (!user && !route?.anonymous) throw unauthorized()
    if (!route) return sendNotFoundPage(exchange)
    if (!(route.methods ?? ['GET', 'HEAD']).includes(exchange.method)) throw methodNotAllowed({ group: '', resource: '' })
    const who = user ?? ANONYMOUS
    if (!route.anonymous) {
      const attributes = { user: who, verb: exchange.method.toLowerCase(), path: `/${segments.join('/')}` }
      const decision = await authorizer.authorize(attributes)
      if (!decision.allowed) throw refusal(attributes, decision.reason)
    }
    return route.serve({ exchange, user: who, segments, query })
  }

  #stream(info: ResourceRequest): StreamRoute | undefined {
    if (info.subresource === undefined) return undefined
    const key = `${info.group}/${info.resource}/${info.subresource}`
    return Object.hasOwn(this.#options.streams, key) ? this.#options.streams[key] : undefined
  }

  async #upgrade(upgrade: Upgrade): Promise<void> {
    const { request, socket, peer, auditId } = upgrade
    const asked: AskedBy = { headers: request.headers, peer, auditId }
    socket.on('error', destroyed)
    try {
      const url = request.url ?? '/'
      const cut = url.indexOf('?')
      const query = new URLSearchParams(cut < 0 ? '' : url.slice(cut + 1))
      const info = requestInfo(request.method ?? 'GET', cut < 0 ? url : url.slice(0, cut), query)
      const user = await this.#authenticate(asked, request.method ?? 'GET', url)
      this.#admit(user, peer)
      if (!user) return await this.#audited(this.#refused(asked, request.method ?? 'GET', url), () => Promise.reject(unauthorized()))
      const stream = info.type === 'resource' ? this.#stream(info) : undefined
      if (info.type !== 'resource' || !stream?.upgrade) throw new StatusError('BadRequest', 'nothing at this path takes an upgrade')
      const served = this.#options.handler.served(info.group, info.version, info.resource)
      socket.once('close', this.#allowances.longRunning(user.name))
      const call = streamed(info, callerOf(user, asked, url.split('?', 1)[0]!))
      await this.#audited(
        call,
        () => stream.upgrade!({ info, served, user, query, closing: this.#closing, ...this.#overStream(asked) }, upgrade),
        () => 101,
      )
    } catch (error) {
      if (!isStatusError(error)) this.#options.log.error('upgrade failed', { path: request.url?.split('?', 1)[0], error })
      refuseUpgrade(upgrade, answerTo(error))
    }
  }
}

/**
 * What keeps nodes alive, and whoever runs the cluster, comes before all others; not their lists, which are the longest work
 * there is, and not everybody's Leases, or whoever floods those would come first.
 */
function isUrgent({ verb, resource }: ResourceRequest, { groups }: User): boolean {
  if (verb === 'list') return false
  return (
    groups.includes('system:nodes') || groups.includes('system:masters') || (resource === 'leases' && groups.includes('system:serviceaccounts:kube-system'))
  )
}

const isWrite = ({ verb }: ResourceRequest): boolean => verb !== 'get' && verb !== 'list' && verb !== 'watch'

/** How a request is counted: when it is answered or, should it go on, at its end. */
interface Seen {
  verb: string
  resource: string
  goesOn: boolean
}

const callerOf = (user: User, { headers, peer, auditId }: AskedBy, url: string): Caller => ({
  user,
  userAgent: headers['user-agent'],
  address: peer.address,
  auditId,
  uri: url.slice(0, MAX_URL),
})

const aboutResource = ({ group, version, resource, subresource, namespace, name, verb }: ResourceRequest, caller: Caller): AuditedCall => ({
  caller,
  verb,
  at: { group, version, resource },
  subresource,
  namespace,
  name,
})

/** A stream for audit. Its query stays out: commands are in it, and what they were given. */
const streamed = (info: ResourceRequest, caller: Caller): AuditedCall => ({ ...aboutResource(info, caller), streams: info.subresource !== 'log' })
