import type { KubeObject } from '../../api/meta/object.ts'
import { badRequest } from '../../api/meta/status.ts'
import type { User } from '../../api/meta/user.ts'
import { BATCH_WRITES, type BatchAnswer, type NodeWrite, type WriteAnswer, type WriteBatch } from '../../api/node-writes.ts'
import type { Written } from '../../api/reports.ts'
import { pathOf } from '../../api/request-path.ts'
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { Answer, Caller, Request, RequestHandler, Served } from '../registry/request.ts'
import type { FairQueue } from './fair-queue.ts'
import { readJsonBody } from './json-body.ts'
import { answerTo, isStatusError } from './resources.ts'

export interface BatchesOptions {
  readonly handler: RequestHandler
  readonly queue: FairQueue
  readonly clock: Clock
  readonly log: Log
  /** Told of every write when it is answered. */
  readonly onAnswered: (seen: { readonly verb: string; readonly resource: string; readonly code: number; readonly milliseconds: number }) => void
}

/** Who writes over a link. */
export interface BatchCaller {
  readonly user: User
  readonly userAgent: string | undefined
  readonly address: string
  /** Throws what so many requests at once are refused with, if they are. */
  readonly admit: (count: number) => void
}

/** Answers what agents write in batches: each write as the request that it is, all of one batch at the same time. */
export class Batches {
  readonly #options: BatchesOptions

  constructor(options: BatchesOptions) {
    this.#options = options
  }

  /** The answer to one line, without its newline. Throws 400 when it is no batch. A batch waits for its turn as a request does, however long that is. */
  async answer(line: Buffer, caller: BatchCaller): Promise<string> {
    const { queue } = this.#options
    const { name } = caller.user
    await queue.enter(name, 'bulk')
    try {
      const { id, writes } = asBatch(readJsonBody(line).value)
      const refusal = refused(() => caller.admit(writes.length))
      const answers = await Promise.all(writes.map(write => refusal ?? this.#one(write, caller)))
      return JSON.stringify({ id, answers } satisfies BatchAnswer)
    } finally {
      queue.leave(name, 'bulk')
    }
  }

  async #one(write: NodeWrite, caller: BatchCaller): Promise<WriteAnswer> {
    const { handler, clock, log, onAnswered } = this.#options
    const began = clock.now()
    let code: number
    let answer: WriteAnswer
    // As they are counted: what a write says of itself may be anything.
    let verb = 'other'
    let resource = ''
    try {
      const served = typeof write.resource === 'string' ? handler.served(write.group, write.version, write.resource) : undefined
      if (!served) throw badRequest('the write names no resource that is served')
      const request = requestOf(write, served, caller)
      verb = request.verb
      resource = 'subresource' in request && request.subresource !== undefined ? `${write.resource}/${request.subresource}` : write.resource
      const answered = await handler.handle(request)
      code = answered.code
      answer = writtenOf(answered.body)
    } catch (error) {
      if (!isStatusError(error)) log.error('request failed', { resource, error })
      const { status } = answerTo(error)
      code = status.code
      answer = { status }
    }
    onAnswered({ verb, resource, code, milliseconds: clock.now() - began })
    return answer
  }
}

function refused(admit: () => void): WriteAnswer | undefined {
  try {
    admit()
    return undefined
  } catch (error) {
    if (!isStatusError(error)) throw error
    return { status: error.status }
  }
}

function asBatch(value: unknown): WriteBatch {
  const { id, writes } = (value ?? {}) as Partial<WriteBatch>
  const good = Number.isSafeInteger(id) && Array.isArray(writes) && writes.length <= BATCH_WRITES
  if (!good || !writes.every(write => typeof write === 'object' && write !== null)) throw badRequest('the line is no batch of writes')
  return value as WriteBatch
}

function requestOf(write: NodeWrite, served: Served, { user, userAgent, address }: BatchCaller): Request {
  const { verb, body, type } = write
  const namespace = text(write.namespace, 'namespace')
  const name = text(write.name, 'name')
  const subresource = text(write.subresource, 'subresource')
  const uri = pathOf({ kind: served.at, namespace, name: verb === 'create' ? undefined : name, subresource })
  const caller: Caller = { user, userAgent, address, uri }
  if (served.at.namespaced !== (namespace !== undefined)) throw badRequest(`${served.at.resource} are ${served.at.namespaced ? '' : 'not '}in a namespace`)
  const about = { caller, served, namespace, query: {} }
  if (verb === 'create') return { ...about, verb, body: { value: body, json: true } }
  if (name === undefined) throw badRequest('the write names no object')
  switch (verb) {
    case 'update':
      return { ...about, verb, name, subresource, body: { value: body, json: true } }
    case 'patch':
      if (type !== 'merge' && type !== 'strategic' && type !== 'json') throw badRequest('a patch in a batch is of type json, merge or strategic')
      return { ...about, verb, name, subresource, type, body: { value: body, json: true } }
    case 'delete':
      return { ...about, verb, name, options: body }
    default:
      throw badRequest('a write creates, updates, patches or deletes')
  }
}

function text(value: unknown, field: string): string | undefined {
  if (value === undefined || (typeof value === 'string' && value !== '')) return value
  throw badRequest(`${field} of a write must be a text`)
}

function writtenOf(body: Answer['body']): Written {
  const { name, uid, resourceVersion } = (body as KubeObject).metadata
  return { metadata: { name, uid, resourceVersion } }
}
