import type { Api, Target } from '../../api/access.ts'
import type { KubeObject } from '../../api/meta/object.ts'
import { StatusError, unavailable } from '../../api/meta/status.ts'
import { BATCH_BYTES, BATCH_WRITES, BATCHES_OPEN, type BatchAnswer, type NodeWrite, type WriteAnswer } from '../../api/node-writes.ts'
import type { Reports, Written } from '../../api/reports.ts'
import type { Clock } from '../../base/clock.ts'
import { deleteBody } from '../http/urls.ts'
import { ExpectedLink } from './expected-link.ts'

/** What can wait for company waits so long. */
const GATHER_MS = 50
/** What nobody waits for: an event is for people, a lease has seconds to spare. */
const PATIENT: ReadonlySet<string> = new Set(['events', 'leases'])
/** Writes longer than this go as requests of their own. */
const LONG = BATCH_BYTES / 4

interface Pending {
  readonly text: string
  readonly resolve: (written: Written) => void
  readonly reject: (error: unknown) => void
}

type LinkedApi = Api & Pick<Reports, 'reached'>

/** Takes the lines that the server answers batches with. */
export interface AttachedLink {
  heard(line: string): void
  /** The link is over: what has no answer fails as a request does whose connection is lost. */
  detach(): void
}

/**
 * What an agent writes all the time, over its link: all that falls due together is one batch, which costs a fraction of as many
 * requests. Without a link, or where the server takes no batches, each is a request.
 */
export class LinkReports implements Reports {
  readonly #api: LinkedApi
  readonly #clock: Clock
  readonly #expected = new ExpectedLink()
  readonly #open = new Map<number, readonly Pending[]>()
  #waiting: Pending[] = []
  #send: ((line: string) => void) | undefined
  #lastId = 0
  #scheduled = false
  #cancelGathering: (() => void) | undefined

  constructor({ api, clock }: { readonly api: LinkedApi; readonly clock: Clock }) {
    this.#api = api
    this.#clock = clock
  }

  create: Reports['create'] = (target, object, options) =>
    this.#write(() => this.#api.create(target, object, options), { verb: 'create', ...at(target), body: object })

  update: Reports['update'] = (target, object, options) =>
    this.#write(() => this.#api.update(target, object, options), { verb: 'update', ...at(target), body: object })

  patch: Reports['patch'] = (target, patch, options) => this.#write(() => this.#api.patch(target, patch, options), { verb: 'patch', ...at(target), ...patch })

  delete: Reports['delete'] = (target, options = {}) =>
    this.#write(() => this.#api.delete(target, options), { verb: 'delete', ...at(target), body: deleteBody(options) })

  /** What all agents write as soon as their server is back waits for the link: that costs less than a request. */
  async reached(signal: AbortSignal): Promise<void> {
    await this.#expected.wait(signal)
    if (!this.#send) await this.#api.reached?.(signal)
  }

  /** The server refuses a link: what is written is a request until there is one. */
  unlinked(): void {
    this.#expected.settled()
  }

  /** Whether writes go over a link. */
  get linked(): boolean {
    return this.#send !== undefined
  }

  /** Writes go over this link from now on. */
  attach(send: (line: string) => void): AttachedLink {
    this.#send = send
    this.#expected.settled()
    return {
      heard: line => this.#heard(JSON.parse(line) as BatchAnswer),
      detach: () => {
        if (this.#send !== send) return
        this.#send = undefined
        this.#expected.lost()
        const lost = [...[...this.#open.values()].flat(), ...this.#waiting]
        this.#open.clear()
        this.#waiting = []
        for (const { reject } of lost) reject(unavailable('the link to the server was closed'))
      },
    }
  }

  #write<T>(request: () => Promise<T>, write: NodeWrite): Promise<T | Written> {
    if (!this.#send) return request()
    const text = JSON.stringify(write)
    if (text.length > LONG) return request()
    return new Promise<Written>((resolve, reject) => {
      this.#waiting.push({ text, resolve, reject })
      if (this.#waiting.length < BATCH_WRITES && PATIENT.has(write.resource)) this.#cancelGathering ??= this.#clock.after(GATHER_MS, () => this.#flush())
      else this.#flushSoon()
    })
  }

  /** At the end of this turn of the event loop. */
  #flushSoon(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      this.#flush()
    })
  }

  #flush(): void {
    this.#cancelGathering?.()
    this.#cancelGathering = undefined
    while (this.#send && this.#waiting.length > 0 && this.#open.size < BATCHES_OPEN) {
      let count = 0
      for (let size = 0; count < Math.min(this.#waiting.length, BATCH_WRITES) && size < LONG; count++) size += this.#waiting[count]!.text.length
      const batch = this.#waiting.splice(0, count)
      const id = ++this.#lastId
      this.#open.set(id, batch)
      this.#send(`{"id":${id},"writes":[${batch.map(({ text }) => text).join(',')}]}\n`)
    }
  }

  #heard({ id, answers }: BatchAnswer): void {
    const batch = this.#open.get(id)
    if (!batch) return
    this.#open.delete(id)
    for (const [i, pending] of batch.entries()) settle(pending, answers[i])
    if (this.#waiting.length > 0) this.#flushSoon()
  }
}

function settle({ resolve, reject }: Pending, answer: WriteAnswer | undefined): void {
  if (!answer) reject(unavailable('the server did not answer a write'))
  else if ('metadata' in answer) resolve(answer)
  else reject(StatusError.from(answer.status))
}

const at = ({ kind: { group, version, resource }, namespace, name, subresource }: Target<KubeObject>) => ({
  group,
  version,
  resource,
  namespace,
  name,
  subresource,
})
