import type { Duplex } from 'node:stream'
import { internalError, type StatusError } from '../../api/meta/status.ts'
import { ASKED_BYTES, type AskBegins, askBegins, goesOnText, REQUESTS_OPEN, type RequestGoesOn, watchBegins } from '../../api/node-requests.ts'
import type { Clock } from '../../base/clock.ts'
import { draining } from '../../base/node/draining.ts'
import { goOutTogether } from '../../base/node/go-out-together.ts'
import { BaseExchange } from '../http/base-exchange.ts'
import type { Exchange, Peer, ResponseHeaders } from '../http/exchange.ts'
import { tooMany } from '../http/fair-queue.ts'
import type { Outlet } from '../http/outlet.ts'
import type { AskedBy, StreamCall } from '../http/routes.ts'
import { LinkedAsk } from './linked-ask.ts'

/** What the bodies of one link hold in all before they are answered. */
const HELD_BYTES = 4 * ASKED_BYTES

/** What is asked over one link, watches and others: each is served as a request of its own, and all write to its stream. */
export class LinkRequests {
  readonly stream: Duplex
  readonly #ask: StreamCall['ask']
  readonly #open = new Map<number, LinkedWatch | LinkedAsk>()
  /** Whose body is coming. */
  #incomplete: { readonly asked: AskBegins; readonly pieces: Buffer[]; missing: number } | undefined
  /** Bytes of bodies whose answers are owed. */
  #held = 0
  #draining: Promise<void> | undefined
  #whenNone: (() => void) | undefined

  constructor(stream: Duplex, ask: StreamCall['ask']) {
    this.stream = stream
    this.#ask = ask
  }

  /** The link is closed. */
  gone(): void {
    for (const one of this.#open.values()) one.gone()
    this.#open.clear()
  }

  /** Takes a line of the agent; says how many bytes follow. Throws when it asks nothing, or gives what it asks the number of another. */
  take(line: Buffer): number {
    const text = line.toString('latin1')
    const watch = watchBegins(text)
    const asked = watch ? undefined : askBegins(text)
    if (watch) {
      if (watch.path === undefined) this.#leave(watch.number)
      else this.#begin(watch.number, by => new LinkedWatch(this, by, watch.number, watch.path!))
    } else if (!asked || asked.bytes > ASKED_BYTES) throw new Error('nothing can be made of a line over a link')
    else if (this.#held + asked.bytes > HELD_BYTES) this.#refuse(asked.number, tooMany('the link has too much open'))
    else if (asked.bytes === 0) this.#serve(asked, [])
    else this.#incomplete = { asked, pieces: [], missing: asked.bytes }
    return asked?.bytes ?? 0
  }

  /** Takes some of the bytes that follow a line. */
  bytes(piece: Buffer): void {
    const coming = this.#incomplete
    if (!coming) return
    coming.pieces.push(piece)
    coming.missing -= piece.length
    if (coming.missing > 0) return
    this.#incomplete = undefined
    this.#serve(coming.asked, coming.pieces)
  }

  #serve(asked: AskBegins, body: readonly Buffer[]): void {
    this.#begin(asked.number, by => {
      this.#held += asked.bytes
      return new LinkedAsk(this, by, asked, Buffer.concat(body))
    })
  }

  #leave(number: number): void {
    const one = this.#open.get(number)
    if (!one) return
    this.#forget(one)
    one.gone()
  }

  #forget(one: LinkedWatch | LinkedAsk): void {
    this.#open.delete(one.number)
    this.#held -= one.bytes
  }

  #begin(number: number, make: (by: AskedBy) => LinkedWatch | LinkedAsk): void {
    if (this.#open.has(number)) throw new Error(`two requests over a link have the number ${number}`)
    // The end of the link is the answer.
    if (this.#whenNone) return
    if (this.#open.size >= REQUESTS_OPEN) {
      this.#refuse(number, tooMany('the link has too many requests open'))
      return
    }
    this.#ask(by => {
      const one = make(by)
      this.#open.set(number, one)
      return one
    })
  }

  /** Begins none any more; calls when none is open. */
  close(whenNone: () => void): void {
    this.#whenNone = whenNone
    if (this.#open.size === 0) whenNone()
  }

  /** Writes a piece of what a watch says; false: wait for `drained`. */
  write(number: number, piece: Buffer | string): boolean {
    const { stream } = this
    const bytes = typeof piece === 'string' ? Buffer.from(piece) : piece
    goOutTogether(stream)
    stream.write(goesOnText({ type: 'events', number, bytes: bytes.length }))
    return stream.write(bytes)
  }

  /** Writes the last that is said of a request. */
  end(one: LinkedWatch | LinkedAsk, said: RequestEnds, body?: Buffer): void {
    const { number } = one
    if (this.#open.get(number) !== one) return
    this.#forget(one)
    goOutTogether(this.stream)
    this.stream.write(goesOnText(said))
    if (body && body.length > 0) this.stream.write(body)
    if (this.#open.size === 0) this.#whenNone?.()
  }

  /** One wait for all: each listener of a stream is called by itself, and Node warns of many. */
  drained(clock: Clock): Promise<void> {
    this.#draining ??= draining(this.stream, undefined, clock)().then(() => {
      this.#draining = undefined
    })
    return this.#draining
  }

  #refuse(number: number, { code, status }: StatusError): void {
    this.stream.write(goesOnText({ type: 'refused', number, code, body: JSON.stringify(status) }))
  }
}

type RequestEnds = Exclude<RequestGoesOn, { readonly type: 'events' }>

/** One watch over a link, as a request and as what its events are written to: agents have tens of thousands open, so it holds no stream. */
class LinkedWatch extends BaseExchange implements Exchange, Outlet {
  readonly number: number
  url: string
  readonly headers: AskedBy['headers']
  readonly peer: Peer
  readonly #link: LinkRequests

  constructor(link: LinkRequests, { auditId, headers, peer }: AskedBy, number: number, url: string) {
    super(auditId)
    this.#link = link
    this.number = number
    this.url = url
    this.headers = headers
    this.peer = peer
  }

  get method(): string {
    return 'GET'
  }
  get only(): 'watches' {
    return 'watches'
  }
  /** Of its body. */
  get bytes(): number {
    return 0
  }
  override gone(): void {
    super.gone()
  }

  async readBody(): Promise<Buffer> {
    return Buffer.alloc(0)
  }
  send(code: number, _headers: ResponseHeaders, body: Uint8Array | string): void {
    this.code = code
    this.#link.end(this, { type: 'refused', number: this.number, code, body: Buffer.from(body).toString() })
  }
  openOutlet(code: number): Outlet {
    this.code = code
    // What is open for long holds what it needs only.
    this.url = ''
    this.auditId = ''
    return this
  }
  open(): never {
    throw internalError('a watch over a link is no stream')
  }
  openBothWays(): undefined {
    return undefined
  }

  get destroyed(): boolean {
    return this.aborted || this.#link.stream.destroyed
  }
  write(piece: Buffer | string): boolean {
    return this.#link.write(this.number, piece)
  }
  drained(clock: Clock): Promise<void> {
    return this.#link.drained(clock)
  }
  end(): void {
    this.#link.end(this, { type: 'ended', number: this.number })
  }
}
