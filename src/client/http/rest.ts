import type { Readable } from 'node:stream'
import type { Api, DeleteOptions, List, ListOptions, PatchType, Target, WatchEvent, WatchOptions, WriteOptions } from '../../api/access.ts'
import { apiVersionOf } from '../../api/kinds/kind.ts'
import type { Json, KubeObject, NewObject } from '../../api/meta/object.ts'
import { type StatusError, unavailable } from '../../api/meta/status.ts'
import { pathOf } from '../../api/request-path.ts'
import type { Status } from '../../api/types/meta.ts'
import { type Clock, systemClock } from '../../base/clock.ts'
import { deepFreeze } from '../../base/freeze.ts'
import type { Connection } from '../node/kubeconfig.ts'
import { isCutOff } from './cut-off.ts'
import type { Elsewhere, WatchBody } from './elsewhere.ts'
import { failureOf } from './failure.ts'
import { Transport, type WireResponse } from './transport.ts'
import { deleteBody, listQuery, queryOf, watchQuery, writeQuery } from './urls.ts'
import { watchEvents } from './watch-lines.ts'

export interface HttpApiOptions {
  readonly clock?: Clock
  /** What stands before the first `/` is the field manager of writes that name none. */
  readonly userAgent?: string
  /** Told of each warning that the server sends. */
  readonly onWarning?: (text: string) => void
  /** Watches wait for a server that is away instead of failing as other requests do. */
  readonly watchesWait?: boolean
  /** Tried before a watch, or what is asked of one object, is made a request; for watches the server is waited for. */
  readonly elsewhere?: Elsewhere
  /** Told why the server cannot be reached, once, and with nothing when it can be again. */
  readonly onReach?: (error: StatusError | undefined) => void
  /** A session over which nothing was asked for so long is ended; none is when absent. */
  readonly restMs?: number
}

const JSON_TYPE = 'application/json'
const PATCH_TYPES: Readonly<Record<PatchType, string>> = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
}
/** An answer of this many bytes is no list of ours. */
const MAX_ANSWER = 1024 * 1024 * 1024

/** The Api of a server over HTTPS. Everything it returns is frozen; every failure is a `StatusError`. */
export class HttpApi implements Api {
  readonly transport: Transport
  readonly #headers: Readonly<Record<string, string>>
  readonly #onWarning: ((text: string) => void) | undefined
  readonly #watchesWait: boolean
  readonly #elsewhere: Elsewhere | undefined

  constructor(connection: Connection, options: HttpApiOptions = {}) {
    this.transport = new Transport(connection, { clock: options.clock ?? systemClock, onReach: options.onReach, restMs: options.restMs })
    this.#watchesWait = options.watchesWait ?? false
    this.#elsewhere = options.elsewhere
    this.#headers = { accept: 'application/json', 'user-agent': options.userAgent ?? 'everynode' }
    this.#onWarning = options.onWarning
  }

  /** Resolves when the server can be asked, however long it is away. */
  reached(signal: AbortSignal): Promise<void> {
    return this.transport.reached(signal)
  }

  /** Ends all requests and watches. */
  close(): void {
    this.transport.close()
  }

  async get<T extends KubeObject>(
    target: Target<T>,
    options: { readonly signal?: AbortSignal | undefined; readonly resourceVersion?: string } = {},
  ): Promise<T> {
    return (await this.#ask('GET', pathOf(target) + queryOf({ resourceVersion: options.resourceVersion }), undefined, options.signal)) as T
  }

  async list<T extends KubeObject>(target: Target<T>, options: ListOptions = {}): Promise<List<T>> {
    return asList(target, await this.#send('GET', pathOf(target) + queryOf(listQuery(options)), undefined, options.signal))
  }

  async create<T extends KubeObject>(target: Target<T>, object: NewObject<T>, options: WriteOptions = {}): Promise<T> {
    const { name: _, ...collection } = target
    const at = target.subresource === undefined ? collection : target
    return (await this.#ask('POST', pathOf(at) + queryOf(writeQuery(options)), withKind(target, object), options.signal)) as T
  }

  async update<T extends KubeObject>(target: Target<T>, object: NoInfer<T>, options: WriteOptions = {}): Promise<T> {
    return (await this.#ask('PUT', pathOf(target) + queryOf(writeQuery(options)), object, options.signal)) as T
  }

  async patch<T extends KubeObject>(
    target: Target<T>,
    { type, body, force }: { readonly type: PatchType; readonly body: unknown; readonly force?: boolean },
    options: WriteOptions = {},
  ): Promise<T> {
    return (await this.#ask('PATCH', pathOf(target) + queryOf({ ...writeQuery(options), force }), body, options.signal, PATCH_TYPES[type])) as T
  }

  async delete<T extends KubeObject>(target: Target<T>, options: DeleteOptions = {}): Promise<T | Status> {
    return (await this.#ask('DELETE', pathOf(target), deleteBody(options), options.signal)) as T | Status
  }

  async deleteCollection<T extends KubeObject>(target: Target<T>, options: DeleteOptions & ListOptions = {}): Promise<List<T>> {
    return asList(target, await this.#send('DELETE', pathOf(target) + queryOf(listQuery(options)), JSON.stringify(deleteBody(options)), options.signal))
  }

  async *watch<T extends KubeObject>(target: Target<T>, options: WatchOptions): AsyncIterable<readonly WatchEvent<T>[]> {
    const { signal } = options
    if (signal.aborted) return
    let body: WatchBody
    try {
      body = await this.#openWatch(pathOf(target) + queryOf(watchQuery(options)), signal)
    } catch (error) {
      if (signal.aborted) return
      throw error
    }
    yield* watchEvents<T>(body, signal)
  }

  async #openWatch(path: string, signal: AbortSignal): Promise<WatchBody> {
    const body = await this.#elsewhere?.open(path, signal)
    if (body) return body
    const response = await this.transport.request({ method: 'GET', path, headers: this.#headers, signal, waits: this.#watchesWait })
    if (response.code >= 300) throw await this.#failure(response)
    return response.body
  }

  async post(target: Target, body: Json | object, options: WriteOptions = {}): Promise<KubeObject | Status> {
    return (await this.#ask('POST', pathOf(target) + queryOf(writeQuery(options)), withKind(target, body), options.signal)) as KubeObject | Status
  }

  /** A GET whose answer is not an object (logs, `/version`): its bytes as they come. */
  async stream(path: string, signal: AbortSignal): Promise<Readable> {
    const response = await this.transport.request({ method: 'GET', path, headers: { ...this.#headers, accept: '*/*' }, signal })
    if (response.code >= 300) throw await this.#failure(response)
    return response.body
  }

  /** Of one object. */
  async #ask(method: string, path: string, body: unknown, signal: AbortSignal | undefined, type?: string): Promise<unknown> {
    const text = body === undefined ? undefined : JSON.stringify(body)
    const elsewhere = this.#onWarning ? undefined : this.#elsewhere?.ask({ method, path, type: type ?? JSON_TYPE, body: text, signal })
    if (!elsewhere) return this.#send(method, path, text, signal, type)
    const answer = await elsewhere
    if (answer.code >= 300) throw failureOf(answer.code, answer.text)
    return deepFreeze(JSON.parse(answer.text))
  }

  async #send(method: string, path: string, body: string | undefined, signal: AbortSignal | undefined, type = JSON_TYPE): Promise<unknown> {
    const headers = body === undefined ? this.#headers : { ...this.#headers, 'content-type': type }
    const response = await this.transport.request({ method, path, headers, body, signal })
    this.#warn(response)
    if (response.code >= 300) throw await this.#failure(response)
    return deepFreeze(JSON.parse(await read(response.body, signal)))
  }

  #warn({ headers }: WireResponse): void {
    if (!this.#onWarning || headers['warning'] === undefined) return
    for (const [, text = ''] of String(headers['warning']).matchAll(/299 - "((?:[^"\\]|\\.)*)"/g)) this.#onWarning(text.replace(/\\(.)/g, '$1'))
  }

  async #failure(response: WireResponse): Promise<StatusError> {
    return failureOf(response.code, await read(response.body, undefined))
  }
}

/** POST bodies say their kind; it is taken from the target when the caller left it out. A subresource's body is of its own kind. */
function withKind(target: Target, body: object | Json): unknown {
  if (target.subresource !== undefined || typeof body !== 'object' || body === null) return body
  return { apiVersion: apiVersionOf(target.kind), kind: target.kind.kind, ...body }
}

/** Items of a list do not carry their kind on the wire. */
function asList<T extends KubeObject>({ kind }: Target<T>, answer: unknown): List<T> {
  const list = answer as List<T>
  const apiVersion = apiVersionOf(kind)
  return Object.freeze({ ...list, items: Object.freeze(list.items.map(item => Object.freeze({ ...item, apiVersion, kind: kind.kind }))) })
}

async function read(body: Readable, signal: AbortSignal | undefined): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      chunks.push(chunk)
      size += chunk.length
      if (size > MAX_ANSWER) throw new Error('the answer is too long')
    }
    if (isCutOff(body)) throw new Error('the connection was lost')
  } catch (error) {
    signal?.throwIfAborted()
    throw unavailable(`the answer was cut off: ${(error as Error).message}`)
  }
  signal?.throwIfAborted()
  return Buffer.concat(chunks, size).toString('utf8')
}
